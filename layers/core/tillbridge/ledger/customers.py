"""What people and shop software do with customers and orders: write down, read, list (LE-1)."""

from __future__ import annotations

from dataclasses import replace

from tillbridge.access.model import Caller
from tillbridge.access.rules import Act, require, require_role
from tillbridge.access.service import AccessService
from tillbridge.aws.table import CommitConflict, Part, commit_unless_busy
from tillbridge.kernel.errors import Conflict, NotFound
from tillbridge.kernel.text import fold

from .model import Customer, Order
from .store import LedgerStore


class CustomerService:
    """The sentences about customers and orders; those of a foreign branch are as good as none.

    Names and addresses stand in the customer's own row alone: neither notes nor logs tell them (PE-3).
    """

    def __init__(self, store: LedgerStore, access: AccessService) -> None:
        self._store = store
        self._access = access

    def put(self, caller: Caller, customer: Customer) -> Customer:
        """Write a customer down, new or as it shall be; the same once more changes nothing."""
        require(caller, Act.RECORD_DOCUMENTS, customer.branch)
        self._access.branch(customer.branch)
        former = self._store.customers([customer.number]).get(customer.folded_number)
        if former is not None and not caller.covers(former.branch):
            raise Conflict("customer-number-taken", field="number", value=customer.number)
        if former is not None and replace(customer, revision=former.revision) == former:
            return former
        revised = replace(customer, revision=former.revision + 1 if former else 1)
        part = self._store.customer_part(revised, former)
        note = self._note(caller, f"customer/{revised.folded_number}", revised.branch, revised.revision)
        if not self._written(part, note):
            raise Conflict("customer-changed-meanwhile", field="number", value=customer.number)
        return revised

    def get(self, caller: Caller, number: str) -> Customer:
        """A customer of the caller's branches."""
        require_role(caller, Act.READ_LEDGER)
        found = self._store.customers([number]).get(fold(number))
        if found is None or not caller.covers(found.branch):
            raise NotFound("customer-not-found", field="customer", value=number)
        return found

    def of_branch(
        self, caller: Caller, branch: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Customer], str | None]:
        """The customers of a branch, by number; one that was moved away just now may make a page short."""
        require(caller, Act.READ_LEDGER, branch)
        found, following = self._store.customers_of_branch(branch, cursor=cursor, limit=limit)
        return [customer for customer in found if customer.branch == branch], following

    def put_order(self, caller: Caller, order: Order) -> Order:
        """Write an order down, new or as it shall be; the same once more changes nothing."""
        require(caller, Act.RECORD_DOCUMENTS, order.branch)
        self._access.branch(order.branch)
        if order.customer:
            order = replace(order, customer=self.get(caller, order.customer).number)
        former = self._store.orders([order.number]).get(order.folded_number)
        if former is not None and not caller.covers(former.branch):
            raise Conflict("order-number-taken", field="number", value=order.number)
        if former is not None and replace(order, revision=former.revision) == former:
            return former
        revised = replace(order, revision=former.revision + 1 if former else 1)
        part = self._store.order_part(revised, former)
        note = self._note(caller, f"order/{revised.folded_number}", revised.branch, revised.revision)
        if not self._written(part, note):
            raise Conflict("order-changed-meanwhile", field="number", value=order.number)
        return revised

    def order(self, caller: Caller, number: str) -> Order:
        """An order of the caller's branches."""
        require_role(caller, Act.READ_LEDGER)
        found = self._store.orders([number]).get(fold(number))
        if found is None or not caller.covers(found.branch):
            raise NotFound("order-not-found", field="number", value=number)
        return found

    def orders_of_branch(
        self, caller: Caller, branch: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Order], str | None]:
        """The orders of a branch, by number; one that was moved away just now may make a page short."""
        require(caller, Act.READ_LEDGER, branch)
        found, following = self._store.orders_of_branch(branch, cursor=cursor, limit=limit)
        return [order for order in found if order.branch == branch], following

    def _note(self, caller: Caller, subject: str, branch: str, revision: int) -> Part:
        return self._access.audit_part(
            actor=caller.username,
            act=Act.RECORD_DOCUMENTS,
            subject=subject,
            branch=branch,
            facts={"revision": str(revision)},
        )

    def _written(self, *parts: Part) -> bool:
        """Write the parts; False when somebody else changed the row since it was read."""
        try:
            commit_unless_busy(self._store.table.client, parts)
        except CommitConflict:
            return False
        return True
