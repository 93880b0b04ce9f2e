"""The process that `deciding` measures: payment rows of a month, decided in turn with the floor."""

from __future__ import annotations

import gc
import json
import random
import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from time import process_time

from tillbridge.reconciliation.decisions import Decision, Facts, Outcome, Policy
from tillbridge.reconciliation.identity import row_marks, same_again
from tillbridge.reconciliation.model import Row
from tillbridge.reconciliation.rules import after, decide_payment

ROWS = 20_000
POLICY = Policy(15_00, "2026-12-15")
TERMS = ((8, 300), (14, 200))

Met = tuple[Facts, Row]
Way = Callable[[Sequence[Met]], int]


def times_of(ours: Way, met: Sequence[Met], pairs: int) -> dict[str, list[float]]:
    """Processor times in seconds, ours and the floor's in turn; each way answers every row."""
    times: dict[str, list[float]] = {"ours_s": [], "floor_s": []}
    for way in (ours, _answer):
        if way(met) != len(met):
            raise AssertionError(f"{way.__name__} left rows out")
    gc.disable()  # it would run in the middle of one of a pair
    for _ in range(pairs):
        times["ours_s"].append(_seconds(ours, met))
        times["floor_s"].append(_seconds(_answer, met))
        gc.collect()
    gc.enable()
    return times


def _seconds(way: Way, met: Sequence[Met]) -> float:
    begun = process_time()
    way(met)
    return process_time() - begun


def _answer(met: Sequence[Met]) -> int:
    """The floor."""
    answers = []
    for facts, row in met:
        amount = row.amount_minor or 0
        due = facts.total_minor - facts.paid_minor - facts.discounted_minor - amount
        answers.append(Decision(Outcome.BOOKED, "settled", amount, 0, 0, 0, due, None, row.day or ""))
    return len(answers)


def _decide(met: Sequence[Met]) -> int:
    return len([decide_payment(facts, row, POLICY) for facts, row in met])


def _recognise_and_decide(met: Sequence[Met]) -> int:
    """As a worker does it: the rows of a document together, each against what those before it left."""
    answered = 0
    for _, group in groupby(met, lambda one: one[1].invoice_number):
        own = list(group)
        facts, rows = own[0][0], [row for _, row in own]
        marks = row_marks(rows)
        known = {"0000000000000000-1"}
        for row, mark in zip(rows, marks, strict=True):
            if same_again(row, mark, known, marks) is None:
                facts = after(facts, decide_payment(facts, row, POLICY))
            answered += 1
    return answered


def _month(chance: random.Random) -> list[Met]:
    """Most invoices are paid exactly, some within their terms, few otherwise; some are paid in two parts."""
    met: list[Met] = []
    while len(met) < ROWS:
        number = f"RE-HH-{len(met):06}-26"
        total = chance.randrange(20_00, 900_00)
        facts = Facts(1, total, 0, 0, 0, chance.choices((0, 1), (19, 1))[0], "2026-11-02", TERMS)
        day = f"2026-11-{chance.randrange(3, 30):02}"
        for amount in _amounts(chance, total):
            met.append((facts, Row(len(met) + 2, number, amount, day, "EUR", reference=f"{len(met)}")))
    return met[:ROWS]


def _amounts(chance: random.Random, total: int) -> tuple[int | None, ...]:
    ways: tuple[tuple[int | None, ...], ...] = (
        (total,),
        (None,),
        (total - total * 3 // 100,),
        (total // 2,),
        (total // 2, total - total // 2),
        (total + 5_00,),
        (total, -total),
    )
    return chance.choices(ways, (60, 5, 15, 5, 10, 4, 1))[0]


def main(pairs: int) -> None:
    """Measure and print the times as JSON."""
    met = _month(random.Random(2026))
    ways: dict[str, Way] = {"decided": _decide, "recognised, decided, noted": _recognise_and_decide}
    print(
        json.dumps({"rows": ROWS, "times": {what: times_of(way, met, pairs) for what, way in ways.items()}})
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
