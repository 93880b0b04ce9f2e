"""The local cloud as one thing that is started and stopped."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config

from local.emulator import REGION, ROOT_KEY, Emulator, free_port, require_free_port
from local.environment import ROOT, SetUpFailed
from local.functions import Functions, Settings, parse_settings
from local.stack import deploy
from local.template import read_functions

PORT_VARIABLE = "TILLBRIDGE_PORT"
DEFAULT_PORT = 4566


def chosen_port() -> int:
    """The port of `make run`: the default, or what the environment says."""
    named = os.environ.get(PORT_VARIABLE, str(DEFAULT_PORT))
    if not named.isdecimal() or not 0 < int(named) < 2**16:
        raise SetUpFailed(f"{PORT_VARIABLE} is {named!r}; a port is a number from 1 to 65535.")
    return int(named)


class LocalCloud:
    """AWS, the deployed template and its running functions, in one folder and on one port.

    `with LocalCloud(folder) as cloud:` starts it on a port that nobody uses; what it stored is there again at
    the next start with the same folder. Several may run beside each other, each in a folder of its own.
    Who needs it once only says ``kept=False``: writing down what is stored may take longer than all the rest.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        template: Path = ROOT / "template.yaml",
        kept: bool = True,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder.resolve()
        self.region = REGION
        self.outputs: dict[str, str] = {}
        self._port = port
        self._template = template
        self._kept = kept
        self._tell = tell
        self._exits = ExitStack()
        self._clients: dict[str, Any] = {}
        self._warming: threading.Thread | None = None

    @property
    def endpoint_url(self) -> str:
        """Where AWS is."""
        return self._emulator.url

    @property
    def api_url(self) -> str:
        """Where the HTTP API is."""
        return self._emulator.api_url

    @property
    def logs(self) -> Path:
        """Where the logs of functions and cloud lie."""
        return self.folder / "logs"

    def client(self, service: str) -> Any:
        """An AWS client with the rights of the account's owner; it is closed with the cloud."""
        if service in self._clients:
            return self._clients[service]
        client = boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=ROOT_KEY,
            aws_secret_access_key=ROOT_KEY,
            config=Config(retries={"total_max_attempts": 2, "mode": "standard"}, proxies={}),
        )
        self._clients[service] = client
        self._exits.callback(client.close)
        return client

    def start(self) -> None:
        """Start everything; deploys only when the template changed."""
        try:
            self._start()
        except BaseException:
            self._exits.close()
            raise

    def stop(self) -> None:
        """Stop everything in the reverse order; the state is saved where it is to be kept."""
        self._clients.clear()
        self._exits.close()

    def wait_until_warm(self) -> None:
        """Until each function has a process that waits for work."""
        if self._warming is not None:
            self._warming.join()

    def __enter__(self) -> LocalCloud:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _start(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._claim_folder()
        cloud_folder = self.folder / "cloud"
        Emulator(cloud_folder, 0, self.logs).stop_leftover()
        if self._port is not None:
            require_free_port(self._port, PORT_VARIABLE)
        folders = read_functions(self._template)
        functions = Functions(folders, self.logs, self._settings_of)
        self._exits.callback(functions.stop)
        functions.start()
        self._emulator = Emulator(cloud_folder, self._port or free_port(), self.logs)
        urls = {name: functions.url_of(name) for name in folders}
        self._exits.callback(self._emulator.stop, kept=self._kept)
        self._emulator.start(urls)
        self._tell(f"AWS on this machine is up at {self.endpoint_url}")
        self.outputs, changed = deploy(self.client, self._template, REGION)
        self.outputs["ApiUrl"] = self.api_url
        self._tell("template.yaml is deployed" if changed else "template.yaml is deployed already")
        self._warming = threading.Thread(target=functions.warm, name="warm", daemon=True)
        self._warming.start()
        self._exits.callback(self._warming.join)

    def _claim_folder(self) -> None:
        """Only one cloud may work in a folder; the claim ends with the process, however it ends."""
        claim = self._exits.enter_context((self.folder / "running").open("a"))
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetUpFailed(
                f"A local cloud is already running in {self.folder}: stop that one first."
            ) from None

    def _settings_of(self, name: str) -> Settings:
        """What the deployed stack says of a function, with fresh credentials of its role."""
        answer = self.client("lambda").get_function_configuration(FunctionName=name)
        assumed = self.client("sts").assume_role(RoleArn=answer["Role"], RoleSessionName=name)
        return parse_settings(answer, assumed["Credentials"], self.endpoint_url)
