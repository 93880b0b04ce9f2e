"""The payment file: eight ``key=value`` lines for an independent till (PF-3, PF-4, PF-8; seed 000).

``docs/formats/payment-file.md`` describes it for those who write a consumer.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge.kernel.calendar import local_minute
from tillbridge.kernel.text import CharacterSet, Encoded, encode, single_line
from tillbridge.payments.model import Direction, LineEnding, Payment

KEYS = ("documentkey", "amount", "customer", "processnr", "invoicnr", "paymenttype", "date", "staff")
"""The keys in their order; ``invoicnr`` is spelled so in the original."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the receiver wants its files, and the zone of the branch whose clock dates them."""

    character_set: CharacterSet
    line_ending: LineEnding
    walk_in_customer: str
    time_zone: str


def file_name(number: str, direction: Direction) -> str:
    """``Bon-01-0019-19`` + ``.in`` or ``.out`` (PF-3)."""
    return f"{number}.{direction.value}"


def write(payment: Payment, settings: Settings) -> Encoded:
    """The bytes of the file, and the characters that its character set could not hold."""
    customer = payment.customer
    if customer is None:
        name = settings.walk_in_customer
    else:
        parts = (customer.last_name.strip(), customer.first_name.strip())
        name = ", ".join(part for part in parts if part)
    values = {
        "documentkey": payment.number,
        "amount": payment.signed_amount.decimal_text(),
        "customer": name,
        "processnr": payment.case_number,
        "invoicnr": payment.invoice_number,
        "paymenttype": payment.method.value,
        "date": local_minute(payment.taken_at, settings.time_zone),
        "staff": payment.staff,
    }
    lines = [f"{key}={single_line(values[key], field=key, max_chars=250)}" for key in KEYS]
    ending = settings.line_ending.characters
    return encode(ending.join(lines) + ending, settings.character_set)
