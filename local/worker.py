"""One process of one function, and the Runtime API through which AWS's runtime client in it asks for work."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from local.emulator import HOST, shorten_log
from local.environment import ROOT, python_of

START_TIMEOUT_S = 60.0  # generous: a busy machine starts slowly
NEXT = "/2018-06-01/runtime/invocation/next"
RESTORE_NEXT = "/2018-06-01/runtime/restore/next"


@dataclass(frozen=True)
class Outcome:
    """What a call gave: JSON, and whether it is an answer or an error."""

    ok: bool
    body: bytes

    @staticmethod
    def failed(error_type: str, message: str) -> Outcome:
        """An error in the words of Lambda."""
        return Outcome(False, json.dumps({"errorType": error_type, "errorMessage": message}).encode())


@dataclass(frozen=True)
class Invocation:
    """One event on its way through a process."""

    event: bytes
    request_id: str
    outcomes: queue.SimpleQueue[Outcome] = field(default_factory=queue.SimpleQueue)


class Worker:
    """One process; it does one call at a time and is gone after a time-out, as on Lambda."""

    def __init__(
        self, folder: Path, log: Path, arn: str, timeout_s: float, environment: Mapping[str, str]
    ) -> None:
        self.started_s = time.monotonic()
        self.usable = True
        self.arn = arn
        self.timeout_s = timeout_s
        self.waiting: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self.current: Invocation | None = None
        self.end: Outcome | None = None
        self.ready = threading.Event()
        self._api = _RuntimeApi((HOST, 0), _Handler)
        self._api.worker = self
        self._thread = threading.Thread(
            target=self._api.serve_forever, name=f"runtime {log.stem}", daemon=True
        )
        self._thread.start()
        shorten_log(log)
        with log.open("ab") as written:
            self._process = subprocess.Popen(
                [str(python_of("functions")), "-m", "awslambdaric", environment["_HANDLER"]],
                cwd=folder,
                env={**environment, **self._place(folder)},
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                start_new_session=True,  # Ctrl-C reaches us alone, a call in progress ends well
            )
        threading.Thread(target=self._watch, name=f"watch {log.stem}", daemon=True).start()

    def run(self, invocation: Invocation) -> Outcome:
        """One call, killed when the function's time is up; starting counts separately, as on Lambda."""
        self.waiting.put(invocation)
        if not self.wait_until_ready():
            self.usable = False
            return Outcome.failed(
                "Runtime.InitError", f"The function did not start within {START_TIMEOUT_S:.0f} s"
            )
        if self.end is not None:  # it ended before the call was there to be failed
            return self.end
        try:
            outcome = invocation.outcomes.get(timeout=self.timeout_s)
        except queue.Empty:
            self.usable = False
            self._process.kill()
            return Outcome.failed("Sandbox.Timedout", f"Task timed out after {self.timeout_s:.2f} seconds")
        return outcome

    def wait_until_ready(self) -> bool:
        """Whether the process came to ask for work."""
        return self.ready.wait(START_TIMEOUT_S)

    def fail(self, outcome: Outcome) -> None:
        """The process is of no more use; a call that waits for it gets this outcome."""
        self.usable = False
        self.end = self.end or outcome
        self.ready.set()
        for waiting in (self.current, self._next_waiting()):
            if waiting is not None:
                waiting.outcomes.put(self.end)

    def close(self) -> None:
        """End the process and its Runtime API."""
        self.usable = False
        self.waiting.put(None)
        self._process.kill()
        self._process.wait()
        self._api.shutdown()
        self._thread.join()
        self._api.server_close()

    def _next_waiting(self) -> Invocation | None:
        try:
            return self.waiting.get_nowait()
        except queue.Empty:
            return None

    def _place(self, folder: Path) -> dict[str, str]:
        return {
            "AWS_LAMBDA_RUNTIME_API": f"{HOST}:{self._api.server_address[1]}",
            "LAMBDA_TASK_ROOT": str(folder),
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT / "layers" / "core"))),
            "PYTHONPYCACHEPREFIX": str(ROOT / ".local" / "bytecode"),  # the checkout stays clean
        }

    def _watch(self) -> None:
        """A process that ends by itself fails the call it was on."""
        status = self._process.wait()
        self.fail(Outcome.failed("Runtime.ExitError", f"RequestId: the runtime exited with status {status}"))


class _RuntimeApi(ThreadingHTTPServer):
    daemon_threads = True
    worker: Worker


class _Handler(BaseHTTPRequestHandler):
    """What the runtime client asks and reports (AWS Lambda developer guide, Runtime API)."""

    protocol_version = "HTTP/1.1"  # the client keeps its connection
    wbufsize = -1  # head and body leave together: apart, the second waits 40 ms for the first's receipt

    def do_GET(self) -> None:
        """Hand out the next event, when there is one; a restore from a snapshot is over at once."""
        worker = cast("_RuntimeApi", self.server).worker
        if self.path == RESTORE_NEXT:
            self._answer(HTTPStatus.OK, b"")
            return
        worker.ready.set()
        invocation = worker.waiting.get()
        if invocation is None:
            self.close_connection = True
            return
        worker.current = invocation
        deadline_ms = int((time.time() + worker.timeout_s) * 1000)
        self._answer(
            HTTPStatus.OK,
            invocation.event,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id or str(uuid.uuid4()),
                "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": worker.arn,
            },
        )

    def do_POST(self) -> None:
        """Take the outcome of a call, or the news that the function could not start."""
        worker = cast("_RuntimeApi", self.server).worker
        body = self._read_body()
        if self.path.endswith("/init/error") or self.path.endswith("/restore/error"):
            worker.fail(Outcome(False, body))
        elif worker.current is not None:
            invocation, worker.current = worker.current, None
            invocation.outcomes.put(Outcome(self.path.endswith("/response"), body))
        self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: this is the inside of a process."""
