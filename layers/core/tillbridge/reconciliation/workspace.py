"""Where the files of imports lie in their bucket, and how the work on them is cut into chunks.

    inbox/<profile>/…/<name>                      uploads; what comes here starts an import (RI-30)
    inbox/<profile>/<upload>/<name>               the same, posted by a form that the API has given
    imports/<branch>/<yyyy-mm-dd>/<id>/<name>     the raw file as it came, before anything has read it
    work/<id>/<attempt>/rows-<chunk>.gz           the rows of a chunk
    work/<id>/<attempt>/problems.gz               rows that could not be read
    work/<id>/<attempt>/open-by-amount.gz         open invoices by the amounts that a bank statement has
    work/<id>/<attempt>/preview-<chunk>-<n>.gz    what would become of a chunk's rows
    reports/<id>/<name>                           reports for people

A file of rows is gzipped JSON, a list a line, the first of it says what the line is. All rows of one document
are in one chunk (the rows of a bank statement stay in their order), so that a worker decides about a document
alone. An *attempt* is one reading of the file: what a reading that died has left behind is in nobody's way.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from io import BytesIO
from json import dumps, loads
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple
from zlib import crc32

from tillbridge.aws.files import Body, Files
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold

from . import rows
from .identity import Occurrence
from .import_model import Chunk, Import
from .model import CustomerRow, InvoiceRow, LedgerRow, OrderRow, Problem, Row, StatementEntry
from .row_outcomes import RowOutcome

INBOX = "inbox/"
NO_PROFILE = "-"
"""No profile has such an id."""
MAX_NAME_BYTES = 200
_FAST = 1
"""Rows hardly get smaller with more effort."""
_GZIP = "application/gzip"
_TAGS: dict[type, str] = {
    Row: "row",
    InvoiceRow: "invoice",
    CustomerRow: "customer",
    OrderRow: "order",
}
_NOUNS: dict[str, Callable[..., Any]] = {tag: noun for noun, tag in _TAGS.items()}
_NUMBER_PLACE = 1 + Row._fields.index("invoice_number")
_ENTRY = "entry"
_ABSENT = "open"
"""Tells the line of an open document that may be settled because the list does not have it."""


class MarkedEntry(NamedTuple):
    """An entry of a bank statement with its mark, and its number among its equals (RI-34)."""

    mark: str
    entry: StatementEntry
    occurrence: Occurrence = Occurrence()


ChunkRow = Row | LedgerRow


def profile_of(key: str) -> str:
    """The profile into whose inbox a file came: ``NO_PROFILE`` where it lies in none, empty for no file at
    all: a folder, or another place.
    """
    if not key.startswith(INBOX) or key.endswith("/"):
        return ""
    profile, slash, _ = key.removeprefix(INBOX).partition("/")
    return profile if profile and slash else NO_PROFILE


def name_of(key: str) -> str:
    """The file's own name."""
    return key.rsplit("/", 1)[-1]


def raw_key(one: Import, branch: str, day: str) -> str:
    """Where the raw file is kept; ``branch`` is the client where the profile is for several branches.

    Of a very long name the end is left: a key of S3 has 1,024 bytes.
    """
    name = name_of(one.inbox_key).encode()[-MAX_NAME_BYTES:].decode(errors="ignore")
    return f"imports/{branch}/{day}/{one.id}/{name}"


def chunk_of(folded_number: str, chunks: int) -> int:
    """The chunk in which all rows of a document are."""
    return crc32(folded_number.encode()) % chunks


class HashedBody:
    """A file's content whose SHA-256 is known once all of it is read."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._hash = sha256()

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none at the end."""
        piece = self._body.read(size)
        self._hash.update(piece)
        return piece

    def hexdigest(self) -> str:
        """The SHA-256 of the whole file; what the reader of a format left over is read for it."""
        while self.read(1 << 20):
            pass
        return self._hash.hexdigest()


class ChunkContent(NamedTuple):
    """What a worker finds in a chunk: rows, or entries of a bank statement, and what the list may lack.

    ``shown`` is what the preview has told would be paid, by folded number of the document; None while that
    preview is made.
    """

    rows: list[Any]
    entries: list[MarkedEntry]
    absent: list[str]
    shown: dict[str, Any] | None = None


class ChunkFiles:
    """The chunks of a file while it is read: one small file on the disk each."""

    def __init__(self, count: int, opened: ExitStack) -> None:
        self._opened = opened
        self._disk: list[IO[bytes]] = [opened.enter_context(on_disk()) for _ in range(count)]
        self._lines = [gzip.GzipFile("", "wb", _FAST, file, mtime=0) for file in self._disk]
        self.count = count

    def add(self, chunk: int, row: ChunkRow) -> None:
        """One more row of a chunk."""
        self._lines[chunk].write(_line([_TAGS[type(row)], *row]))

    def add_entry(self, chunk: int, entry: MarkedEntry) -> None:
        """One more entry of a bank statement."""
        self._lines[chunk].write(_line([_ENTRY, entry.mark, entry.occurrence, *entry.entry]))

    def add_absent(self, chunk: int, number: str) -> None:
        """One more open document that the file may lack."""
        self._lines[chunk].write(_line([_ABSENT, number]))

    def spread_further(self, count: int) -> ChunkFiles:
        """The rows that name a document over more chunks; these ones are then closed."""
        further = ChunkFiles(count, self._opened)
        for file in self.finished(self.count):
            with gzip.open(file) as lines:
                for line in lines:
                    number = loads(line)[_NUMBER_PLACE]
                    further._lines[chunk_of(fold(number), count)].write(line)
        return further

    def finished(self, used: int) -> Iterator[IO[bytes]]:
        """The first so many files, each to be read from its beginning."""
        for lines, file in list(zip(self._lines, self._disk, strict=True))[:used]:
            lines.close()
            file.seek(0)
            yield file


class Workspace:
    """The bucket of imports."""

    def __init__(self, files: Files) -> None:
        self.files = files

    @contextmanager
    def opened_chunks(self, count: int) -> Iterator[ChunkFiles]:
        """Files for so many chunks, gone when they are left."""
        with ExitStack() as opened:
            yield ChunkFiles(count, opened)

    def keep_chunks(self, import_id: str, attempt: str, chunks: ChunkFiles, used: int) -> None:
        """Put the first so many chunks where workers find them."""
        for number, file in enumerate(chunks.finished(used)):
            self.files.put(_rows_key(import_id, attempt, number), file, _GZIP)

    def chunk(self, import_id: str, attempt: str, number: int) -> ChunkContent:
        """What a chunk holds, in the order of the file."""
        content = ChunkContent([], [], [])
        for tag, *values in self._lists(_rows_key(import_id, attempt, number)):
            if tag == _ABSENT:
                content.absent.append(values[0])
            elif tag == _ENTRY:
                mark, occurrence, *told = values
                content.entries.append(MarkedEntry(mark, StatementEntry(*told), Occurrence(*occurrence)))
            else:
                content.rows.append(_NOUNS[tag](*values))
        return content

    def keep_problems(self, import_id: str, attempt: str, problems: Iterable[Problem]) -> int:
        """Put the rows that could not be read; how many they are."""
        return self._keep(f"{_work(import_id, attempt)}problems.gz", problems)

    def problems(self, import_id: str, attempt: str) -> Iterator[Problem]:
        """The rows that could not be read, in their order."""
        for line, column, value, code, facts in self._lists(f"{_work(import_id, attempt)}problems.gz"):
            yield Problem(line, column, value, code, tuple((name, text) for name, text in facts))

    def keep_open_by_amount(self, import_id: str, attempt: str, found: dict[int, list[str]]) -> None:
        """Put the open invoices that have an amount of the statement."""
        self._keep(f"{_work(import_id, attempt)}open-by-amount.gz", sorted(found.items()))

    def open_by_amount(self, import_id: str, attempt: str) -> dict[int, list[str]]:
        """The open invoices that have an amount of the statement, by that amount."""
        return dict(self._lists(f"{_work(import_id, attempt)}open-by-amount.gz"))

    def keep_preview(self, one: Import, number: int, preview: str, outcomes: Sequence[RowOutcome]) -> None:
        """Put what would become of a chunk's rows; of two workers who do so, each has a file of its own."""
        self._keep(_preview_key(one, number, preview), outcomes)

    def preview(self, one: Import, chunk: Chunk) -> Iterator[RowOutcome]:
        """What would become of a chunk's rows, by the assessment that counts."""
        for values in self._lists(_preview_key(one, chunk.number, chunk.preview)):
            yield rows.outcome_from(values)

    def _keep(self, key: str, lists: Iterable[Any]) -> int:
        count = 0
        with TemporaryFile() as file:
            with gzip.GzipFile("", "wb", _FAST, file, mtime=0) as lines:
                for values in lists:
                    lines.write(_line(values))
                    count += 1
            file.seek(0)
            self.files.put(key, file, _GZIP)
        return count

    def _lists(self, key: str) -> Iterator[Any]:
        content = self.files.read(key)
        if content is None:
            raise FileNotFoundError(key)
        with gzip.open(BytesIO(content)) as lines:
            for line in lines:
                yield loads(line)


def checked_inbox_name(name: str) -> str:
    """The name of an upload, if it can be a part of a key; else ``Refused``."""
    unusable = "/" in name or "${" in name  # in a form's key the latter stands for any name at all
    if unusable or not name.strip(" .") or not name.isprintable() or len(name.encode()) > MAX_NAME_BYTES:
        raise Refused("file-name-unusable", field="file_name", value=name[:60], most=MAX_NAME_BYTES)
    return name


def on_disk() -> IO[bytes]:
    """A file that is gone when it is closed."""
    return TemporaryFile()


def _work(import_id: str, attempt: str) -> str:
    return f"work/{import_id}/{attempt}/"


def _preview_key(one: Import, number: int, preview: str) -> str:
    return f"{_work(one.id, one.attempt)}preview-{number:04}-{preview}.gz"


def _rows_key(import_id: str, attempt: str, number: int) -> str:
    return f"{_work(import_id, attempt)}rows-{number:04}.gz"


def _line(values: Any) -> bytes:
    return dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
