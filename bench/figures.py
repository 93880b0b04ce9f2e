"""What a measurement gave, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MS = 1000.0


@dataclass(frozen=True)
class Pairs:
    """Times taken in turn, ours and the floor's, in seconds: what disturbs one disturbs its neighbour too."""

    ours_s: tuple[float, ...]
    floor_s: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median over the pairs of ours divided by the floor beside it."""
        return median(ours / floor for ours, floor in zip(self.ours_s, self.floor_s, strict=True))


@dataclass(frozen=True)
class Figure:
    """One line of the table: a measured figure and its goal, both as shown, and whether it is met."""

    what: str
    ours: str
    floor: str
    figure: str
    goal: str
    met: bool

    @staticmethod
    def of_pairs(what: str, pairs: Pairs, most: float) -> Figure:
        """A ratio to the floor that shall be at most so much."""
        return Figure(
            what=what,
            ours=f"{median(pairs.ours_s) * MS:.1f} ms",
            floor=f"{median(pairs.floor_s) * MS:.1f} ms",
            figure=f"{pairs.ratio:.2f} ×",
            goal=f"≤ {most:.2f} ×",
            met=pairs.ratio <= most,
        )

    @staticmethod
    def of_times(what: str, times_s: Sequence[float], most_s: float) -> Figure:
        """A median time that shall be at most so much."""
        middle_s = median(times_s)
        return Figure(
            what=what,
            ours=f"{middle_s * MS:.0f} ms",
            floor="",
            figure=f"{middle_s * MS:.0f} ms",
            goal=f"≤ {most_s * MS:.0f} ms",
            met=middle_s <= most_s,
        )


def percentile(times_s: Sequence[float], share: float) -> float:
    """The time that this share of all times does not exceed (nearest rank)."""
    ordered = sorted(times_s)
    rank = -int(-share * len(ordered) // 1)
    return ordered[max(rank, 1) - 1]


def table(heading: str, figures: Sequence[Figure]) -> str:
    """The figures as a table of fixed columns."""
    rows = [("", "ours", "floor", "figure", "goal", "")]
    rows += [
        (one.what, one.ours, one.floor, one.figure, one.goal, "met" if one.met else "NOT MET")
        for one in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in _behind(row, widths))])
        for row in rows
    ]
    return "\n".join([heading, *(f"  {line}" for line in lines)])


def _behind(row: tuple[str, ...], widths: list[int]) -> list[tuple[str, int]]:
    return list(zip(row[1:], widths[1:], strict=True))
