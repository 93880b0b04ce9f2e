"""ministack as a child process: AWS on loopback, its state below one folder.

What it does otherwise than AWS is smoothed in `template`, `stack` and `state`, each with its reason. What is
left, seen in version 1.5.33, needs no more than to be known:

- A read of a version of an object *and* of a range gets the whole object.
- A query of an index looks at every row of that index partition, at each page anew: some 40 us a row. Above a
  hundred thousand open documents of one branch a page takes longer than a function waits.
- Changing a row in a transaction copies it three times; putting it whole costs a third of the time.
- It evaluates neither `dynamodb:LeadingKeys` nor the right to use a key (KMS) through another service.
- A call that failed lets the queue that started it rest for a second.
- S3 names nobody who put an object: the principal in its events is always EXAMPLE.
- Each deployment sends S3's test message, as on AWS; a function that S3 starts meets it first.
- What it stores it writes down when it ends, a minute for a hundred thousand rows; a kill loses it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from local import leftovers, state
from local.environment import SetUpFailed, python_of

HOST = "127.0.0.1"
AWS_HOST = "localhost"
"""Under this name the emulator answers as AWS; under the address as our API, whose domain the address is."""
REGION = "eu-central-1"
ROOT_KEY = (
    "test"  # what the emulator takes for the account's owner; it guards nothing but this machine's loopback
)
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 180.0
"""Writing down a hundred thousand rows takes it a minute."""
LOOK_AGAIN_S = 0.05
LARGEST_LOG_BYTES = 10_000_000


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free_port(port: int, variable: str) -> None:
    """Refuse a port that somebody else listens on, and say how to choose another."""
    with socket.socket() as probe:
        # As servers do: a connection that is only closing does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise SetUpFailed(
                f"Port {port} is taken: stop what listens there"
                f" or choose another port ({variable}={port + 1} make run)."
            ) from None


class Emulator:
    """One running ministack."""

    def __init__(self, folder: Path, port: int, logs: Path) -> None:
        self.url = f"http://{AWS_HOST}:{port}"
        self.api_url = f"http://{HOST}:{port}"
        self._folder = folder
        self._port = port
        self._log = logs / "cloud.log"
        self._pid = folder / "pid"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, function_urls: Mapping[str, str]) -> None:
        """Start it; each function's calls go to the URL given for its name."""
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)
        (self._folder / "tmp").mkdir(parents=True)
        shorten_log(self._log)
        state.prepare(self._folder / "state", self.url)
        # Nothing of this machine's AWS settings may leak in, so the environment is made here.
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "BIND_HOST": HOST,
            "MINISTACK_HOST": AWS_HOST,
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AUTH": "true",  # the template's policies are enforced
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._folder / "s3"),
            "IOT_MTLS_ENABLED": "0",  # it would listen on a port of its own
            "SFTP_ENABLED": "0",
            "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",  # no token without its claims, as on AWS
            "LOG_LEVEL": "WARNING",
            **{f"MINISTACK_LAMBDA_PROXY_{name}": url for name, url in function_urls.items()},
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(python_of("cloud")), "-m", "ministack"],
                env=environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop it last
            )
        leftovers.note(self._pid, self._process.pid)
        self._wait_until_it_answers()

    def stop(self, *, kept: bool = True) -> None:
        """Stop it; it writes its state to disk before it ends, unless nobody wants it."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM if kept else signal.SIGKILL)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._pid.unlink(missing_ok=True)

    def stop_leftover(self) -> None:
        """Stop what an earlier start left behind when it was killed; its state is saved by that."""
        leftovers.stop(self._pid, "ministack")

    def _wait_until_it_answers(self) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline_s:
            if self._process is None or self._process.poll() is not None:
                break
            connection = HTTPConnection(HOST, self._port, timeout=1)
            try:
                connection.request("GET", "/_ministack/health")
                connection.getresponse().read()
            except (HTTPException, OSError):
                time.sleep(LOOK_AGAIN_S)
            else:
                return
            finally:
                connection.close()
        self.stop()
        raise SetUpFailed(f"The local cloud did not start; what it said is at the end of {self._log}.")


def shorten_log(log: Path) -> None:
    """Begin a log anew when it has grown large, so that months of starts do not fill a disk."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.unlink()
