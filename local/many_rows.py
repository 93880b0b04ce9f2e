"""Large files for measurements and long tests: so many invoices, and so many payments of them."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

INVOICES_HEAD = (
    "Art;Rechnungsnummer;Filiale;Rechnungsdatum;Währung;Zahlungsziel;ÜbergebenAm;Artikel;UStProzent;"
    "UStCode;Betrag"
)
PAYMENTS_HEAD = "Rechnungsnummer;Zahlbetrag;Zahldatum;Skonto;Mahngebühr;Überzahlung;Wiederöffnen"


def invoices(prefix: str, count: int, branch: str = "01") -> bytes:
    """A file of so many invoices over 119.00 each, issued on 1 October 2026."""
    return _file(
        INVOICES_HEAD,
        (
            f"Rechnung;{prefix}-{place:07};{branch};20261001;EUR;14;20261002;Brille;19;STANDARD;119,00"
            for place in range(count)
        ),
    )


def payments(prefix: str, count: int) -> bytes:
    """A file that pays each of these invoices; every seventh in part, every tenth too much."""
    return _file(
        PAYMENTS_HEAD,
        (f"{prefix}-{place:07};{paid_amount(place)};20261105;;;;" for place in range(count)),
    )


def paid_amount(place: int) -> str:
    """What the file pays of the invoice at this place."""
    if place % 7 == 0:
        return "59,50"
    return "125,00" if place % 10 == 0 else "119,00"


def _file(head: str, rows: Iterator[str]) -> bytes:
    file = BytesIO()
    file.write(f"{head}\r\n".encode("cp1252"))
    for row in rows:
        file.write(f"{row}\r\n".encode("cp1252"))
    return file.getvalue()
