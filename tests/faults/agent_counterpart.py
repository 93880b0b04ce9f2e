"""What the agent process talks to in tests: moto's Cognito and SQS, and a small HTTP server with the truth."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
from moto.server import ThreadedMotoServer

from tests.unit.edge.cloud_truth import CloudTruth
from tillbridge_agent.model import Answered, Sighting

REGION = "eu-central-1"
PASSWORD = "a-Long-Secret-0123456789"
CODE = "K7PM-2QXR"


class QuietServer(ThreadingHTTPServer):
    """A killed agent leaves broken connections: they are what the test is about, not errors."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Counterpart:
    """The cloud of one agent; a context manager. `fail` may answer a request with a status of its own."""

    def __init__(self, truth: CloudTruth) -> None:
        self.truth = truth
        self.fail: Callable[[str, str], int | None] = lambda method, path: None
        self.enrolments: list[dict[str, Any]] = []
        self.token_lifetime_s = 3600

    def __enter__(self) -> Counterpart:
        self._moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._moto.start()
        host, port = self._moto.get_host_and_port()
        self.aws = f"http://{host}:{port}"
        self.sqs = self._client("sqs")
        self.queue_url = self.sqs.create_queue(
            QueueName="agent-1.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "2"}
        )["QueueUrl"]
        pool = self._client("cognito-idp")
        pool_id = pool.create_user_pool(PoolName="people")["UserPool"]["Id"]
        self.client_id = pool.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="agents",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        pool.admin_create_user(UserPoolId=pool_id, Username="agent-1", MessageAction="SUPPRESS")
        pool.admin_set_user_password(UserPoolId=pool_id, Username="agent-1", Password=PASSWORD, Permanent=True)
        self._http = QuietServer(("127.0.0.1", 0), self._handler())
        self.api = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._moto.stop()

    def environment(self) -> dict[str, str]:
        """What makes botocore in the agent process find moto."""
        return {"AWS_ENDPOINT_URL": self.aws, "NO_PROXY": "*"}

    def send(self, job: dict[str, Any], copy: int = 0) -> None:
        """Put a job into the queue; copies of a job are messages of their own."""
        self.sqs.send_message(
            QueueUrl=self.queue_url,
            MessageBody=json.dumps(job),
            MessageGroupId=job["device"],
            MessageDeduplicationId=f"{job['device']}-{job['sequence']}-{copy}".replace(".", "_"),
        )

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """The agent protocol."""
        truth = self.truth
        if path == "/enrolments":
            return self._enrol(body)
        if path == "/queue-credentials":
            return 201, {
                "queue_url": self.queue_url, "region": REGION, "access_key_id": "testing",
                "secret_access_key": "testing", "session_token": "testing", "expires_at": "2099-01-01T00:00:00Z",
            }  # fmt: skip
        if path == "/devices":
            return 200, {
                "devices": [
                    {"device": n.device, "last_sequence": n.last_sequence, "answered_sequence": n.answered_sequence}
                    for n in truth.devices()
                ]
            }
        if path == "/jobs":
            return 200, {"jobs": truth.jobs(query["device"][0], int(query["after"][0]))}
        if path == "/job-results":
            accepted = truth.send_results([Answered(**result) for result in body["results"]])
            return 200, {"accepted": [{"device": device, "sequence": sequence} for device, sequence in accepted]}
        if path == "/file-sightings":
            assert all(seen.pop("event") == "collected" for seen in body["sightings"])
            truth.send_sightings([Sighting(**seen) for seen in body["sightings"]])
            return 200, {}
        if path == "/health-reports":
            truth.health.append(body)
            return 200, {}
        return 404, {"type": "urn:tillbridge:problem:unknown-route", "detail": f"{method} {path}"}

    def _enrol(self, body: Any) -> tuple[int, Any]:
        if body["code"] != CODE:
            return 422, {"type": "urn:tillbridge:problem:enrolment-code-unknown", "detail": "This code is not known."}
        self.enrolments.append(body)
        return 201, {
            "agent_id": "a1", "branch": "01", "workstation": "till-1", "username": "agent-1",
            "password": PASSWORD, "client_id": self.client_id, "region": REGION,
        }  # fmt: skip

    def _client(self, name: str) -> Any:
        return botocore.session.Session().create_client(
            name, region_name=REGION, endpoint_url=self.aws, aws_access_key_id="testing", aws_secret_access_key="testing"
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        counterpart = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                self._answer(json.loads(self.rfile.read(length) or b"null"))

            def log_message(self, *_: object) -> None:
                """Be quiet."""

            def _answer(self, body: Any) -> None:
                parts = urlsplit(self.path)
                open_to_all = parts.path == "/enrolments"
                status = counterpart.fail(self.command, parts.path)
                answer: Any = {"type": "about:blank"}
                if status is None and not open_to_all and not self.headers.get("Authorization", "").startswith("Bearer "):
                    status = 401
                if status is None:
                    status, answer = counterpart.answer(self.command, parts.path, parse_qs(parts.query), body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
