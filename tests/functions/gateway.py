"""A small real HTTP server in the place of API Gateway: HTTP in, an event of payload 2.0 to the real handler.

It does what the HTTP API of ``template.yaml`` does: looks at the token, knows the routes, decodes the path
(every escape but ``%25``), joins repeated headers and parameters, answers by itself as ``{"message": …}``.

    with Gateway({"payments": payments_app.handler}, tokens.get) as gateway:
        httpx.get(gateway.url + "/payments", headers={"Authorization": "Bearer till-1"})
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote

from samtranslator.yaml_helper import yaml_parse

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
Claims = Callable[[str], Mapping[str, object] | None]
"""From a token to what it claims; None for one that is expired, foreign or made up."""

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
MAX_BODY_BYTES = 10 * 1024 * 1024
_ESCAPES_BUT_PERCENT = re.compile(r"(?:%(?!25)[0-9A-Fa-f]{2})+")
_TEXT = ("application/json", "text/", "application/xml", "application/javascript")


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda tells a function about the call."""

    aws_request_id: str = "6f0cfa5c-2f4e-4b06-9d9f-0c5a4c0e6c11"
    function_name: str = "tillbridge"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:tillbridge"

    def get_remaining_time_in_millis(self) -> int:
        """How long the call may still take."""
        return 30_000


@dataclass(frozen=True)
class Route:
    """A route of the template: ``ANY /payments/{proxy+}``."""

    method: str
    path: str
    wants_token: bool

    def fits(self, method: str, path: str) -> bool:
        """True when a request of this method and path takes this route."""
        start, _, greedy = self.path.partition("{proxy+}")
        below = bool(self.path != start) and path.startswith(start) and len(path) > len(start)
        return self.method in {"ANY", method} and (below or (not greedy and path == self.path))


@cache
def routes() -> tuple[Route, ...]:
    """The routes of the HTTP API, as ``template.yaml`` has them."""
    resources = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"].values()
    triggers = [
        one for resource in resources for one in resource.get("Properties", {}).get("Events", {}).values()
    ]
    return tuple(
        Route(one["Method"], one["Path"], one.get("Auth", {}).get("Authorizer") != "NONE")
        for one in (trigger["Properties"] for trigger in triggers if trigger["Type"] == "HttpApi")
    )


def route_of(method: str, path: str) -> Route | None:
    """The route that a request takes; None for one that the gateway answers with 404."""
    return next((route for route in routes() if route.fits(method, path)), None)


def event_of(
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | dict[str, Any] | None = None,
    claims: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The event that API Gateway makes of a request; ``target`` is path and query as sent."""
    raw_path, _, query = target.partition("?")
    path = _ESCAPES_BUT_PERCENT.sub(lambda run: unquote(run.group(), errors="replace"), raw_path)
    rest = path[1:].partition("/")[2]
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if isinstance(body, dict):
        body, sent = json.dumps(body), {"content-type": "application/json", **sent}
    taken = route_of(method, path)
    route = f"{taken.method} {taken.path}" if taken else "$default"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": sent,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "20/Nov/2026:10:15:00 +0000",
            "timeEpoch": 1795169700000,
        },
        "isBase64Encoded": False,
    }
    if rest:
        event["pathParameters"] = {"proxy": rest}
    if query:
        event["queryStringParameters"] = _joined(parse_qsl(query, keep_blank_values=True))
    if claims is not None:
        as_text = {name: _claim_text(value) for name, value in claims.items()}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": as_text, "scopes": None}}
    if body:
        _put_body(event, body)
    return event


def _put_body(event: dict[str, Any], body: bytes | str) -> None:
    content = body.encode() if isinstance(body, str) else body
    if event["headers"].get("content-type", "application/json").startswith(_TEXT):
        event["body"] = content.decode("utf-8", errors="replace")
    else:
        event["body"], event["isBase64Encoded"] = base64.b64encode(content).decode(), True


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    together: dict[str, str] = {}
    for name, value in pairs:
        together[name] = f"{together[name]},{value}" if name in together else value
    return together


def _claim_text(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + " ".join(str(one) for one in value) + "]"
    return value if isinstance(value, str) else json.dumps(value)


class Gateway:
    """The HTTP API over real handlers; ``functions`` maps the first path segment to who serves it.

    One request is answered at a time, as one instance of a function does it.
    """

    def __init__(self, functions: Mapping[str, Handler], claims: Claims) -> None:
        self._functions = functions
        self._claims = claims
        self._one_at_a_time = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._connection_class())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, such as ``http://127.0.0.1:40123``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Gateway:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """What the API answers to one request, in Lambda's shape."""
        path = target.partition("?")[0]
        handler, route = self._functions.get(path[1:].partition("/")[0]), route_of(method, path)
        if handler is None or route is None:
            return _own_answer(404, "Not Found")
        if len(body) > MAX_BODY_BYTES:
            return _own_answer(413, "Request Entity Too Large")
        claims = None
        if route.wants_token:
            claims = self._claims(headers.get("authorization", "").removeprefix("Bearer ").strip())
            if claims is None:
                return _own_answer(401, "Unauthorized")
        event = event_of(method, target, headers=headers, body=body, claims=claims)
        with self._one_at_a_time:
            try:
                return handler(json.loads(json.dumps(event)), LambdaContext())
            except Exception:  # noqa: BLE001 -- whatever escapes a function is a 500 of the gateway
                return _own_answer(500, "Internal Server Error")

    def _connection_class(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class Connection(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                headers = _joined([(name.lower(), value) for name, value in self.headers.items()])
                answer = gateway.answer(self.command, self.path, headers, self.rfile.read(size))
                body = answer.get("body") or ""
                content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
                self.send_response(answer["statusCode"])
                for name, value in (answer.get("headers") or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.serve
                raise AttributeError(name)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: the tests' output is theirs."""

        return Connection


def _own_answer(status: int, message: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"message": message})}
