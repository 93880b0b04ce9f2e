"""Makes the Python environments under `.local/`, then runs a command in the first of them.

    python3 -m local.environment development cloud -- -m pytest

Runs before anything is installed and therefore uses the standard library alone. An environment is made
from a lock with hashes and left as it is until that lock changes. pip installs, because it reads the
settings (a mirror, a certificate) that this machine has for it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.13", "python3.12", "python3.11")
ROOM_NEEDED_MB = 900
PROGRESS_PAUSE_S = 4.0
DISK_FULL = f"The disk is full: make room below {ROOT} and start again."
UNREACHABLE = (  # pip has no other way of saying it
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "(from versions: none)",
)
RECIPE = "2"  # raise it when the way of installing changes: every environment is then made anew


class SetUpFailed(Exception):
    """What stands in the way of a set-up, as one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment: the lock it is made from, and source folders it sees without a build."""

    name: str
    lock: str
    sources: tuple[str, ...] = ()


ENVIRONMENTS = {
    environment.name: environment
    for environment in (
        Environment("development", "local/requirements/development.txt"),
        Environment("cloud", "local/requirements/cloud.txt"),
        Environment("functions", "local/requirements/functions.txt"),
        Environment("agent", "edge/requirements.txt", sources=("edge",)),
        Environment("sam", "local/requirements/sam.txt"),
    )
}


def folder_of(name: str) -> Path:
    """Where an environment lies; each Python version has its own, so that changing back costs nothing."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return ROOT / ".local" / "environments" / version / name


def python_of(name: str) -> Path:
    """The interpreter of an environment."""
    return folder_of(name) / "bin" / "python"


def stamp_of(environment: Environment) -> str:
    """What an environment was made from; a changed lock changes it."""
    lock = (ROOT / environment.lock).read_bytes()
    facts = f"{RECIPE}\n{sys.version}\n{ROOT}\n{environment.sources}\n"
    return hashlib.sha256(facts.encode() + lock).hexdigest()


def is_ready(environment: Environment) -> bool:
    """Whether the environment stands as its lock wants it."""
    stamp = folder_of(environment.name) / "made-from"
    return stamp.is_file() and stamp.read_text() == stamp_of(environment)


def package_count(environment: Environment) -> int:
    """How many packages a lock names, for the progress line."""
    lines = (ROOT / environment.lock).read_text().splitlines()
    return sum("==" in line and not line.startswith((" ", "#")) for line in lines)


class Installation:
    """One environment in the making, in a thread of its own; pip's words go to a log."""

    def __init__(self, environment: Environment, installer: Path) -> None:
        self.environment = environment
        self.seen = 0
        self.failure: str | None = None
        self._installer = installer
        self._log = ROOT / ".local" / "logs" / f"set-up-{environment.name}.log"
        self._thread = threading.Thread(target=self._make, name=f"set-up-{environment.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, pause_s: float) -> bool:
        """Whether it has ended, after waiting up to `pause_s`."""
        self._thread.join(pause_s)
        return not self._thread.is_alive()

    def _make(self) -> None:
        try:
            self._install()
        except OSError as error:
            self.failure = describe_os_error(error)

    def _install(self) -> None:
        folder = folder_of(self.environment.name)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        command = [
            str(self._installer), "-m", "pip", "--python", str(python_of(self.environment.name)), "install",
            "--require-hashes", "--no-deps", "--no-compile", "--no-input", "--disable-pip-version-check",
            "--progress-bar", "off", "--prefer-binary", "--requirement", str(ROOT / self.environment.lock),
        ]  # fmt: skip
        if not self._run_pip(command):
            return
        # A path file instead of an installed copy: what runs is always the checkout as it stands.
        packages = next(folder.glob("lib/python*/site-packages"))
        sources = "".join(f"{ROOT / source}\n" for source in self.environment.sources)
        (packages / "checkout.pth").write_text(sources)
        (folder / "made-from").write_text(stamp_of(self.environment))

    def _run_pip(self, command: list[str]) -> bool:
        """Run pip, count the packages it comes to, keep its words; false when it gave up."""
        lines: list[str] = []
        with (
            self._log.open("w", encoding="utf-8") as log,
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            ) as pip,
        ):
            assert pip.stdout is not None  # noqa: S101 - asked for one line above
            for line in pip.stdout:
                log.write(line)
                lines.append(line.strip())
                self.seen += line.startswith(("Collecting ", "Processing "))
        if pip.returncode:
            self.failure = explain_pip(lines, self._log)
        return pip.returncode == 0


def explain_pip(lines: list[str], log: Path) -> str:
    """One sentence for why pip gave up; its own last error where we know no better one."""
    said = "\n".join(lines)
    where = f"pip's own words are in {log.relative_to(ROOT)}."
    if os.strerror(errno.ENOSPC) in said:
        return DISK_FULL
    if any(sign in said for sign in UNREACHABLE):
        return f"The package index cannot be reached: check the network or pip's index settings; {where}"
    last_error = next(
        (line for line in reversed(lines) if line.startswith("ERROR:")), "ERROR: no reason given"
    )
    return f"A package could not be installed ({last_error[7:].rstrip('.')}); {where}"


def describe_os_error(error: OSError) -> str:
    """One sentence for what the operating system refused."""
    if error.errno == errno.ENOSPC:
        return DISK_FULL
    where = f" ({error.filename})" if error.filename else ""
    return f"The system refused: {error.strerror or error}{where}."


def newer_python() -> str | None:
    """A Python that is new enough, when the one that runs this is not."""
    return next((found for found in map(shutil.which, NEWER_PYTHONS) if found), None)


def make_installer() -> Path:
    """A small environment with pip; it installs into all others, which then need no pip of their own."""
    python = python_of("installer")
    ready = folder_of("installer") / "made-from"
    if ready.is_file() and ready.read_text() == sys.version:
        return python
    shutil.rmtree(folder_of("installer"), ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder_of("installer"))],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetUpFailed(
            f"{sys.executable} cannot make a virtual environment with pip: install its venv package"
            f" (Debian and Ubuntu: apt install {version}-venv) and start again."
        )
    ready.write_text(sys.version)
    return python


def check_room() -> None:
    """Refuse early when the disk cannot hold what is about to be installed."""
    free_mb = shutil.disk_usage(ROOT).free // 1_000_000
    if free_mb < ROOM_NEEDED_MB:
        raise SetUpFailed(
            f"The disk has {free_mb} MB left and the set-up needs {ROOM_NEEDED_MB} MB:"
            f" make room below {ROOT} and start again."
        )


def set_up(names: list[str]) -> None:
    """Make those of the named environments that are missing or older than their lock, all at once."""
    (ROOT / ".local" / "logs").mkdir(parents=True, exist_ok=True)
    if all(is_ready(ENVIRONMENTS[name]) for name in names):
        return
    with (ROOT / ".local" / "set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands started together make each environment once
        missing = [ENVIRONMENTS[name] for name in names if not is_ready(ENVIRONMENTS[name])]
        if missing:
            check_room()
            started_s = time.monotonic()
            print(f"Setting up {', '.join(each.name for each in missing)} below .local/ …", flush=True)
            install([Installation(environment, make_installer()) for environment in missing])
            print(f"Set up in {time.monotonic() - started_s:.0f} s.", flush=True)


def install(installations: list[Installation]) -> None:
    """Run the installations side by side and show how far they are; the first failure ends the set-up."""
    for installation in installations:
        installation.start()
    shown = ""
    pause_s = PROGRESS_PAUSE_S / len(installations)
    while [each for each in installations if not each.wait(pause_s)]:
        progress = " · ".join(
            f"{each.environment.name} {min(each.seen, package_count(each.environment))}"
            f"/{package_count(each.environment)}"
            for each in installations
        )
        if progress != shown:
            print(f"  {progress}", flush=True)
        shown = progress
    failures = [installation.failure for installation in installations if installation.failure]
    if failures:
        raise SetUpFailed(failures[0])


def require_new_python(arguments: list[str]) -> None:
    """Go on under a newer Python when this one is too old and another is at hand."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    found = newer_python()
    if found is None:
        raise SetUpFailed(
            f"Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer is needed and {sys.executable} is"
            f" {sys.version.split()[0]}: install one and name it (make PYTHON=/path/to/python3.11 …)."
        )
    os.execv(found, [found, "-m", "local.environment", *arguments])  # noqa: S606 - our own choice of three names


def main(arguments: list[str]) -> int:
    """Set up the environments named before `--`, then become the command named after it."""
    names, _, command = (
        (arguments, None, []) if "--" not in arguments
        else (arguments[: arguments.index("--")], None, arguments[arguments.index("--") + 1 :])
    )  # fmt: skip
    try:
        require_new_python(arguments)
        unknown = [name for name in names if name not in ENVIRONMENTS]
        if unknown or not names:
            raise SetUpFailed(f"Name environments out of {', '.join(ENVIRONMENTS)}; not {unknown or 'none'}.")
        set_up(names)
    except SetUpFailed as failed:
        print(f"✗ {failed}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"✗ {describe_os_error(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the next start goes on from here.", file=sys.stderr)
        return 1
    if command:
        os.environ["INSTALLER"] = str(
            python_of("installer")
        )  # layers/dependencies/Makefile fetches wheels with it
        python = str(python_of(names[0]))
        os.execv(python, [python, *command])  # noqa: S606 - the Makefile's own commands
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
