"""Every answer that a route can give, for the OpenAPI document (``responses=``)."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Header

from .problems import CONTENT_TYPE
from .refusals import TITLES

MAX_BODY_BYTES = 64 * 1024
"""A request's body is at most this large."""

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A value of the caller's own for this request (1 to 200 visible ASCII characters). "
        "The same value with the same body, also a year later, gives the first answer again; "
        "with another body it is refused (409).",
    ),
]
"""The header of every route that must do the same request once only (PF-12); missing or misformed is 400."""

_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
_GATEWAY = {"schema": {"$ref": "#/components/schemas/GatewayAnswer"}}
_FROM_GATEWAY = frozenset({401, 403, 404, 413, 429, 500, 503})
_ALWAYS = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503)
_OPEN = (400, 404, 405, 413, 415, 422, 429, 500, 503)


def answers(
    model: Any,
    status: int = 200,
    description: str = "Done.",
    *,
    conflict: bool = False,
    signed_in: bool = True,
) -> dict[int, Any]:
    """The ``responses=`` of a route that answers with ``model`` and ``status`` when all went well.

    ``conflict`` adds 409; ``signed_in=False`` leaves out what only signed-in routes answer.
    """
    statuses = (_ALWAYS if signed_in else _OPEN) + ((409,) if conflict else ())
    documented: dict[int, Any] = {status: {"description": description, "content": _success(model)}}
    documented.update((code, _failure(code)) for code in sorted(statuses))
    return documented


def _success(model: Any) -> dict[str, Any]:
    return {"application/json": {"model": model}}


def _failure(status: int) -> dict[str, Any]:
    if status == _TOO_MANY:
        return {"description": "Too many requests (answered by the gateway)", "content": _from_gateway()}
    content = {CONTENT_TYPE: _PROBLEM}
    if status in _FROM_GATEWAY:
        content |= _from_gateway()
    return {"description": TITLES[status].en, "content": content}


def _from_gateway() -> dict[str, Any]:
    return {"application/json": _GATEWAY}


_TOO_MANY = 429

PROBLEM_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "title": "Problem",
        "description": "Why a request was not done (RFC 9457). The texts are German or English, as "
        "`Accept-Language` prefers.",
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "description": "Stable name of the problem: `urn:tillbridge:problem:` and its code.",
                "pattern": "^urn:tillbridge:problem:[a-z0-9-]+$",
            },
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What is wrong, and what would be right."},
            "instance": {"type": "string", "description": "Where the operator finds it in the log."},
            "errors": {
                "type": "array",
                "description": "One entry for each field at fault.",
                "items": {"$ref": "#/components/schemas/FieldProblem"},
            },
        },
        "additionalProperties": False,
    },
    "FieldProblem": {
        "title": "FieldProblem",
        "type": "object",
        "required": ["field", "code", "detail"],
        "properties": {
            "field": {"type": "string", "description": "The field's path, such as `lines.0.amount`."},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "value": {
                "description": "What was sent, cut if long.",
                "type": ["string", "integer", "boolean", "number"],
            },
        },
        "additionalProperties": False,
    },
    "GatewayAnswer": {
        "title": "GatewayAnswer",
        "description": "What the gateway answers by itself, before the request reaches us: an expired or "
        "foreign token (401), an unknown address (404), too many requests (429), no answer in time (503).",
        "type": "object",
        "required": ["message"],
        "properties": {"message": {"type": ["string", "null"]}},
    },
}
"""The schemas that the documents of all functions share."""
