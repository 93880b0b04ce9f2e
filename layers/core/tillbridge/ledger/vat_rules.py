"""Which VAT code and rate each line of a document has, whoever wrote it: one rule for all; pure (LE-4).

A line names a code, a percentage or both. The journal divides revenue by codes alone, so that a line without
one would lose its rate there for ever: the code is found, or the line is refused. For the same reason a code
has one rate within a document. A posting that told the rate beside the code would still end on the one
account that the chart has for the code, and every entry that is sealed has its postings without it; two
documents say the same and lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tillbridge.kernel.errors import Refused

from .books_model import VatCode, percent_text
from .books_rules import rate_on
from .model import DocumentLine
from .requests import LineRequest


class _Rated(NamedTuple):
    """The VAT code of a line and its rate of the day."""

    code: str
    basis_points: int


def rated(lines: Sequence[LineRequest], codes: Mapping[str, VatCode], issued_on: str) -> list[DocumentLine]:
    """The lines with code and rate; the day of a line, else that of the document, says which rate holds.

    ``Refused`` names the line by its place: ``lines.0.vat_code``.
    """
    rates: dict[str, int] = {}
    found = []
    for place, line in enumerate(lines):
        field = f"lines.{place}"
        code, basis_points = _rated(line, codes, line.item_day or issued_on, field)
        if rates.setdefault(code, basis_points) != basis_points:
            raise Refused(
                "vat-code-with-two-rates",
                field=f"{field}.vat_percent",
                value=percent_text(basis_points),
                vat_code=code,
                other=percent_text(rates[code]),
            )
        found.append(
            DocumentLine(
                line.product, line.amount_minor, basis_points, code, line.product_family, line.item_day
            )
        )
    return found


def _rated(line: LineRequest, codes: Mapping[str, VatCode], day: str, field: str) -> _Rated:
    given = line.vat_basis_points
    if not line.vat_code:
        if given is None:
            raise Refused("vat-not-given", field=field)
        return _Rated(_only_code_with(given, codes, day, field), given)
    code = codes.get(line.vat_code)
    if code is None:
        raise Refused("vat-code-not-found", field=f"{field}.vat_code", value=line.vat_code)
    right = rate_on(code, day, field=f"{field}.vat_code")
    if given not in (None, right):
        raise Refused(
            "vat-rate-differs",
            field=f"{field}.vat_percent",
            value=percent_text(given or 0),
            vat_code=line.vat_code,
            day=day,
            right=percent_text(right),
        )
    return _Rated(line.vat_code, right)


def _only_code_with(basis_points: int, codes: Mapping[str, VatCode], day: str, field: str) -> str:
    """The one code that has this rate on the day.

    0 % is no case of its own: while a chain knows one code that is free of tax, that is the one; with a
    second one (exports, reverse charge) nobody but the writer knows why there is no tax.
    """
    rates = {name: rate_on(code, day) for name, code in codes.items() if code.rates[0].valid_from <= day}
    fitting = sorted(name for name, rate in rates.items() if rate == basis_points)
    if len(fitting) == 1:
        return fitting[0]
    percent = percent_text(basis_points)
    if fitting:
        raise Refused(
            "vat-code-missing",
            field=f"{field}.vat_code",
            value="",
            percent=percent,
            day=day,
            candidates=", ".join(fitting),
        )
    known = ", ".join(f"{name} {percent_text(rate)} %" for name, rate in sorted(rates.items()))
    raise Refused(
        "vat-rate-unknown", field=f"{field}.vat_percent", value=percent, day=day, known=known or "-"
    )
