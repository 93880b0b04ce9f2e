"""`make run`: the local cloud, until Ctrl-C or, with --once, until its day is over."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from local.caller import Unwelcome
from local.cloud import LocalCloud, chosen_port
from local.day import Day, DayFailed
from local.emulator import REGION, ROOT_KEY
from local.environment import ROOT, SetUpFailed, describe_os_error
from local.finance import FinanceFailed

LONGEST_SENTENCE = 400


def main(arguments: list[str]) -> int:
    """Start, show where everything is, stay; 0 when all went well."""
    parser = argparse.ArgumentParser(prog="make run ARGS=…", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end by itself when the day is over")
    parser.add_argument("--folder", type=Path, default=ROOT / ".local", help="where everything is kept")
    asked = parser.parse_args(arguments)
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: _end_or_leave(end, _frame))
    try:
        return _run(end, asked.folder, once=asked.once)
    except (SetUpFailed, DayFailed, FinanceFailed, Unwelcome) as failed:
        print(f"✗ {failed}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    except (ClientError, BotoCoreError) as error:
        print(f"✗ The local cloud refused a call: {str(error)[:LONGEST_SENTENCE]}", file=sys.stderr)
    except OSError as error:
        print(f"✗ {describe_os_error(error)}", file=sys.stderr)
    return 1


def _end_or_leave(end: threading.Event, _frame: FrameType | None) -> None:
    """The first Ctrl-C ends the wait or the start; all is then stopped in order."""
    if end.is_set():
        return
    end.set()
    raise KeyboardInterrupt


def _run(end: threading.Event, folder: Path, *, once: bool) -> int:
    _tell("Tillbridge: a shop's day and its finance department's, on this machine.")
    with LocalCloud(folder, port=chosen_port(), tell=lambda line: _tell(f"    {line}")) as cloud:
        day = Day(cloud, _tell)
        try:
            cloud.wait_until_warm()
            day.open_shop()
            day.play()
            _show_addresses(cloud, day)
            if not once:
                _wait(end)
        finally:
            day.close()
    return 0


def _show_addresses(cloud: LocalCloud, day: Day) -> None:
    _tell(f"\nAPI      {cloud.api_url}")
    _tell(f"Swagger  {cloud.api_url}/docs")
    _tell(f"Folder   {day.folder}")
    _tell(f"Sign-ins of till, admin and finance are in {day.memory_path}")
    _tell(f"    COGNITO_URL={cloud.endpoint_url} TILL_CLIENT_ID={cloud.outputs['TillClientId']}")
    _tell(f"    API_URL={cloud.api_url} PERSON_CLIENT_ID={cloud.outputs['PersonClientId']}")
    _tell(f"Bucket   IMPORTS_BUCKET={cloud.outputs['ImportsBucket']} AWS_ENDPOINT_URL={cloud.endpoint_url}")
    _tell(f"    AWS_ACCESS_KEY_ID={ROOT_KEY} AWS_SECRET_ACCESS_KEY={ROOT_KEY} AWS_DEFAULT_REGION={REGION}")
    _tell(f"Logs     {cloud.logs}")


def _wait(end: threading.Event) -> None:
    try:
        _tell("\nStays up until Ctrl-C.")
        end.wait()
    except KeyboardInterrupt:
        _tell("\nStopping; what was stored stays.")


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
