"""From an uploaded file to chunks of rows that wait for their assessment (RI-30, RI-31, RI-34, RI-37).

The raw file is kept first, then read once from its beginning to its end; nothing is booked here. A file that
can't be read as a whole is quarantined with the reason. Doing it twice changes nothing: the import's id
follows from the upload, and only one reading can hand over its chunks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from tillbridge.aws.files import FileHead
from tillbridge.aws.table import CommitConflict
from tillbridge.kernel.calendar import local_day
from tillbridge.kernel.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from tillbridge.kernel.text import fold
from tillbridge.ledger.books import BooksService
from tillbridge.ledger.service import LedgerService

from . import code_words, identity, registry
from .formats.reading import HEAD_BYTES, ReadSettings
from .import_model import CHAIN_ZONE, MOST_CHUNKS, Event, Import, ImportState, Profile, Stop, chunks_for
from .model import Facts, Kind, LedgerRow, Notice, Problem, Row, StatementEntry, Variant
from .progress import PATIENCE, READING_PATIENCE, ProgressService
from .store import ImportStore
from .upload_options import options_of
from .workspace import ChunkFiles, HashedBody, MarkedEntry, Workspace, chunk_of, name_of, profile_of, raw_key

MOST_FILE_BYTES = 2 * 1024**3
BYTES_PER_CHUNK = 200_000
"""Of a CSV file some 5,000 rows."""
ENTRIES_PER_CHUNK = 2_000
BYTES_PER_ENTRY = 100
"""The shortest entry of a bank statement that we have seen has more."""
MOST_NOTICES = 50
MOST_SAME_AMOUNT = 10
BY_THE_BRIDGE = "tillbridge"
MAY_RECORD = "may-record-documents"
"""Beside an upload: ``no`` where its uploader may bring payments in, but not what ``LEDGER_KINDS`` record."""

BY_FORM = re.compile(r"inbox/[^/]+/[0-9a-f]{20}/[^/]+")


class Upload(NamedTuple):
    """What S3 tells of a file that came: where it lies, which version, who put it."""

    key: str
    version_id: str
    principal: str


@dataclass
class Spread:
    """What reading a file has given so far."""

    facts: Facts | None = None
    chunks: int = 0
    in_scope: int = 0
    notices: list[Stop] = field(default_factory=list)
    amounts: set[tuple[str, int]] = field(default_factory=set)


def import_id_of(upload: Upload) -> str:
    """The id of the import that an upload starts, the same however often it is told.

    What a form of the API takes has a folder of its own, named as no person names one: its first version
    counts, and the id is known before. Anywhere else each version is an upload.
    """
    told = upload.key if BY_FORM.fullmatch(upload.key) else f"{upload.key}\0{upload.version_id}"
    return "IM-" + sha256(told.encode()).hexdigest()[:20]


class IntakeService:
    """Takes files in."""

    def __init__(
        self,
        store: ImportStore,
        workspace: Workspace,
        progress: ProgressService,
        ledger: LedgerService,
        books: BooksService,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._progress = progress
        self._ledger = ledger
        self._books = books
        self._clock = clock
        self._new_id = new_id

    def receive(self, upload: Upload) -> Import | None:
        """Keep the file, read it, and hand its rows over; the import as it then stands, None for no file."""
        if not profile_of(upload.key):
            return None
        head = self._workspace.files.head(upload.key, upload.version_id)
        if head is None:
            return self._given_up(upload)
        one = self._begun(upload, head)
        if one.state is not ImportState.READING:
            if one.state is ImportState.ASSESSING:
                self._progress.send_open_chunks(one)
            return one
        try:
            profile = self._profile(one)
            one = self._kept(one, profile, head)
            return self._read(one, profile, head)
        except Refused as refusal:
            return self._quarantined(one, refusal)

    def _given_up(self, upload: Upload) -> Import | None:
        """The import whose file is gone: somebody has removed it before it was read."""
        known = self._store.get(import_id_of(upload))
        if known is None or known.state is not ImportState.READING:
            return known
        return self._quarantined(known, NotFound("file-gone", field="file", value=known.file_name))

    def _begun(self, upload: Upload, head: FileHead) -> Import:
        """The import of an upload: found, or made before anything is read."""
        import_id = import_id_of(upload)
        known = self._store.get(import_id)
        if known is not None:
            return known
        profile = self._store.profile(profile_of(upload.key))
        branches = profile.branches or self._books.branches_of(profile.client) if profile else ()
        # Only a form of ours says who has asked for it; anybody may write such a note beside a file.
        by = head.notes.get("uploaded-by") if BY_FORM.fullmatch(upload.key) else None
        by = by or f"s3:{upload.principal}"
        one = Import(
            id=import_id,
            profile=profile_of(upload.key),
            client=profile.client if profile else "-",
            state=ImportState.READING,
            file_name=name_of(upload.key),
            size_bytes=head.size_bytes,
            inbox_key=upload.key,
            inbox_version=head.version_id,
            uploaded_at=head.changed_at,
            uploaded_by=by,
            branches=tuple(branches),
            currency=profile.currency if profile else "",
            import_day=local_day(self._clock(), CHAIN_ZONE),
            history=(Event(self._clock(), "uploaded", by),),
            due_at=self._clock() + READING_PATIENCE,
        )
        if not self._store.write(one, None):
            found = self._store.get(import_id)
            if found is None:
                raise Unavailable("an import that was made a moment ago is not there")
            return found
        return one

    def _kept(self, begun: Import, profile: Profile, head: FileHead) -> Import:
        """The import once its raw file lies where the law wants it; whatever the file is (RI-30)."""
        branches = tuple(profile.branches or self._books.branches_of(profile.client))
        kept = raw_key(begun, branches[0] if len(branches) == 1 else profile.client, begun.import_day)
        if head.size_bytes > MOST_FILE_BYTES:
            raise Refused("file-too-large", field="file", value=head.size_bytes, most=MOST_FILE_BYTES)
        self._workspace.files.copy(begun.inbox_key, begun.inbox_version, kept)
        return replace(
            begun, raw_key=kept, client=profile.client, branches=branches, currency=profile.currency
        )

    def _read(self, begun: Import, profile: Profile, head: FileHead) -> Import:
        one = replace(
            begun,
            policy=profile.policy,
            max_fee_minor=self._books.chain_settings().max_dunning_fee_minor(profile.currency),
            options=options_of(head.notes, import_day=begun.import_day, uploaded_by=begun.uploaded_by),
            attempt=self._new_id()[:8],
        )
        if not one.branches:
            raise Refused("client-has-no-branches", field="client", value=profile.client)
        settings = ReadSettings(
            file_name=one.file_name,
            currency=profile.currency,
            today=one.import_day,
            variant=one.options.variant,
            mapping=profile.mapping,
        )
        kind = self._claimed(one, profile, settings)
        if kind.KIND in registry.LEDGER_KINDS and head.notes.get(MAY_RECORD) == "no":
            raise Forbidden("upload-records-documents", field="kind", value=kind.KIND.value)
        if kind.KIND in registry.BANK_KINDS and one.options.settle_by:
            raise Refused("settle-by-of-statement", field="settle_by", value=one.options.settle_by)
        with self._workspace.opened_chunks(most_chunks(one, kind.KIND)) as chunks:
            spread, digest = self._spread(one, kind, settings, chunks)
            return self._handed_over(begun, one, profile, kind.KIND, spread, digest, chunks)

    def _profile(self, one: Import) -> Profile:
        profile = self._store.profile(one.profile)
        if profile is None:
            raise NotFound("profile-not-found", field="profile", value=one.profile)
        if not profile.active:
            raise Conflict("profile-not-active", field="profile", value=one.profile)
        return profile

    def _claimed(self, one: Import, profile: Profile, settings: ReadSettings) -> registry.ImportKind:
        with self._workspace.files.opened(one.inbox_key, one.inbox_version) as body:
            start = b""
            while len(start) < HEAD_BYTES and (piece := body.read(HEAD_BYTES - len(start))):
                start += piece
        head = registry.head_of(one.file_name, start)
        return registry.claim(head, settings, named=one.options.kind or profile.kind)

    def _spread(
        self, one: Import, kind: registry.ImportKind, settings: ReadSettings, chunks: ChunkFiles
    ) -> tuple[Spread, str]:
        """Read the file to its end, each row into its chunk; its rows, and the SHA-256 of the file."""
        spread = Spread()
        with self._workspace.files.opened(one.inbox_key, one.inbox_version) as body:
            content = HashedBody(body)
            problems = self._sorted_out(
                one, kind.KIND, registry.read_file(content, settings, kind), chunks, spread
            )
            self._workspace.keep_problems(one.id, one.attempt, problems)
            digest = content.hexdigest()
        return spread, digest

    def _sorted_out(
        self,
        one: Import,
        kind: Kind,
        readings: Iterator[object],
        chunks: ChunkFiles,
        spread: Spread,
    ) -> Iterator[Problem]:
        """Put rows into their chunks, note what the file says as a whole, and give the problems on."""
        entries, equals = 0, identity.EntryCount()
        per_chunk = max(ENTRIES_PER_CHUNK, -(-one.size_bytes // (BYTES_PER_ENTRY * MOST_CHUNKS)))
        for reading in readings:
            if isinstance(reading, Row):
                chunks.add(chunk_of(fold(reading.invoice_number), chunks.count), reading)
            elif isinstance(reading, StatementEntry):
                occurrence = equals.next(reading)
                mark = identity.entry_mark(reading, occurrence.in_file)
                chunks.add_entry(entries // per_chunk, MarkedEntry(mark, reading, occurrence))
                entries += 1
                spread.amounts.add((reading.currency, reading.amount_minor))
            elif isinstance(reading, LedgerRow):
                chunks.add(chunk_of(fold(reading.number), chunks.count), reading)
            elif isinstance(reading, Problem):
                yield reading
            elif isinstance(reading, Notice):
                if len(spread.notices) < MOST_NOTICES:
                    spread.notices.append(Stop(reading.code, "line", str(reading.line), dict(reading.facts)))
            elif isinstance(reading, Facts):
                spread.facts = reading
        spread.chunks = chunks.count if kind not in registry.BANK_KINDS else max(1, -(-entries // per_chunk))

    def _handed_over(
        self,
        begun: Import,
        one: Import,
        profile: Profile,
        kind: Kind,
        spread: Spread,
        digest: str,
        chunks: ChunkFiles,
    ) -> Import:
        """Find what may be settled by absence, keep the chunks, and let the assessment begin."""
        if spread.facts is None:
            raise ValueError(f"{kind} gave no facts")
        former = self._store.holder(digest)
        if former and former["held"] and former["import"] != one.id:
            raise self._imported_before(one, former["import"], spread.facts)
        facts = spread.facts
        as_of = one.options.as_of or facts.as_of or ""
        if facts.variant is Variant.OPEN_ITEMS and not one.options.settle_by:
            self._demand_scope(one, as_of, profile)
            chunks = self._with_absent(one, as_of, spread, chunks)
        if facts.variant is Variant.BANK_STATEMENT:
            self._keep_open_by_amount(one, spread)
        self._workspace.keep_chunks(one.id, one.attempt, chunks, spread.chunks)
        now = self._clock()
        after = replace(
            one,
            state=ImportState.ASSESSING,
            sha256=digest,
            kind=kind,
            variant=facts.variant,
            as_of=as_of,
            chunks=spread.chunks,
            listed=facts.rows,
            in_scope=spread.in_scope,
            problem_lines=facts.problem_lines,
            older_rows=facts.older_rows,
            character_set=facts.character_set,
            separator=facts.separator,
            columns=facts.columns,
            notices=tuple(spread.notices),
            history=(
                *one.history,
                Event(now, "read", BY_THE_BRIDGE, f"{facts.rows + facts.problem_lines} rows as {kind.value}"),
            ),
            due_at=now + PATIENCE,
            revision=one.revision + 1,
        )
        self._store.new_chunks(one.id, range(spread.chunks))
        try:
            if not self._store.write(after, begun, [self._store.hold_part(digest, one.id, former)]):
                return self._as_it_stands(one.id)
        except CommitConflict:
            raise Unavailable("the same file is being taken in twice at this moment") from None
        self._progress.send_open_chunks(after)
        return after

    def _imported_before(self, one: Import, import_id: str, facts: Facts) -> Conflict:
        """Why the same bytes are not taken again; of a list, deleting what it booked would be no remedy."""
        former = self._store.get(import_id)
        told = {"field": "file", "value": one.file_name, "import_id": import_id}
        if facts.variant is Variant.OPEN_ITEMS and former and former.as_of and not one.options.settle_by:
            return Conflict("list-imported-before", **told, day=code_words.day(former.as_of))
        return Conflict("file-imported-before", **told)

    def _demand_scope(self, one: Import, as_of: str, profile: Profile) -> None:
        """Client, branches, currency and day must be known before absence may mean anything (RI-2): a profile
        for all branches does not name them, and one that is added later would fall under its lists.
        """
        if not profile.branches and len(one.branches) > 1:
            raise Refused(
                "branches-of-list-missing",
                field="branches",
                value=profile.id,
                client=profile.client,
                branches=", ".join(one.branches),
            )
        if not as_of:
            raise Refused("as-of-missing", field="as_of", value=one.file_name)
        if as_of > one.import_day:
            raise Refused("day-of-upload-in-future", field="as_of", value=as_of, today=one.import_day)

    def _with_absent(self, one: Import, as_of: str, spread: Spread, chunks: ChunkFiles) -> ChunkFiles:
        """Every open document in scope goes to its chunk: there it turns out whether the list has it.

        A short list may lack very many: then there are more chunks than its size alone asked for.
        """
        numbers = list(self._in_scope(one, as_of))
        if chunks_for(len(numbers)) > chunks.count:
            chunks = chunks.spread_further(chunks_for(len(numbers)))
        for number in numbers:
            chunks.add_absent(chunk_of(fold(number), chunks.count), number)
        spread.in_scope, spread.chunks = len(numbers), chunks.count
        return chunks

    def _in_scope(self, one: Import, as_of: str) -> Iterator[str]:
        """The numbers of open documents that a list of that day should have."""
        for branch in one.branches:
            for found in self._ledger.open_items("receivables", branch, one.currency, as_of):
                handed_over = found.handed_over_on and found.handed_over_on < as_of
                if found.client == one.client and handed_over:
                    yield found.number

    def _keep_open_by_amount(self, one: Import, spread: Spread) -> None:
        """The open documents over an amount that the statement has: suggestions where no number is named."""
        by_amount: dict[int, list[str]] = {}
        for branch in one.branches:
            for currency in {currency for currency, _ in spread.amounts}:
                for side in ("receivables", "payables"):
                    for found in self._ledger.open_items(side, branch, currency, one.import_day):
                        if found.client == one.client and (currency, found.due_minor) in spread.amounts:
                            same = by_amount.setdefault(found.due_minor, [])
                            if len(same) < MOST_SAME_AMOUNT:
                                same.append(found.number)
        self._workspace.keep_open_by_amount(one.id, one.attempt, by_amount)

    def _quarantined(self, one: Import, refusal: Refused) -> Import:
        """Nothing of the file is used; the reason stands with the import."""
        now = self._clock()
        after = replace(
            one,
            state=ImportState.QUARANTINED,
            due_at=None,
            stops=(Stop.of(refusal),),
            history=(*one.history, Event(now, "quarantined", BY_THE_BRIDGE, refusal.code)),
            revision=one.revision + 1,
        )
        return after if self._store.write(after, one) else self._as_it_stands(one.id)

    def _as_it_stands(self, import_id: str) -> Import:
        found = self._store.get(import_id)
        if found is None:
            raise ValueError(f"import {import_id} is gone")
        return found


def most_chunks(one: Import, kind: Kind) -> int:
    """Over how many chunks the rows of a file are spread, before anybody has counted them."""
    if kind in registry.BANK_KINDS:
        return MOST_CHUNKS
    return max(1, min(MOST_CHUNKS, one.size_bytes // BYTES_PER_CHUNK))
