"""Money: whole minor units of one currency; parsed exactly or refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .currencies import DECIMALS
from .errors import Refused

MAX_MINOR = 10**15
"""No amount reaches this: it keeps every sum exact wherever numbers are doubles."""

_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]*)(?:\.(?P<fraction>[0-9]+))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in DECIMALS:
            raise Refused("currency-unknown", field="currency", value=self.currency)
        if abs(self.amount_minor) >= MAX_MINOR:
            raise Refused("amount-too-large", field="amount", value=str(self.amount_minor))

    @classmethod
    def parse(cls, text: str, currency: str, *, field: str = "amount") -> Money:
        """Read ``5.10`` exactly: a dot, no grouping, at most the currency's decimals; else ``Refused``."""
        if currency not in DECIMALS:
            raise Refused("currency-unknown", field="currency", value=currency)
        match = _DECIMAL.fullmatch(text)
        if match is None:
            raise Refused("amount-unreadable", field=field, value=text)
        decimals = DECIMALS[currency]
        fraction = match["fraction"] or ""
        if len(fraction) > decimals:
            raise Refused(
                "amount-has-too-many-decimals", field=field, value=text, currency=currency, decimals=decimals
            )
        if len(match["whole"]) + decimals > len(str(MAX_MINOR)):
            raise Refused("amount-too-large", field=field, value=text)
        minor = int(match["whole"] + fraction.ljust(decimals, "0"))
        if minor >= MAX_MINOR:
            raise Refused("amount-too-large", field=field, value=text)
        return cls(-minor if match["sign"] else minor, currency)

    def decimal_text(self) -> str:
        """``5.10``, ``-218.49``, ``120`` (yen): a dot and the currency's own number of decimals."""
        return decimal_text(self.amount_minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount_minor <= self._same(other)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise Refused("currencies-differ", field="currency", value=other.currency, expected=self.currency)
        return other.amount_minor


def decimal_text(minor: int, currency: str) -> str:
    """``5.10``: minor units in the decimals of their currency, however large a sum of them has become."""
    decimals = DECIMALS[currency]
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    sign = "-" if minor < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum of amounts of one currency; zero when there are none."""
    return sum(amounts, Money(0, currency))
