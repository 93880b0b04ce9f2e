"""What the agent process talks to in tests: moto's Cognito and SQS, and a small server with the truth."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
import urllib3
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
        self.fail: Callable[[str, str], int | None] = lambda *_: None
        self.enrolments: list[dict[str, Any]] = []

    def __enter__(self) -> Counterpart:
        self._moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._moto.start()
        host, port = self._moto.get_host_and_port()
        self.aws = f"http://{host}:{port}"
        urllib3.request("POST", f"{self.aws}/moto-api/reset")
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
        pool.admin_set_user_password(
            UserPoolId=pool_id, Username="agent-1", Password=PASSWORD, Permanent=True
        )
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

    def answer(self, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """The agent protocol."""
        act = {
            "/enrolments": self._enrol,
            "/queue-credentials": self._queue_credentials,
            "/job-results": self._job_results,
            "/file-sightings": self._file_sightings,
            "/health-reports": self._health_report,
        }.get(path)
        if act is not None:
            return act(body)
        if path == "/jobs":
            return 200, {"jobs": self.truth.jobs(query["device"][0], int(query["after"][0]))}
        assert path == "/devices", path
        return 200, {"devices": [asdict(news) for news in self.truth.devices()]}

    def _queue_credentials(self, _body: Any) -> tuple[int, Any]:
        keys = dict.fromkeys(("access_key_id", "secret_access_key", "session_token"), "testing")
        return 201, {
            "queue_url": self.queue_url,
            "region": REGION,
            "expires_at": "2099-01-01T00:00:00Z",
            **keys,
        }

    def _job_results(self, body: Any) -> tuple[int, Any]:
        accepted = self.truth.send_results([Answered(**result) for result in body["results"]])
        return 200, {"accepted": [{"device": device, "sequence": sequence} for device, sequence in accepted]}

    def _file_sightings(self, body: Any) -> tuple[int, Any]:
        assert all(seen.pop("event") == "collected" for seen in body["sightings"])
        self.truth.send_sightings([Sighting(**seen) for seen in body["sightings"]])
        return 200, {}

    def _health_report(self, body: Any) -> tuple[int, Any]:
        self.truth.health.append(body)
        return 200, {}

    def _enrol(self, body: Any) -> tuple[int, Any]:
        if body["code"] != CODE:
            return 422, {
                "type": "urn:tillbridge:problem:enrolment-code-unknown",
                "detail": "This code is not known.",
            }
        self.enrolments.append(body)
        return 201, {
            "agent_id": "a1", "branch": "01", "workstation": "till-1", "username": "agent-1",
            "password": PASSWORD, "client_id": self.client_id, "region": REGION,
        }  # fmt: skip

    def _client(self, name: str) -> Any:
        return botocore.session.Session().create_client(
            name,
            region_name=REGION,
            endpoint_url=self.aws,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
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
                if (
                    status is None
                    and not open_to_all
                    and not self.headers.get("Authorization", "").startswith("Bearer ")
                ):
                    status = 401
                if status is None:
                    status, answer = counterpart.answer(parts.path, parse_qs(parts.query), body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
