"""One OpenAPI document out of those of all functions; the same path or name in two of them is an error.

python -m local.openapi            writes functions/api_reference/openapi.json
python -m local.openapi --check    says whether that file is up to date
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tillbridge.http.resolver import Resolver

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "functions" / "api_reference" / "openapi.json"
SECURITY_SCHEME = "accessToken"
_LEFT_OUT = frozenset({"HTTPValidationError", "ResponseValidationError", "ValidationError"})
"""Powertools' own shapes of errors: ours are problems (RFC 9457)."""

_FIRST_REFUSAL = 400

INFO = {
    "title": "Tillbridge",
    "version": "1",
    "description": (
        "The bridge between a shop's tills, its accountant and its bank.\n\n"
        "Every request but `POST /enrolments` carries an access token of the user pool. Refusals are "
        "`application/problem+json` (RFC 9457) in German or English, as `Accept-Language` prefers. What "
        'the gateway answers by itself is `{"message": …}`: a missing, expired or foreign token (401), '
        "an address that nobody serves (404), too many requests (429), no answer in time (503).\n\n"
        "A path segment is percent-encoded once, as for any server: `/payments/B%C3%A4r%20100%25`."
    ),
}


class MergeConflict(Exception):
    """Two functions describe the same path or name differently."""


def merged_document() -> dict[str, Any]:
    """The document of all functions together; ``MergeConflict`` where two contradict each other."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    refusals: dict[str, Any] = {}
    for name in api_functions():
        part = _document_of(importlib.import_module(f"functions.{name}.app").app)
        _merge(refusals, _take_refusals(part), f"refusals of {name}")
        _merge(paths, part["paths"], f"paths of {name}")
        _merge(schemas, part.get("components", {}).get("schemas", {}), f"schemas of {name}")
    schemas = {name: schema for name, schema in schemas.items() if name not in _LEFT_OUT}
    _merge(schemas, _problem_schemas(), "schemas of problems")
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [{SECURITY_SCHEME: []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": dict(sorted(refusals.items())),
            "securitySchemes": {
                SECURITY_SCHEME: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token (not the ID token) of the user pool.",
                }
            },
        },
    }


def api_functions() -> list[str]:
    """The names of all functions that answer HTTP with a document of their own."""
    return sorted(folder.parent.name for folder in (ROOT / "functions").glob("*_api/app.py"))


def rendered(document: dict[str, Any]) -> str:
    """The document as the file holds it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _document_of(app: Resolver) -> dict[str, Any]:
    part: dict[str, Any] = json.loads(app.get_openapi_json_schema(title=app.title, openapi_version="3.1.0"))
    routes = {(route.openapi_path, route.method.lower()): route for route in app.routes}
    for path, operations in part.get("paths", {}).items():
        for method, operation in operations.items():
            route = routes[path, method]
            operation["operationId"] = route.func.__name__
            operation["description"] = inspect.getdoc(route.func)
            operation["responses"]["500"] = (route.responses or {})[500]  # Powertools puts its own there
            if "401" not in operation["responses"]:
                operation["security"] = []  # answers().signed_in is false: asked without a token
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return part


def _take_refusals(part: dict[str, Any]) -> dict[str, Any]:
    """Every operation refuses alike: each status is described once, and the operations refer to it."""
    refusals: dict[str, Any] = {}
    for operations in part.get("paths", {}).values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= _FIRST_REFUSAL:
                    _merge(refusals, {f"Status{status}": answer}, operation["operationId"])
                    operation["responses"][status] = {"$ref": f"#/components/responses/Status{status}"}
    return refusals


def _merge(whole: dict[str, Any], part: dict[str, Any], place: str) -> None:
    for name, content in part.items():
        if whole.setdefault(name, content) != content:
            raise MergeConflict(f"{name} ({place}) is described differently elsewhere")


def _problem_schemas() -> dict[str, Any]:
    from tillbridge.http.answers import PROBLEM_SCHEMAS  # noqa: PLC0415 -- after the path is known

    return PROBLEM_SCHEMAS


def dangling(document: dict[str, Any]) -> set[str]:
    """What is referred to and does not exist."""
    wanted = set(re.findall(r'"#/components/([^"]+)"', json.dumps(document)))
    there = {f"{kind}/{name}" for kind, named in document["components"].items() for name in named}
    return wanted - there


def main(arguments: list[str]) -> int:
    """Write the document, or check it; returns the exit status."""
    text = rendered(merged_document())
    if arguments == ["--check"]:
        if DOCUMENT.is_file() and DOCUMENT.read_text(encoding="utf-8") == text:
            return 0
        print(f"{DOCUMENT.relative_to(ROOT)} is out of date: run `python -m local.openapi`.")
        return 1
    DOCUMENT.write_text(text, encoding="utf-8")
    print(f"Wrote {DOCUMENT.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "layers" / "core"))
    raise SystemExit(main(sys.argv[1:]))
