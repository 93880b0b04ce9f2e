"""How the cloud wakes the agent: a small port, so that another way can take the queue's place.

A wake-up brings luggage: the job itself. It may come twice, late, in the wrong order or not at all; the
notebook and the catch-up make up for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: its text, and the receipt by which it is thrown away."""

    text: str
    receipt: str


class Wakeup(Protocol):
    """Where letters come from."""

    def wait(self) -> list[Letter]:
        """Wait some seconds for letters; Unavailable when that is not possible now."""
        ...

    def throw_away(self, letters: Sequence[Letter]) -> None:
        """These letters are noted; a letter that is not thrown away comes again."""
        ...
