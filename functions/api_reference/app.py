"""HTTP: the description of the whole API, as a document and as a page to try it out; not in prod."""

from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response

from tillbridge.http.entry import entry
from tillbridge.http.resolver import build_resolver

app = build_resolver("API reference")


@cache
def document() -> str:
    """The merged document of all functions, as ``python -m local.openapi`` wrote it."""
    return Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")


@cache
def page() -> str:
    """Swagger UI with everything in it: it loads nothing from other servers."""
    from aws_lambda_powertools.event_handler.openapi import swagger_ui  # noqa: PLC0415 - slow, for this alone

    assets = Path(swagger_ui.__file__).parent
    script, style = (
        (assets / name).read_text(encoding="utf-8")
        for name in ("swagger-ui-bundle.min.js", "swagger-ui.min.css")
    )
    return swagger_ui.generate_swagger_html(document().replace("</", "<\\/"), script, style, "", None)


@app.get("/openapi.json", include_in_schema=False, enable_validation=False)
def get_document() -> Response[Any]:
    """The OpenAPI document."""
    return Response(200, "application/json", document())


@app.get("/docs", include_in_schema=False, enable_validation=False, compress=True)
def get_page() -> Response[Any]:
    """The page."""
    return Response(200, "text/html; charset=utf-8", page())


handler = entry(app, lambda: (document(), page()))
