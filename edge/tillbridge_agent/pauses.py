"""Pauses between attempts: growing, limited, and jittered from `secrets`, so that no two agents keep step."""

from __future__ import annotations

import secrets

_STEPS = 1_000_000


def jittered(least_s: float, most_s: float) -> float:
    """A pause anywhere between the two, in seconds."""
    return least_s + (most_s - least_s) * secrets.randbelow(_STEPS) / _STEPS


class GrowingPause:
    """Pauses that double from `first_s` up to `most_s`, each jittered between half and whole."""

    def __init__(self, first_s: float = 0.5, most_s: float = 30.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def next_s(self, at_least_s: float = 0.0) -> float:
        """The next pause in seconds, never under what the other side asked for."""
        pause_s = jittered(self._next_s / 2, self._next_s)
        self._next_s = min(self._next_s * 2, self._most_s)
        return max(pause_s, at_least_s)

    def over(self) -> None:
        """All is well again: the next pause is a short one."""
        self._next_s = self._first_s
