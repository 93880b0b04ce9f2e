"""Runs the functions under AWS's own runtime client, each in processes of its own, as Lambda does.

A call comes over HTTP from the emulator, goes to an idle process of the function (or a new one), and the
answer goes back the same way. A process sees what it would see on AWS: its settings, credentials of its role,
its own packages and nothing of this machine's environment.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from local.emulator import HOST
from local.worker import Invocation, Outcome, Worker

MOST_WORKERS = 4  # per function, on a machine of a few cores
WORKER_LIFE_S = 3000.0  # a role's credentials live an hour


@dataclass(frozen=True)
class Settings:
    """What Lambda knows of one function: its limits and its environment, credentials included."""

    name: str
    arn: str
    timeout_s: float
    environment: Mapping[str, str]


class Function:
    """One function: its idle processes, and how a call finds one."""

    def __init__(self, name: str, folder: Path, log: Path, settings: Callable[[str], Settings]) -> None:
        self.name = name
        self._folder = folder
        self._log = log
        self._settings = settings
        self._idle: list[Worker] = []
        self._places = threading.BoundedSemaphore(MOST_WORKERS)
        self._lock = threading.Lock()
        self._all: set[Worker] = set()
        self._closed = False

    def call(self, event: bytes, request_id: str) -> Outcome:
        """Run the function on one event; what fails or takes too long comes back as a failed outcome."""
        with self._places:
            worker = self._take()
            outcome = worker.run(Invocation(event=event, request_id=request_id))
            if worker.usable:
                with self._lock:
                    self._idle.append(worker)
            else:
                self._drop(worker)
            return outcome

    def warm(self) -> None:
        """Have one process ready before the first call, as a snapshot would."""
        with self._places:
            worker = self._take()
            worker.wait_until_ready()
            with self._lock:
                self._idle.append(worker)

    def close(self) -> list[Worker]:
        """Start no more processes; those to be ended."""
        with self._lock:
            self._closed = True
            workers, self._all, self._idle = list(self._all), set(), []
        return workers

    def _take(self) -> Worker:
        """An idle process that is young enough, or a new one."""
        now_s = time.monotonic()
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                break
            if worker.usable and now_s - worker.started_s < WORKER_LIFE_S:
                return worker
            self._drop(worker)
        settings = self._settings(self.name)
        worker = Worker(self._folder, self._log, settings.arn, settings.timeout_s, settings.environment)
        with self._lock:
            closed = self._closed
            self._all.add(worker)
        if closed:
            worker.close()
        return worker

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.close()


class Functions:
    """All functions behind one port; the emulator posts events to `url_of(name)`."""

    def __init__(self, folders: Mapping[str, Path], logs: Path, settings: Callable[[str], Settings]) -> None:
        self._functions = {
            name: Function(name, folder, logs / f"{name}.log", settings) for name, folder in folders.items()
        }
        self._server = _Server((HOST, 0), _Handler)
        self._server.functions = self._functions
        self._thread = threading.Thread(target=self._server.serve_forever, name="functions", daemon=True)

    def url_of(self, name: str) -> str:
        """Where events for a function are posted."""
        return f"http://{HOST}:{self._server.server_address[1]}/{name}"

    def start(self) -> None:
        """Take calls from now on."""
        self._thread.start()

    def warm(self) -> None:
        """Start one process of each function, side by side."""
        with ThreadPoolExecutor(max_workers=3, thread_name_prefix="warm") as pool:
            list(pool.map(Function.warm, self._functions.values()))

    def stop(self) -> None:
        """End all processes, then take no more calls."""
        workers = [worker for function in self._functions.values() for worker in function.close()]
        with ThreadPoolExecutor(max_workers=len(workers) + 1, thread_name_prefix="close") as pool:
            list(pool.map(Worker.close, workers))
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    functions: Mapping[str, Function]


class _Handler(BaseHTTPRequestHandler):
    """One call from the emulator."""

    wbufsize = -1  # head and body leave together

    def do_POST(self) -> None:
        """Run the function named in the path on the event in the body."""
        event = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        function = cast("_Server", self.server).functions.get(self.path.strip("/"))
        if function is None:
            outcome = Outcome.failed("Runtime.NoSuchFunction", f"There is no function {self.path}")
        else:
            outcome = function.call(event, self.headers.get("X-Amzn-Lambda-Request-Id", ""))
        # The emulator takes any status but 200 for a function's failure, which starts its retries.
        self.send_response(HTTPStatus.OK if outcome.ok else HTTPStatus.INTERNAL_SERVER_ERROR)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(outcome.body)))
        self.end_headers()
        self.wfile.write(outcome.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: the functions' own logs tell what happened."""


def parse_settings(
    answer: Mapping[str, object], credentials: Mapping[str, str], endpoint_url: str
) -> Settings:
    """Settings out of Lambda's GetFunctionConfiguration."""
    name = str(answer["FunctionName"])
    region = str(answer["FunctionArn"]).split(":")[3]
    declared = cast("Mapping[str, Mapping[str, str]]", answer.get("Environment") or {}).get("Variables", {})
    snapshot = cast("Mapping[str, str]", answer.get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions"
    log_format = cast("Mapping[str, str]", answer.get("LoggingConfig") or {}).get("LogFormat", "Text")
    environment = {
        **declared,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(answer.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_FORMAT": log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if snapshot else "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "_HANDLER": str(answer["Handler"]),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }
    timeout_s = float(json.dumps(answer["Timeout"]))
    return Settings(name, str(answer["FunctionArn"]), timeout_s, environment)
