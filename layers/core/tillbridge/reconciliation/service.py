"""What people do with imports: profiles, uploads, looking, approving, deleting, deciding (RI-30 to RI-38)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from tillbridge.access.model import ALL_BRANCHES, Caller
from tillbridge.access.rules import Act, require, require_role
from tillbridge.access.service import AccessService
from tillbridge.aws.files import UploadForm
from tillbridge.aws.table import CommitConflict, Part
from tillbridge.kernel.errors import Conflict, NotFound, Refused
from tillbridge.ledger.books import BooksService

from .import_model import Event, Import, ImportState, Profile, Review, UploadOptions
from .intake import MOST_FILE_BYTES, Upload, import_id_of, options_of
from .model import Kind, Variant
from .progress import PATIENCE, ProgressService
from .reports import HAS_REPORT
from .reviews import Allocation, ReviewService
from .store import ImportStore
from .workspace import INBOX, Workspace, checked_inbox_name

FORM_LIVES_S = 900
LINK_LIVES_S = 300
APPROVE, REJECT = "approve", "reject"


class Announced(NamedTuple):
    """An upload that may now come: the import that it will start, and the form that takes the file."""

    import_id: str
    form: UploadForm
    expires_at: datetime


class Link(NamedTuple):
    """An address from which a report can be fetched for a while."""

    url: str
    expires_at: datetime


class ImportService:
    """The sentences about imports."""

    def __init__(
        self,
        store: ImportStore,
        workspace: Workspace,
        progress: ProgressService,
        reviews: ReviewService,
        books: BooksService,
        access: AccessService,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._progress = progress
        self._reviews = reviews
        self._books = books
        self._access = access
        self._clock = clock
        self._new_id = new_id

    # Profiles

    def put_profile(self, caller: Caller, profile: Profile) -> Profile:
        """Write a profile down, new or changed; the same once more changes nothing (RI-20, RI-33)."""
        require_role(caller, Act.MANAGE_IMPORT_PROFILES)
        self._require_all(caller, Act.MANAGE_IMPORT_PROFILES, self._branches_of(profile))
        of_client = self._books.branches_of(self._books.client(profile.client).id)
        for branch in profile.branches:
            if branch not in of_client:
                raise Refused(
                    "branch-of-another-client", field="branches", value=branch, client=profile.client
                )
        former = self._store.profile(profile.id)
        if former is not None:
            self._require_all(caller, Act.MANAGE_IMPORT_PROFILES, self._branches_of(former))
            if replace(profile, revision=former.revision) == former:
                return former
        revised = replace(profile, revision=former.revision + 1 if former else 1)
        audit = self._access.audit_part(
            actor=caller.username,
            act=Act.MANAGE_IMPORT_PROFILES.value,
            branch=profile.branches[0] if len(profile.branches) == 1 else None,
            subject=f"import-profile/{profile.id}",
            facts={"revision": str(revised.revision), "active": str(profile.active).lower()},
        )
        try:
            self._store.commit([self._store.profile_part(revised, former), audit])
        except CommitConflict:
            raise Conflict("profile-changed-meanwhile", field="profile", value=profile.id) from None
        return revised

    def profiles(self, caller: Caller) -> list[Profile]:
        """The profiles whose branches the caller covers, by id."""
        require_role(caller, Act.READ_IMPORTS)
        return [one for one in self._store.profiles() if self._covers(caller, self._branches_of(one))]

    def profile(self, caller: Caller, profile_id: str) -> Profile:
        """A profile; one of foreign branches is as good as none."""
        require_role(caller, Act.READ_IMPORTS)
        return self._visible_profile(caller, profile_id)

    def _visible_profile(self, caller: Caller, profile_id: str) -> Profile:
        found = self._store.profile(profile_id)
        if found is None or not self._covers(caller, self._branches_of(found)):
            raise NotFound("profile-not-found", field="profile", value=profile_id)
        return found

    def _branches_of(self, profile: Profile) -> Sequence[str]:
        return profile.branches or self._books.branches_of(profile.client)

    # Uploads

    def announce(self, caller: Caller, profile_id: str, file_name: str, options: UploadOptions) -> Announced:
        """A form by which the caller may post one file into the inbox of a profile (RI-30)."""
        require_role(caller, Act.IMPORT_FILES)
        profile = self._visible_profile(caller, profile_id)
        if not profile.active:
            raise Conflict("profile-not-active", field="profile", value=profile_id)
        name = checked_inbox_name(file_name)
        upload_id = self._new_id().replace("-", "")[:20]
        key = f"{INBOX}{profile_id}/{upload_id}/{name}"
        notes = {"uploaded-by": caller.username}
        notes |= {"as-of": options.as_of} if options.as_of else {}
        notes |= {"settle-by": options.settle_by} if options.settle_by else {}
        notes |= {"kind": options.kind.value} if options.kind else {}
        now = self._clock()
        options_of(notes, import_day=now.date().isoformat(), uploaded_by=caller.username)
        form = self._workspace.files.upload_form(key, notes, most_bytes=MOST_FILE_BYTES, for_s=FORM_LIVES_S)
        return Announced(import_id_of(Upload(key, "", "")), form, now + timedelta(seconds=FORM_LIVES_S))

    # Looking

    def imports(
        self,
        caller: Caller,
        client: str,
        *,
        profile: str | None = None,
        state: ImportState | None = None,
        kind: Kind | None = None,
        until: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> tuple[list[Import], str | None]:
        """The imports of a client, newest first; a narrowed page may be short (RI-36)."""
        require_role(caller, Act.READ_IMPORTS)
        equals = {
            name: value
            for name, value in (
                ("profile", profile),
                ("state", state.value if state else None),
                ("kind", kind.value if kind else None),
            )
            if value is not None
        }
        found, following = self._store.uploads(
            client, until=f"{until}~" if until else None, equals=equals or None, cursor=cursor, limit=limit
        )
        return [one for one in found if self._covers(caller, one.branches)], following

    def find(self, caller: Caller, import_id: str) -> Import:
        """An import as it stands, with its totals so far (RI-35); one of foreign branches is as good as
        none.
        """
        require_role(caller, Act.READ_IMPORTS)
        one = self._visible(caller, import_id)
        return replace(one, totals=self._progress.totals_so_far(one))

    def _visible(self, caller: Caller, import_id: str) -> Import:
        one = self._store.get(import_id)
        if one is None or not self._covers(caller, one.branches):
            raise NotFound("import-not-found", field="import", value=import_id)
        return one

    def report(self, caller: Caller, import_id: str, *, language: str, as_json: bool) -> Link:
        """An address of the report: every row with what was done and why (RI-38)."""
        require_role(caller, Act.READ_IMPORTS)
        one = self._visible(caller, import_id)
        if one.state not in HAS_REPORT or not one.report:
            raise Conflict("report-not-ready", field="import", value=import_id, state=one.state.value)
        name = "report.json" if as_json else f"report.{language}.csv"
        url = self._workspace.files.link(f"{one.report}{name}", f"{one.id}.{name}", for_s=LINK_LIVES_S)
        return Link(url, self._clock() + timedelta(seconds=LINK_LIVES_S))

    # Deciding

    def approve(self, caller: Caller, import_id: str, reason: str) -> Import:
        """Let an import be booked that waits for approval (RI-33); approving it again changes nothing."""
        one = self._decidable(caller, import_id)
        if one.state in (ImportState.BOOKING, ImportState.FINISHED) and _has(one, "approved"):
            return one
        self._demand_state(one, ImportState.AWAITING_APPROVAL)
        noted = self._noted(one, caller, "approved", reason)
        if not self._progress.start_booking(noted, one, caller.username, [self._audit(caller, one, APPROVE)]):
            raise Conflict("import-changed-meanwhile", field="import", value=import_id)
        return self._visible(caller, import_id)

    def reject(self, caller: Caller, import_id: str, reason: str) -> Import:
        """Discard an import that waits for approval: nothing of it is ever booked, and the file may come
        again.
        """
        one = self._decidable(caller, import_id)
        if one.state is ImportState.DISCARDED:
            return one
        self._demand_state(one, ImportState.AWAITING_APPROVAL)
        after = replace(
            self._noted(one, caller, "rejected", reason),
            state=ImportState.DISCARDED,
            due_at=None,
            revision=one.revision + 1,
        )
        parts = [self._store.release_part(one.sha256, one.id), self._audit(caller, one, REJECT)]
        self._write(after, one, parts)
        return after

    def delete(self, caller: Caller, import_id: str, reason: str) -> Import:
        """Begin to take an import back: all that it booked is reversed (RI-36); once more changes nothing."""
        one = self._decidable(caller, import_id)
        if one.state in (ImportState.DELETING, ImportState.DELETED):
            return one
        self._demand_state(one, ImportState.FINISHED)
        if one.variant in (Variant.INVOICES, Variant.CUSTOMERS):
            raise Refused("upload-not-deletable", field="import", value=import_id)
        after = replace(
            self._noted(one, caller, "deletion begins", reason),
            state=ImportState.DELETING,
            due_at=self._clock() + PATIENCE,
            revision=one.revision + 1,
        )
        self._write(after, one, [self._audit(caller, one, "delete")])
        self._progress.send_open_chunks(after)
        return after

    def reviews(
        self, caller: Caller, import_id: str, *, cursor: str | None, limit: int
    ) -> tuple[Import, list[Review], str | None]:
        """The rows of an import that wait, or waited, for a person."""
        require_role(caller, Act.READ_IMPORTS)
        one = self._visible(caller, import_id)
        found, following = self._reviews.listed(one, cursor=cursor, limit=limit)
        return one, found, following

    def decide_review(
        self,
        caller: Caller,
        import_id: str,
        review_id: str,
        decision: str,
        allocations_of: Callable[[Import], Sequence[Allocation]],
    ) -> tuple[Import, Review]:
        """Book a waiting row as the caller says, or dismiss it."""
        one = self._decidable(caller, import_id)
        return one, self._reviews.decide(caller, one, review_id, decision, allocations_of(one))

    def _decidable(self, caller: Caller, import_id: str) -> Import:
        require_role(caller, Act.DECIDE_IMPORTS)
        one = self._visible(caller, import_id)
        self._require_all(caller, Act.DECIDE_IMPORTS, one.branches)
        return one

    def _demand_state(self, one: Import, wanted: ImportState) -> None:
        if one.state is not wanted:
            raise Conflict(
                "import-in-other-state",
                field="import",
                value=one.id,
                state=one.state.value,
                wanted=wanted.value,
            )

    def _write(self, after: Import, before: Import, parts: Sequence[Part]) -> None:
        if not self._store.write(after, before, parts):
            raise Conflict("import-changed-meanwhile", field="import", value=before.id)

    def _noted(self, one: Import, caller: Caller, what: str, detail: str) -> Import:
        return replace(one, history=(*one.history, Event(self._clock(), what, caller.username, detail)))

    def _audit(self, caller: Caller, one: Import, decision: str) -> Part:
        return self._access.audit_part(
            actor=caller.username,
            act=Act.DECIDE_IMPORTS.value,
            branch=one.branches[0] if len(one.branches) == 1 else None,
            subject=f"import/{one.id}",
            facts={"decision": decision},
        )

    @staticmethod
    def _covers(caller: Caller, branches: Sequence[str]) -> bool:
        """True when the caller covers all of these branches; what has none is for who covers the chain."""
        return all(map(caller.covers, branches)) if branches else caller.branches is ALL_BRANCHES

    @staticmethod
    def _require_all(caller: Caller, act: Act, branches: Sequence[str]) -> None:
        for branch in branches:
            require(caller, act, branch)
        if not branches:
            require(caller, act, None)


def _has(one: Import, what: str) -> bool:
    return any(event.what == what for event in one.history)
