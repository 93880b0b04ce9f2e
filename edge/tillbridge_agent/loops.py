"""Threads that do one thing over and over: when rung, when their time has come, slower when it fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from tillbridge_agent.errors import Blocked, Malformed, Refused, Unavailable
from tillbridge_agent.pauses import GrowingPause

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 3600.0
_REFUSED_PAUSE_S = 60.0


class Loop(threading.Thread):
    """Calls `act` when rung and at the latest after the seconds it returned (None: only when rung).

    What `act` raises goes to `trouble`; then a growing pause follows that no ring cuts short. Pauses are
    measured on the monotonic clock: setting the PC's clock changes nothing.
    """

    def __init__(
        self,
        name: str,
        act: Callable[[], float | None],
        trouble: Callable[[Exception], None],
        stop: threading.Event,
        most_s: float = 30.0,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._act = act
        self._trouble = trouble
        self._stopping = stop
        self._bell = threading.Event()
        self._pause = GrowingPause(most_s=most_s)

    def ring(self) -> None:
        """There is something to do now."""
        self._bell.set()

    def run(self) -> None:
        """Until the agent stops."""
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                wait_s = self._act()
            except (Blocked, Malformed, Unavailable) as trouble:
                self._fail(trouble, getattr(trouble, "retry_after_s", 0.0))
            except Refused as trouble:
                self._fail(trouble, _REFUSED_PAUSE_S)
            except Exception as bug:
                if self._stopping.is_set():
                    return
                log.exception("unexpected error in %s", self.name)
                self._fail(bug, 0.0)
            else:
                self._pause.over()
                if wait_s is None or wait_s > 0:
                    self._bell.wait(LONGEST_WAIT_S if wait_s is None else wait_s)

    def _fail(self, trouble: Exception, at_least_s: float) -> None:
        self._trouble(trouble)
        self._stopping.wait(self._pause.next_s(at_least_s))
