"""What the product does with interfaces: set up, change, end, read, check their folders (PF-6 to PF-8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tillbridge.access.model import ALL_BRANCHES, Caller, WorkstationKey
from tillbridge.access.rules import Act, require, require_role
from tillbridge.access.service import AccessService
from tillbridge.aws.table import CommitConflict, commit
from tillbridge.devices.model import WORKSTATION_DEVICE, JobKind, JobOrder
from tillbridge.devices.service import DeviceService
from tillbridge.kernel.errors import Conflict, NotFound, Unavailable

from . import rules
from .model import DirectoryTarget, Interface
from .store import PaymentStore

CHECKS_AT_ONCE = 20
"""Folder checks that are ordered in one transaction."""

FolderChecks = Mapping[str, Mapping[str, Any]]
"""``<target>@<branch>/<workstation>`` -> outcome, detail and moment of what the agent said."""


class InterfaceService:
    """The sentences about interfaces."""

    def __init__(self, store: PaymentStore, devices: DeviceService, access: AccessService) -> None:
        self._store = store
        self._devices = devices
        self._access = access

    def put(self, caller: Caller, interface: Interface) -> Interface:
        """Write an interface, new or changed, and have agents check its folders (PF-7).

        Saved as it was, it stays as it is; its folders are checked again, for one may have been made since.
        """
        require(caller, Act.MANAGE_INTERFACES, interface.branch)
        known = self._store.interfaces_revision()
        others = self._store.interfaces()
        former = next((other for other in others if other.id == interface.id), None)
        if former and not _covers(caller, former.branch):
            raise Conflict("interface-id-taken", field="interface", value=interface.id)
        self._demand_place(interface)
        rules.demand_folder_of_its_own(interface, others)
        rules.demand_files_fit(interface, others)
        revised = replace(interface, revision=former.revision + 1 if former else 1)
        if former and replace(former, revision=revised.revision) == revised:
            self._have_folders_checked(caller, former)
            return former
        self._write(caller, revised, former, known)
        return revised

    def end(self, caller: Caller, interface_id: str) -> Interface:
        """Stop an interface: no payment makes files for it any more; files it has made live on."""
        interface, _ = self.interface(caller, interface_id, Act.MANAGE_INTERFACES)
        if not interface.active:
            return interface
        ended = replace(interface, active=False, revision=interface.revision + 1)
        self._write(caller, ended, interface, self._store.interfaces_revision())
        return ended

    def interface(
        self, caller: Caller, interface_id: str, act: Act = Act.READ_INTERFACES
    ) -> tuple[Interface, FolderChecks]:
        """One interface and what the agents said of its folders."""
        require_role(caller, act)
        found = self._store.interface(interface_id)
        if found is None or not _visible(caller, found):
            raise NotFound("interface-not-found", field="interface", value=interface_id)
        if act is not Act.READ_INTERFACES:
            require(caller, act, found.branch)
        return found, _own_checks(caller, self._store.folder_checks(found))

    def interfaces(
        self, caller: Caller, *, with_workstation: bool = False
    ) -> tuple[tuple[Interface, FolderChecks], ...]:
        """The interfaces that concern the caller's branches; narrowed to those of a workstation if asked."""
        require_role(caller, Act.READ_INTERFACES)
        return tuple(
            (interface, _own_checks(caller, self._store.folder_checks(interface)))
            for interface in self._store.interfaces()
            if _visible(caller, interface) and (interface.workstation or not with_workstation)
        )

    def _demand_place(self, interface: Interface) -> None:
        if interface.branch is not None:
            self._access.branch(interface.branch)
        if interface.branch is not None and interface.workstation is not None:
            self._access.workstation(interface.branch, interface.workstation)

    def _write(self, caller: Caller, interface: Interface, former: Interface | None, known: int) -> None:
        audit = self._access.audit_part(
            actor=caller.username,
            act=Act.MANAGE_INTERFACES.value,
            branch=interface.branch,
            subject=f"interface/{interface.id}",
            facts={"revision": str(interface.revision), "active": str(interface.active).lower()},
        )
        try:
            parts = [
                self._store.interface_part(interface, former),
                self._store.interfaces_revision_part(known),
                audit,
            ]
            commit(self._store.table.client, parts)
        except CommitConflict:
            raise Conflict("interface-changed-meanwhile", field="interface", value=interface.id) from None
        self._have_folders_checked(caller, interface)

    def _have_folders_checked(self, caller: Caller, interface: Interface) -> None:
        for orders in _portions(list(self._check_orders(caller, interface))):
            self._order_checks(orders)

    def _order_checks(self, orders: Sequence[JobOrder]) -> None:
        """Give the check jobs; when a till is busy on the same device, they are planned anew."""
        for _ in range(5):
            jobs = self._devices.plan(orders)
            try:
                commit(self._store.table.client, jobs.parts)
            except CommitConflict:
                continue
            self._devices.wake(jobs)
            return
        raise Unavailable("the workstations are busy; save the interface again")

    def _check_orders(self, caller: Caller, interface: Interface) -> Iterator[JobOrder]:
        if not interface.active:
            return
        for target in interface.targets:
            if isinstance(target, DirectoryTarget):
                for key in self._agents_of(caller, interface):
                    subject = {
                        "interface": interface.id,
                        "target": target.id,
                        "revision": str(interface.revision),
                    }
                    payload = {"folder": target.path}
                    yield JobOrder(key, WORKSTATION_DEVICE, JobKind.CHECK_FOLDER, payload, subject)

    def _agents_of(self, caller: Caller, interface: Interface) -> Iterator[WorkstationKey]:
        if interface.branch is not None and interface.workstation is not None:
            yield WorkstationKey(interface.branch, interface.workstation)
            return
        for branch in [interface.branch] if interface.branch else self._all_branches(caller):
            for agent in self._devices.enrolled_agents(branch):
                yield agent.workstation_key

    def _all_branches(self, caller: Caller) -> Iterator[str]:
        cursor: str | None = None
        while True:
            branches, cursor = self._access.list_branches(caller, cursor=cursor)
            yield from (branch.id for branch in branches)
            if cursor is None:
                return


def _covers(caller: Caller, branch: str | None) -> bool:
    return caller.branches is ALL_BRANCHES if branch is None else caller.covers(branch)


def _own_checks(caller: Caller, checks: FolderChecks) -> FolderChecks:
    """What agents of the caller's branches said; an interface of every branch has checks of others too."""
    return {
        place: said
        for place, said in checks.items()
        if caller.covers(WorkstationKey.parse(place.split("@", 1)[1]).branch)
    }


def _visible(caller: Caller, interface: Interface) -> bool:
    return interface.branch is None or caller.covers(interface.branch)


def _portions(orders: Sequence[JobOrder]) -> Iterable[Sequence[JobOrder]]:
    return (orders[start : start + CHECKS_AT_ONCE] for start in range(0, len(orders), CHECKS_AT_ONCE))
