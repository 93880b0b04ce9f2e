"""All import kinds, and which one claims a file (RI-31).

    head = head_of(file_name, first_64_kib)             Refused: empty, an image, an archive, no text …
    kind = claim(head, settings, named=profile.kind)    Refused: no kind claims it, or several do
    for reading in read_file(stream, settings, kind):   rows, problems, notices; Facts as the very last

``Refused`` anywhere means that the whole file is wrong, and that nothing of it may be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, cast

from tillbridge.kernel.errors import Refused
from tillbridge.ledger.entries import Account

from . import code_words
from .formats import (
    addison,
    amparex,
    camt,
    customers,
    datev,
    datev_kr_export,
    datev_pro,
    diamant,
    invoices,
    mt940,
    navision,
    navision_dunning,
    orders,
    own_mapping,
    pbs,
)
from .formats.heads import head_of
from .formats.reading import ByteStream, Head, Reading, ReadSettings
from .model import Facts, Kind, Problem, StatementEntry, Variant

__all__ = ["KINDS", "ImportKind", "claim", "head_of", "means_of", "read_file"]


class ImportKind(Protocol):
    """A module of ``formats``; its contract stands in ``formats.reading``."""

    @property
    def KIND(self) -> Kind:  # noqa: N802 - a module's constant
        """Which kind it is."""
        ...

    def claims(self, head: Head) -> bool:
        """True when the kind recognises the file as its own."""
        ...

    def read(self, stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
        """What the file says, row by row."""
        ...


_MODULES = (
    amparex, pbs, datev, datev_pro, datev_kr_export, addison, diamant, navision, navision_dunning,
    camt, mt940, own_mapping, invoices, customers, orders,
)  # fmt: skip
KINDS: Mapping[Kind, ImportKind] = MappingProxyType(
    {module.KIND: cast(ImportKind, module) for module in _MODULES}
)
"""Every kind and its module."""

BANK_KINDS = frozenset({Kind.CAMT, Kind.MT940})
LEDGER_KINDS = frozenset({Kind.INVOICES, Kind.CUSTOMERS, Kind.ORDERS})
"""What they bring in is recorded in the ledger, not settled (LE-1)."""


def claim(head: Head, settings: ReadSettings, named: Kind | None = None) -> ImportKind:
    """The one kind that claims the file, or the kind that the uploader or the profile names (RI-31).

    ``Refused`` where no kind claims it, where several do, or where an own mapping is named and not given.
    """
    if named is Kind.MAPPED and settings.mapping is None:
        raise Refused("mapping-not-given", field="mapping", value=head.name)
    if named is not None:
        return KINDS[named]
    claiming = [kind for kind in KINDS.values() if kind.claims(head)]
    if not claiming:
        shown = ", ".join(cell.strip()[:40] for cell in head.cells[:10])
        raise Refused("no-kind-claims", field="file", value=head.name, first_line=shown[:200])
    if len(claiming) > 1:
        names = code_words.kinds(sorted(kind.KIND.value for kind in claiming))
        raise Refused("several-kinds-claim", field="file", value=head.name, kinds=names)
    return claiming[0]


def means_of(kind: Kind) -> Account:
    """What the money of an import went through: the bank where its own statement says so."""
    return Account.BANK if kind in BANK_KINDS else Account.PAID_AT_ACCOUNTANT


def read_file(stream: ByteStream, settings: ReadSettings, kind: ImportKind) -> Iterator[Reading]:
    """What the file says, row by row; ``Facts`` are always the last."""
    if kind.KIND not in BANK_KINDS:
        yield from kind.read(stream, settings)
        return
    rows, currencies, problem_lines = 0, set(), set()
    for reading in kind.read(stream, settings):
        if isinstance(reading, StatementEntry):
            rows += 1
            currencies.add(reading.currency)
        elif isinstance(reading, Problem):
            problem_lines.add(reading.line)
        yield reading
    yield Facts(
        variant=Variant.BANK_STATEMENT,
        currencies=tuple(sorted(currencies)),
        rows=rows,
        problem_lines=len(problem_lines),
    )
