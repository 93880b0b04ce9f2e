"""Amounts of money in cells: whole minor units, exactly, or refused with the reason (RI-32).

A comma before the decimals and dots between groups of three, where the decimal mark is a comma: ``1234,50``
and ``1.234,50``; the other way round where it is a dot. What could be read in two ways is refused: ``1.234``
is either 1234 or 1 and 234 thousandths, and nobody but its writer knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.money import MAX_MINOR

from .cells import BadCell, Learned, Reader, Terms, Words, flag

_AMOUNT = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:G[0-9]{3})+)(?:M(?P<fraction>[0-9]+))?",
    re.ASCII,
)
_USUAL_DIGITS = 10
"""Amounts up to ten thousand millions are read at once by the column; larger ones one by one."""
WHOLE_PER_CENT = 10_000


class Amounts(Reader):
    """Amounts in the minor units of one currency; None for an empty cell."""

    depends_on_currency = has_decimals = True

    def __init__(self, terms: Terms) -> None:
        self._currency, self._decimals = terms.currency, DECIMALS[terms.currency]
        self._mark = terms.decimal_mark
        self._group = "." if self._mark == "," else ","
        fraction = rf"{re.escape(self._mark)}[0-9]{{{self._decimals}}}" if self._decimals else ""
        usual = rf"-?(?:0|[1-9][0-9]{{0,{_USUAL_DIGITS - 1}}}){fraction}"
        self._usual = re.compile(usual, re.ASCII).fullmatch
        self._all_usual = re.compile(rf"(?:{usual}\n)*+", re.ASCII).fullmatch

    def __call__(self, cell: str) -> int | None:
        """The amount."""
        if self._usual(cell):
            return int(cell.replace(self._mark, ""))
        return self._otherwise(cell.strip())

    def column(self, cells: Sequence[str]) -> Sequence[int | None]:
        """The amounts; where all have the usual form, one look at them all is enough."""
        whole = "\n".join(cells) + "\n"
        if self._all_usual(whole):  # no cell holds a line break, so there are as many as before
            return list(map(int, whole.replace(self._mark, "").split()))
        return super().column(cells)

    def _otherwise(self, cell: str) -> int | None:
        """The forms that are rarer: groups, fewer decimals, a plus, blanks around; or why it is no amount."""
        if not cell:
            return None
        match = _AMOUNT.fullmatch(
            cell.replace("G", "?").replace("M", "?").replace(self._group, "G").replace(self._mark, "M")
        )
        if match is None or ("G" in match["whole"] and match["fraction"] is None):
            raise self._unreadable(cell)
        fraction = match["fraction"] or ""
        if len(fraction) > self._decimals:
            code, currency = "cell-has-too-many-decimals", self._currency
            raise BadCell(code, currency=currency, decimals=self._decimals)
        digits = match["whole"].replace("G", "") + fraction.ljust(self._decimals, "0")
        if len(digits) > len(str(MAX_MINOR)) or int(digits) >= MAX_MINOR:
            raise BadCell("cell-amount-too-large")
        return -int(digits) if match["sign"] == "-" else int(digits)

    def _unreadable(self, cell: str) -> BadCell:
        right = f"1234{self._mark}50" if self._decimals else "1234"
        digits = cell.lstrip("+-").replace(self._group, "").replace(self._mark, "")
        ambiguous = self._group in cell and digits.isascii() and digits.isdecimal()
        return BadCell("cell-amount-is-ambiguous" if ambiguous else "cell-is-no-amount", right=right)


def amount(terms: Terms) -> Reader:
    """An amount in minor units; None for an empty cell."""
    return Amounts(terms)


class _NotBelowZero(Reader):
    depends_on_currency = has_decimals = True

    def __init__(self, terms: Terms) -> None:
        self._amounts = Amounts(terms)

    def __call__(self, cell: str) -> int | None:
        amount_minor = self._amounts(cell)
        if amount_minor is not None and amount_minor < 0:
            raise BadCell("cell-amount-below-zero")
        return amount_minor


def amount_not_below_zero(terms: Terms) -> Reader:
    """An amount in minor units that is zero or more; None for an empty cell."""
    return _NotBelowZero(terms)


class _Fees(Learned):
    """Pairs: yes, no or None, and the fee in minor units where the cell is an amount."""

    depends_on_currency = has_decimals = True

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self._flags, self._amounts = flag(terms), Amounts(terms)

    def read(self, cell: str) -> tuple[bool | None, int | None]:
        """What a cell says about the fee."""
        if not any(char.isdecimal() for char in cell):
            return (self._flags(cell), None)
        fee_minor = self._amounts(cell)
        if fee_minor is not None and fee_minor < 0:
            raise BadCell("dunning-fee-below-zero")
        return (None, fee_minor)


def dunning_fee(terms: Terms) -> Reader:
    """A pair: yes, no or None, and the fee in minor units where the cell is an amount (RI-3)."""
    return _Fees(terms)


class _Percentages(Learned):
    has_decimals = True

    def __init__(self, terms: Terms, least: int, most: int) -> None:
        super().__init__({"": None})
        mark = re.escape(terms.decimal_mark)
        self._match = re.compile(rf"([0-9]{{1,3}})(?:{mark}([0-9]{{1,2}}))?", re.ASCII).fullmatch
        self._right = f"2{terms.decimal_mark}5"
        self._least, self._most = least, most

    def read(self, cell: str) -> int | None:
        trimmed = cell.strip()
        if not trimmed:
            return None
        match = self._match(trimmed)
        points = int(match[1] + (match[2] or "").ljust(2, "0")) if match else -1
        if not self._least <= points <= self._most:
            raise BadCell("cell-is-no-percentage", right=self._right)
        return points


def percentage(terms: Terms) -> Reader:
    """A percentage from 0 to 100 with at most two decimals, in basis points; None for an empty cell."""
    return _Percentages(terms, 0, WHOLE_PER_CENT)


def discount_percentage(terms: Terms) -> Reader:
    """A percentage above 0 and below 100, in basis points; None for an empty cell."""
    return _Percentages(terms, 1, WHOLE_PER_CENT - 1)


def side_word(_: Terms) -> Reader:
    """The side of an amount in DATEV's lists: S (debit), H (credit) or nothing."""
    return Words({"S": "S", "H": "H", "": ""}, "side-unknown")
