"""The one way in: routing, limits, validation, and every error as a problem (RFC 9457).

How a number reaches us in a path. An HTTP API (payload 2.0) decodes every percent escape of the path once,
except ``%25``, which stays as it is. A client encodes each path segment once, as for any server; here the
one escape that is left becomes ``%`` again. So ``/payments/B%C3%A4r%20100%25`` names ``Bär 100%``.
Powertools' own pattern for a path parameter knows only some signs; ours takes whatever is no slash.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from tillbridge.kernel.errors import NotFound, Refused, Unavailable, Words

from .answers import MAX_BODY_BYTES
from .problems import (
    CONTENT_TYPE,
    Malformed,
    Misshapen,
    NotJson,
    Problem,
    TooLarge,
    Wording,
    WrongMethod,
    language_of,
    misshapen,
)

SERVICE = "tillbridge"
"""The name under which logs and metrics of all functions stand."""

logger = Logger(service=SERVICE, child=True)
_JSON = "application/json"
_FIRST_FAILURE = 400
_WHATEVER_IS_NO_SLASH = r"(?P\1[^/]+)"
_PARAMETER = re.compile(r"(<\w+>)")


class Resolver(APIGatewayHttpResolver):
    """Powertools' resolver for HTTP APIs, with our limits and our problems."""

    def __init__(self, title: str, wording: Wording) -> None:
        super().__init__(
            enable_validation=True,
            response_validation_error_http_code=500,
            json_body_deserializer=read_json,
        )
        self.title = title
        self.wording = wording
        self.sign_in_clients: Callable[[], Mapping[str, str]] = dict
        self.use([_refuse_unknown_parameters])
        self._register_problems()

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answer one event of API Gateway; nothing escapes as an exception."""
        refusal = _unreadable(event)
        if refusal is None:
            answer = super().resolve(event, context)
        else:
            problem = self._problem(refusal, event, context)
            answer = {"statusCode": problem.status, "headers": _headers(problem), "body": _dumped(problem)}
        if answer["statusCode"] < _FIRST_FAILURE:
            logger.info("request answered", route=event.get("routeKey"), status=answer["statusCode"])
        answer["headers"].setdefault("Cache-Control", "no-store")
        return answer

    @property
    def routes(self) -> list[Route]:
        """The routes of this function (Powertools makes up another one where none fits)."""
        return [*self._static_routes, *self._dynamic_routes]

    def warm(self) -> None:
        """Build what is otherwise built at a route's first request, so that a snapshot holds it."""
        for route in self.routes:
            _ = route.dependant

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = r"^{}\Z") -> re.Pattern[str]:
        return re.compile(base_regex.format(_PARAMETER.sub(_WHATEVER_IS_NO_SLASH, rule)))

    def _convert_matches_into_route_keys(self, match: re.Match[str]) -> dict[str, str]:
        return {name: part.replace("%25", "%") for name, part in match.groupdict().items()}

    def _register_problems(self) -> None:
        for kind in (Refused, Unavailable, Exception):
            self.exception_handler(kind)(self._answer)
        self.exception_handler(NotFoundError)(lambda _: self._answer(self._no_route()))
        self.exception_handler(RequestValidationError)(lambda error: self._answer(misshapen(error.errors())))
        self.exception_handler(RequestUnsupportedContentType)(
            lambda _: self._answer(NotJson("content-type-not-json", value=self._sent_as()))
        )

    def _answer(self, error: Exception) -> Response[Any]:
        problem = self._problem(error, self.current_event.raw_event, self.lambda_context)
        return Response(
            status_code=problem.status,
            content_type=CONTENT_TYPE,
            body=_dumped(problem),
            headers={**_headers(problem), **_allowed(error)},
        )

    def _problem(self, error: Exception, event: Mapping[str, Any], context: Any) -> Problem:
        reference = str(getattr(context, "aws_request_id", "-"))
        language = language_of(_header(event, "accept-language"))
        problem = self.wording.problem(error, language, reference=reference)
        _note(error, problem, event)
        return problem

    def _sent_as(self) -> str | None:
        return _header(self.current_event.raw_event, "content-type")

    def _no_route(self) -> Refused:
        """405 where other methods are possible at the address, 404 where nothing is."""
        path = self.current_event.path
        possible = sorted({route.method for route in self.routes if route.rule.match(path)})
        if not possible:
            return NotFound("address-unknown")
        method = self.current_event.http_method
        return WrongMethod("method-not-possible", value=method, possible=", ".join(possible))


def build_resolver(title: str, *rooms: Mapping[str, Words]) -> Resolver:
    """The resolver of one function; ``rooms`` are the ``REFUSALS`` of the rooms that it uses."""
    return Resolver(title, Wording(*rooms))


_Next = Callable[[Resolver], Response[Any]]


def read_json(text: str) -> Any:
    """Read a request's body strictly: one JSON object without doubled names, NaN or half characters."""
    try:
        body = json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_doubles)
        if "\\u" in text:
            json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Malformed("body-is-not-json", reason="half a character (a lone surrogate)") from None
    except RecursionError:
        raise Malformed("body-is-not-json", reason="nested too deeply") from None
    except json.JSONDecodeError as error:
        raise Malformed(
            "body-is-not-json", reason=f"{error.msg}, line {error.lineno}, column {error.colno}"
        ) from None
    except ValueError as error:
        raise Malformed("body-is-not-json", reason=str(error)[:80]) from None
    if not isinstance(body, dict):
        raise Misshapen([Refused("field-not-object", field="body")])
    return body


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return members


def _unreadable(event: Mapping[str, Any]) -> Refused | None:
    """What is wrong with the body before anything reads it."""
    body = event.get("body")
    if not body:
        return None
    try:
        content = b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        if len(content) > MAX_BODY_BYTES:
            return TooLarge("body-too-large", bytes=len(content), max_bytes=MAX_BODY_BYTES)
        content.decode()
    except ValueError:
        return Malformed("body-is-not-json", reason="not UTF-8")
    sent_as = _header(event, "content-type")
    if sent_as and sent_as.split(";")[0].strip().lower() != _JSON:
        return NotJson("content-type-not-json", value=sent_as)
    return None


def _refuse_unknown_parameters(app: Resolver, next_middleware: _Next) -> Response[Any]:
    """A misspelt filter must not silently list everything."""
    route = app.context["_route"]
    if route in app.routes:
        known = {param.alias for param in route.dependant.query_params}
        given = app.current_event.query_string_parameters
        unknown = [name for name in given if name not in known]
        if unknown:
            raise Misshapen([Refused("field-unknown", field=name, value=given[name]) for name in unknown])
    return next_middleware(app)


def _note(error: Exception, problem: Problem, event: Mapping[str, Any]) -> None:
    """One line for each request that was not done; values stay out of the log."""
    facts: dict[str, Any] = {"route": event.get("routeKey"), "status": problem.status, "code": problem.code}
    if isinstance(error, Refused):
        logger.info(
            "request refused",
            fields=[str(entry["field"]) for entry in problem.errors if entry["code"] != "field-unknown"],
            **facts,
        )
    elif isinstance(error, Unavailable):
        logger.warning("request not done: outside not available", exc_info=error, **facts)
    else:
        logger.error("request failed by a bug", exc_info=error, **facts)


def _headers(problem: Problem) -> dict[str, str]:
    return {"Content-Type": CONTENT_TYPE, **problem.headers()}


def _allowed(error: Exception) -> dict[str, str]:
    return {"Allow": str(error.facts["possible"])} if isinstance(error, WrongMethod) else {}


def _dumped(problem: Problem) -> str:
    return json.dumps(problem.body(), ensure_ascii=False)


def _header(event: Mapping[str, Any], name: str) -> str | None:
    return next((text for key, text in (event.get("headers") or {}).items() if key.lower() == name), None)
