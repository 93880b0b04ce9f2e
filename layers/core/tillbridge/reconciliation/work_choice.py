"""Which work the chunks of an import ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tillbridge.ledger.books import BooksService
from tillbridge.ledger.service import LedgerService

from . import registry
from .document_work import DocumentWork
from .import_model import Import
from .model import Variant
from .order_upload import OrderUpload
from .statement_work import StatementWork
from .store import ImportStore
from .upload_work import CustomerUpload, InvoiceUpload
from .work import Work
from .workspace import Workspace


class WorkChoice:
    """Makes the work for an import, by what its rows say."""

    def __init__(
        self,
        store: ImportStore,
        workspace: Workspace,
        ledger: LedgerService,
        books: BooksService,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._ledger = ledger
        self._books = books
        self._clock = clock

    def of(self, one: Import) -> Work:
        """The work on the chunks of this import."""
        match one.variant:
            case Variant.INVOICES:
                return InvoiceUpload(one, self._ledger, self._books.vat_codes(), self._clock())
            case Variant.CUSTOMERS:
                return CustomerUpload(one, self._ledger)
            case Variant.ORDERS:
                return OrderUpload(one, self._ledger)
            case Variant.BANK_STATEMENT:
                masks = self.masks(one)
                return StatementWork(one, self._store, self._ledger, self._workspace, masks, self._clock())
            case _ if one.kind is not None:
                return DocumentWork(one, self._ledger, registry.means_of(one.kind), self._clock())
            case _:
                raise ValueError(f"import {one.id} was not read")

    def masks(self, one: Import) -> tuple[str, ...]:
        """The series of invoice numbers by which payers' texts are searched: the branches' and the
        profile's.
        """
        profile = self._store.profile(one.profile)
        own = profile.number_patterns if profile else ()
        return (*self._books.number_masks(one.branches), *own)
