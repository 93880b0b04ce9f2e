"""The shop on this machine: the real agent in a process of its own, its folder, and who takes files there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from local import leftovers
from local.cloud import LocalCloud
from local.emulator import shorten_log
from local.environment import SetUpFailed, python_of

STOP_TIMEOUT_S = 15.0


class Agent:
    """The edge agent, in an environment that holds nothing of the product."""

    def __init__(self, cloud: LocalCloud, state: Path) -> None:
        self._cloud = cloud
        self._state = state
        self._log = cloud.logs / "agent.log"
        self._pid = cloud.folder / "agent.pid"
        self._process: subprocess.Popen[bytes] | None = None
        state.mkdir(parents=True, exist_ok=True)
        leftovers.stop(self._pid, "tillbridge_agent")

    @property
    def enrolled(self) -> bool:
        """Whether it is enrolled at the API where the cloud is now (another port makes another address)."""
        identity = self._state / "identity.json"
        if not identity.is_file():
            return False
        return bool(json.loads(identity.read_text(encoding="utf-8"))["api"] == self._cloud.api_url)

    def enrol(self, code: str) -> None:
        """Use a one-time code."""
        done = subprocess.run(
            [*self._command("enrol"), code, "--api", self._cloud.api_url, "--again"],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SetUpFailed(f"The agent could not be enrolled: {done.stderr.strip()}")

    def start(self) -> None:
        """Let it run."""
        shorten_log(self._log)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command("run"),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop it
            )
        leftovers.note(self._pid, self._process.pid)

    def stop(self) -> None:
        """Stop it as its service would; what it noted stays."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._pid.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it as a power cut would, without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._pid.unlink(missing_ok=True)

    def _command(self, verb: str) -> list[str]:
        return [str(python_of("agent")), "-m", "tillbridge_agent", verb, "--folder", str(self._state)]

    def _environment(self) -> dict[str, str]:
        """What a shop's PC knows: nothing of AWS but, on this machine, where it is."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(self._state),
            "AWS_ENDPOINT_URL": self._cloud.endpoint_url,
            "NO_PROXY": "127.0.0.1",
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", str(self._state / "bytecode")),
        }


class Consumer:
    """The independent till system: takes a file by renaming it away, and books only what it so got (PF-9)."""

    def __init__(self, folder: Path, taken: Path) -> None:
        self.folder = folder
        self.taken = taken
        folder.mkdir(parents=True, exist_ok=True)
        taken.mkdir(parents=True, exist_ok=True)

    def sees(self, name: str) -> bool:
        """Whether a file of that name lies in the folder."""
        return (self.folder / name).is_file()

    def take(self, name: str) -> str:
        """The content of a file that is now its own."""
        mine = self.taken / name
        os.replace(self.folder / name, mine)
        return mine.read_bytes().decode()


def amount_of(content: str) -> str:
    """The amount that a payment file tells of."""
    return next(line.removeprefix("amount=") for line in content.splitlines() if line.startswith("amount="))
