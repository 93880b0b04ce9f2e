"""The API's description: a document, and a page that needs no other server."""

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

from functions.api_reference import app as api_reference
from tests.functions.gateway import LambdaContext, event_of

EVENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events/api_reference.json").read_text())


def test_the_recorded_event_shows_the_page() -> None:
    answer = api_reference.handler(EVENT, LambdaContext())
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert len(answer["body"]) < 6_000_000, "Lambda's answers end there"
    page = gzip.decompress(base64.b64decode(answer["body"])).decode()
    assert "Tillbridge" in page
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", page), "it loads nothing from elsewhere"


def test_a_browser_without_gzip_gets_the_page_as_it_is() -> None:
    answer = api_reference.handler(event_of("GET", "/docs"), LambdaContext())
    assert answer["body"].startswith("<!DOCTYPE html>")


def test_the_document_is_the_written_one() -> None:
    answer = api_reference.handler(event_of("GET", "/openapi.json"), LambdaContext())
    assert answer["headers"]["Content-Type"] == "application/json"
    assert json.loads(answer["body"])["info"]["title"] == "Tillbridge"
