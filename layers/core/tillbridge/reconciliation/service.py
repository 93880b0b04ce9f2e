"""What people do with imports: profiles, uploads, looking, approving, deleting, deciding (RI-30 to RI-38)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tillbridge.access.model import ALL_BRANCHES, Caller
from tillbridge.access.rules import Act, may, require, require_role
from tillbridge.access.service import AccessService
from tillbridge.aws.files import UploadForm
from tillbridge.aws.table import CommitConflict, Part
from tillbridge.kernel.calendar import LATEST_YEAR, local_day, sortable_text, zone
from tillbridge.kernel.errors import Conflict, NotFound, Refused
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import single_line
from tillbridge.ledger.books import BooksService

from . import code_words, registry
from .decisions import Outcome
from .formats.own_mapping import Tried, try_mapping
from .formats.reading import ReadSettings
from .import_model import CHAIN_ZONE, Event, Import, ImportState, Profile, UploadOptions
from .intake import MAY_RECORD, MOST_FILE_BYTES, Upload, import_id_of
from .mappings import Mapping as OwnMapping
from .model import Kind
from .progress import PATIENCE, ProgressService
from .reports import HAS_REPORT, ReportedRow
from .reviews import AllocationsIn, ReviewService
from .row_outcomes import Review, Verdict
from .row_pages import RowPages
from .store import ImportStore
from .upload_options import options_of
from .verdicts import demand_not_overtaken
from .workspace import INBOX, Workspace, checked_inbox_name

FORM_LIVES_S = 900
LINK_LIVES_S = 300
MOST_REASON_CHARS = 500
LAST_DAY = f"{LATEST_YEAR}-12-31"
ATTEMPTS = 8
APPROVED, REJECTED = "approved", "rejected"
"""What the history of an import says of a person's decision about it."""


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
        self._rows = RowPages(store, workspace)
        self._books = books
        self._access = access
        self._clock = clock
        self._new_id = new_id

    # Profiles

    def put_profile(self, caller: Caller, profile: Profile) -> Profile:
        """Write a profile down, new or changed; the same once more changes nothing (RI-20, RI-33)."""
        require_role(caller, Act.MANAGE_IMPORT_PROFILES)
        self._demand_place(caller, profile)
        former = self._store.profile(profile.id)
        if former is not None:
            if not self._covers(caller, self._branches_of(former)):
                raise Conflict("profile-id-taken", field="profile", value=profile.id)
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

    def _demand_place(self, caller: Caller, profile: Profile) -> None:
        """The client is one of the caller's, the branches are the client's, and the caller covers them."""
        of_client = self._books.branches_of(profile.client)
        if caller.branches is not ALL_BRANCHES and not any(map(caller.covers, of_client)):
            raise NotFound("client-not-found", field="client", value=profile.client)  # as good as none
        self._books.client(profile.client)
        for branch in profile.branches:
            require(caller, Act.MANAGE_IMPORT_PROFILES, branch)
            if branch not in of_client:
                raise Refused(
                    "branch-of-another-client", field="branches", value=branch, client=profile.client
                )
        if not profile.branches and not self._covers(caller, of_client):
            require(caller, Act.MANAGE_IMPORT_PROFILES, None)

    def try_mapping(
        self,
        caller: Caller,
        mapping: OwnMapping,
        sample: bytes,
        *,
        file_name: str,
        currency: str,
        is_beginning: bool,
    ) -> Tried:
        """What an own mapping would make of a sample, before it is kept; nothing is written (RI-20)."""
        require_role(caller, Act.MANAGE_IMPORT_PROFILES)
        settings = ReadSettings(checked_inbox_name(file_name), Money(0, currency).currency, self._today())
        return try_mapping(sample, mapping, settings, is_beginning=is_beginning)

    def _today(self) -> str:
        return local_day(self._clock(), CHAIN_ZONE)

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
        if options.kind is Kind.MAPPED and profile.mapping is None:
            raise Refused("mapping-not-given", field="kind", value=file_name)
        if options.kind in registry.LEDGER_KINDS:
            require_role(caller, Act.RECORD_DOCUMENTS)
        name = checked_inbox_name(file_name)
        upload_id = self._new_id().replace("-", "")[:20]
        key = f"{INBOX}{profile_id}/{upload_id}/{name}"
        notes = {"uploaded-by": caller.username}
        notes |= {"as-of": options.as_of} if options.as_of else {}
        notes |= {"settle-by": options.settle_by} if options.settle_by else {}
        notes |= {"kind": options.kind.value} if options.kind else {}
        notes |= {"variant": options.variant.value} if options.variant else {}
        notes |= {} if may(caller, Act.RECORD_DOCUMENTS) else {MAY_RECORD: "no"}
        now = self._clock()
        options_of(notes, import_day=self._today(), uploaded_by=caller.username)
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
        """The imports of a client, newest first; a narrowed page may be short (RI-36).

        ``until`` is a day: those that were uploaded on it or before.
        """
        require_role(caller, Act.READ_IMPORTS)
        before = _end_of(until) if until else None
        equals = {
            name: value
            for name, value in (
                ("profile", profile),
                ("state", state.value if state else None),
                ("kind", kind.value if kind else None),
            )
            if value is not None
        }
        while True:
            found, cursor = self._store.uploads(
                client, until=before, equals=equals or None, cursor=cursor, limit=limit
            )
            shown = [one for one in found if self._covers(caller, one.branches)]
            if cursor is None or caller.branches is ALL_BRANCHES:
                return shown, cursor
            if shown:  # the page ends with what the caller may know of
                return shown, self._store.upload_cursor(shown[-1])

    def find(self, caller: Caller, import_id: str) -> Import:
        """An import as it stands, with its totals so far (RI-35); one of foreign branches is as good as
        none.
        """
        require_role(caller, Act.READ_IMPORTS)
        return self.so_far(self._visible(caller, import_id))

    def so_far(self, one: Import) -> Import:
        """An import with what workers have done until now."""
        if one.state is ImportState.DELETING:
            chunks = self._store.chunks(one.id)
            return replace(
                one,
                reversed_count=sum(chunk.reversed_count for chunk in chunks),
                touched_since=sum(chunk.touched_since for chunk in chunks),
            )
        return replace(one, totals=self._progress.totals_so_far(one))

    def rows(
        self, caller: Caller, import_id: str, *, outcome: Outcome | None, cursor: str | None, limit: int
    ) -> tuple[Import, list[ReportedRow], str | None]:
        """What would become, or became, of the rows of an import; a narrowed page may be short (RI-33)."""
        require_role(caller, Act.READ_IMPORTS)
        one = self._visible(caller, import_id)
        shown, following = self._rows.page(one, outcome=outcome, cursor=cursor, limit=limit)
        return one, shown, following

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
            code = "report-none" if one.due_at is None else "report-not-ready"
            raise Conflict(code, field="import", value=import_id, state=code_words.state(one.state))
        name = "report.json" if as_json else f"report.{language}.csv"
        url = self._workspace.files.link(f"{one.report}{name}", f"{one.id}.{name}", for_s=LINK_LIVES_S)
        return Link(url, self._clock() + timedelta(seconds=LINK_LIVES_S))

    # Deciding

    def approve(self, caller: Caller, import_id: str, reason: str) -> Import:
        """Let an import be booked that waits for approval (RI-33); approving it again changes nothing."""
        for _ in range(ATTEMPTS):
            one = self._decidable(caller, import_id)
            if one.state is not ImportState.AWAITING_APPROVAL and _has(one, APPROVED):
                return one
            self._demand_state(one, ImportState.AWAITING_APPROVAL)
            lists = self._store.lists.of(one.profile)
            demand_not_overtaken(one, lists)
            noted = self._noted(one, caller, APPROVED, reason)
            parts = [self._audit(caller, one, "approve")]
            if self._progress.start_booking(noted, one, caller.username, lists, parts):
                return self._visible(caller, import_id)
        raise Conflict("import-changed-meanwhile", field="import", value=import_id)

    def reject(self, caller: Caller, import_id: str, reason: str) -> Import:
        """Discard an import that waits for approval: nothing of it is ever booked, and the file may come
        again.
        """
        for _ in range(ATTEMPTS):
            one = self._decidable(caller, import_id)
            if one.state is ImportState.DISCARDED:
                return one
            self._demand_state(one, ImportState.AWAITING_APPROVAL)
            after = replace(
                self._noted(one, caller, REJECTED, reason),
                state=ImportState.DISCARDED,
                due_at=None if one.report else one.due_at,  # else its report is still to be written
                revision=one.revision + 1,
            )
            parts = [self._store.release_part(one.sha256, one.id), self._audit(caller, one, "reject")]
            if self._store.write(after, one, parts):
                return after
        raise Conflict("import-changed-meanwhile", field="import", value=import_id)

    def delete(self, caller: Caller, import_id: str, reason: str) -> Import:
        """Begin to take an import back: all that it booked is reversed (RI-36); once more changes nothing."""
        for _ in range(ATTEMPTS):
            one = self._decidable(caller, import_id)
            if one.state in (ImportState.DELETING, ImportState.DELETED):
                return one
            self._demand_state(one, ImportState.FINISHED)
            if one.kind in registry.LEDGER_KINDS:
                raise Refused("upload-not-deletable", field="import", value=import_id)
            after = replace(
                self._noted(one, caller, "deletion begins", reason),
                state=ImportState.DELETING,
                report="",  # it told what was booked
                due_at=self._clock() + PATIENCE,
                revision=one.revision + 1,
            )
            if self._store.write(after, one, [self._audit(caller, one, "delete")]):
                self._progress.send_open_chunks(after)
                return after
        raise Conflict("import-changed-meanwhile", field="import", value=import_id)

    def reviews(
        self, caller: Caller, import_id: str, *, only_open: bool, cursor: str | None, limit: int
    ) -> tuple[Import, list[Review], str | None]:
        """The rows of an import that wait, or waited, for a person; a narrowed page may be short."""
        require_role(caller, Act.READ_IMPORTS)
        one = self._visible(caller, import_id)
        found, following = self._reviews.listed(one, only_open=only_open, cursor=cursor, limit=limit)
        return one, found, following

    def decide_review(
        self,
        caller: Caller,
        import_id: str,
        review_id: str,
        verdict: Verdict,
        allocations_in: AllocationsIn,
    ) -> tuple[Import, Review]:
        """Book a waiting row as the caller says, or dismiss it; the same once more changes nothing."""
        one = self._decidable(caller, import_id)
        return one, self._reviews.decide(caller, one, review_id, verdict, allocations_in)

    def _decidable(self, caller: Caller, import_id: str) -> Import:
        require_role(caller, Act.DECIDE_IMPORTS)
        return self._visible(caller, import_id)

    def _demand_state(self, one: Import, wanted: ImportState) -> None:
        if one.state is not wanted:
            raise Conflict(
                "import-in-other-state",
                field="import",
                value=one.id,
                state=code_words.state(one.state),
                wanted=code_words.state(wanted),
            )

    def _noted(self, one: Import, caller: Caller, what: str, detail: str) -> Import:
        reason = single_line(detail, field="reason", max_chars=MOST_REASON_CHARS)
        if not reason:
            raise Refused("text-is-empty", field="reason", value=detail)
        return replace(one, history=(*one.history, Event(self._clock(), what, caller.username, reason)))

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


def _end_of(day: str) -> str | None:
    """The end of a day, as uploads are sorted by their moments; None for days that nobody lives to see."""
    if day > LAST_DAY:
        return None
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), zone(CHAIN_ZONE))
    return sortable_text(midnight)


def _has(one: Import, what: str) -> bool:
    return any(event.what == what for event in one.history)
