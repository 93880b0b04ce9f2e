"""`make run`: the local cloud, until Ctrl-C or, with --once, until its day is over."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from local.cloud import LocalCloud, chosen_port
from local.environment import ROOT, SetUpFailed, describe_os_error

LONGEST_SENTENCE = 400


def main(arguments: list[str]) -> int:
    """Start, show where everything is, stay; 0 when all went well."""
    parser = argparse.ArgumentParser(prog="make run ARGS=…", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end by itself when the day is over")
    once = parser.parse_args(arguments).once
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: _end_or_leave(end, _frame))
    try:
        return _run(end, once=once)
    except SetUpFailed as failed:
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


def _run(end: threading.Event, *, once: bool) -> int:
    print("Tillbridge: a payment's whole way, on this machine.", flush=True)
    with LocalCloud(
        ROOT / ".local", port=chosen_port(), tell=lambda line: print(f"  {line}", flush=True)
    ) as cloud:
        print(
            f"\n  API      {cloud.api_url}\n  Swagger  {cloud.api_url}/docs\n  Logs     {cloud.logs}",
            flush=True,
        )
        if not once:
            print("\nStays up until Ctrl-C.", flush=True)
            try:
                end.wait()
            except KeyboardInterrupt:
                print("\nStopping; what was stored stays.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
