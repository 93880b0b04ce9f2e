"""What workers do with a chunk, whatever it holds: groups of rows, and for each a plan that can be written.

``document_work`` is about rows that name a document, ``statement_work`` about entries of bank statements,
``upload_work`` about invoices and customers that come in bulk, ``order_upload`` about orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from tillbridge.aws.table import Part
from tillbridge.ledger.model import Document

from .import_model import Totals
from .row_outcomes import RowOutcome
from .workspace import ChunkContent


class Planned(NamedTuple):
    """What is to be done about one group: parts of a transaction, and what is told of its rows.

    ``touches`` are the things that its parts change, ``rests_on`` those that its decision rests on: a group
    that rests on what another has changed can't stand in the same transaction. ``size_bytes`` is about what
    the parts weigh. ``after`` are the documents as they then stand. ``leans_on`` are the imports because of
    which rows are passed over.
    """

    outcomes: tuple[RowOutcome, ...]
    totals: Totals
    parts: tuple[Part, ...] = ()
    touches: frozenset[str] = frozenset()
    rests_on: frozenset[str] = frozenset()
    size_bytes: int = 0
    after: tuple[Document, ...] = ()
    leans_on: frozenset[str] = frozenset()


class Work(Protocol):
    """The work on the chunks of one import."""

    def groups(self, content: ChunkContent) -> Sequence[Any]:
        """What is decided as one, in an order that is the same for every worker."""
        ...

    def plans(self, groups: Sequence[Any]) -> Iterator[Planned]:
        """A plan for each group, as things stand now; what they have in common is read at one go."""
        ...

    def assume(self, planned: Planned) -> None:
        """Take for granted that a plan was written: what follows sees it, in a preview too."""
        ...

    def forget(self) -> None:
        """What was read is old: somebody else has changed some of it."""
        ...
