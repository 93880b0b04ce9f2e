"""From bytes to lines: character sets, byte order marks, line ends, and what is no text at all (RI-31).

utf-8, utf-16 and cp1252 are told apart: by a byte order mark, by the zeros of utf-16, else by the first line
that is not plain ASCII: if that line is utf-8, the file is, otherwise it is cp1252. So the answer never
depends on how the bytes were cut on their way here. A later line that contradicts it is set apart: a file
has one set.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from tillbridge.kernel.errors import Refused

from .reading import HEAD_BYTES, MAX_LINE_CHARS, MAX_LINES, ByteStream

READ_BYTES = 1 << 18
PIECE_BYTES = 1 << 14
"""So much is fetched at once, and so much is worked on at once: it stays in the processor's cache."""
_MAX_LINE_BYTES = 4 * MAX_LINE_CHARS
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NO_TEXT = (
    (b"\x89PNG", "file-is-image"), (b"\xff\xd8\xff", "file-is-image"), (b"GIF8", "file-is-image"),
    (b"II*\x00", "file-is-image"), (b"MM\x00*", "file-is-image"), (b"%PDF", "file-is-pdf"),
    (b"\x1f\x8b", "file-is-archive"), (b"BZh91AY", "file-is-archive"), (b"7z\xbc\xaf", "file-is-archive"),
    (b"Rar!\x1a", "file-is-archive"), (b"\xfd7zXZ\x00", "file-is-archive"),
    (b"\x28\xb5\x2f\xfd", "file-is-archive"), (b"\xd0\xcf\x11\xe0", "file-is-workbook"),
    (b"\x7fELF", "file-is-program"),
)  # fmt: skip
_IN_WORKBOOKS = (b"[Content_Types].xml", b"xl/", b"application/vnd.oasis.opendocument")
_ABOVE_ASCII = re.compile(rb"[\x80-\xff]")
_LINE_END = re.compile(rb"[\r\n]")
_LINE_END_PAIRS = re.compile(rb"\r\n|\r|\n")
_CLASSES = bytes(
    ord("L") if 0xC2 <= byte <= 0xF4 else ord("C") if 0x80 <= byte <= 0xBF else ord(".")  # noqa: PLR2004
    for byte in range(256)
)
"""What a byte would be in utf-8: leading, continuing, neither; text in cp1252 hardly ever has such pairs."""
_UNREADABLE = re.compile("[\udc80-\udcff\ufffd]")
_SNIFFED_FOR_ZEROS = 4096


class Opening(NamedTuple):
    """How a file begins: its first bytes without a mark, and its character set, None while all is ASCII."""

    start: bytes
    character_set: str | None


class Block(NamedTuple):
    """Lines that follow each other, and whether any has quotes.

    ``broken`` is the code of what is wrong with the only line of the block, if anything.
    """

    first_line: int
    lines: list[str]
    quoted: bool
    broken: str = ""


def start_of(stream: ByteStream) -> bytes:
    """The first 64 KiB, or less where the file is shorter."""
    parts, missing = [], HEAD_BYTES
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def opening_of(start: bytes, *, name: str) -> Opening:
    """How the file begins; ``Refused`` where it is empty or no text."""
    if not start.strip(b" \t\r\n"):
        raise Refused("file-is-empty", field="file", value=name)
    _refuse_what_is_no_text(start, name)
    for mark, character_set in _MARKS:
        if start.startswith(mark):
            rest = start[len(mark) :]
            if not rest:
                raise Refused("file-is-empty", field="file", value=name)
            return Opening(rest, character_set)
    if b"\x00" in start[:_SNIFFED_FOR_ZEROS]:
        return Opening(start, _utf_16_by_its_zeros(start[:_SNIFFED_FOR_ZEROS], name))
    return Opening(start, _by_first_special_line(start))


def _refuse_what_is_no_text(start: bytes, name: str) -> None:
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        workbook = any(sign in start for sign in _IN_WORKBOOKS)
        raise Refused("file-is-workbook" if workbook else "file-is-archive", field="file", value=name)
    if start.startswith(b"MZ") and b"\x00" in start:
        raise Refused("file-is-program", field="file", value=name)
    for signature, code in _NO_TEXT:
        if start.startswith(signature):
            raise Refused(code, field="file", value=name)


def _utf_16_by_its_zeros(start: bytes, name: str) -> str:
    """Text of our languages has a zero in nearly every second byte, and never two together."""
    zeros = start[0::2].count(0), start[1::2].count(0)
    most, fewest = max(zeros), min(zeros)
    if fewest or most * 2 < len(start) // 2:
        line = len(_LINE_END_PAIRS.findall(start, 0, start.index(0))) + 1
        raise Refused("file-has-zero-bytes", field="file", value=name, line=line)
    return "utf-16-be" if zeros[0] else "utf-16-le"


def _by_first_special_line(raw: bytes) -> str | None:
    special = _ABOVE_ASCII.search(raw)
    if special is None:
        return None
    begin = max(raw.rfind(b"\n", 0, special.start()), raw.rfind(b"\r", 0, special.start())) + 1
    end = _LINE_END.search(raw, special.start())
    if end is None:  # the line may go on: a character cut at its end says nothing
        return "utf-8" if _is_utf_8(raw[begin:], final=False) else "cp1252"
    return "utf-8" if _is_utf_8(raw[begin : end.start()], final=True) else "cp1252"


def _is_utf_8(raw: bytes, *, final: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw, final)
    except UnicodeDecodeError:
        return False
    return True


def text_of(opening: Opening) -> str:
    """What the first bytes say; what can't be read of them is replaced visibly."""
    return codecs.getincrementaldecoder(opening.character_set or "ascii")("replace").decode(opening.start)


class Lines:
    """All lines of a file, block by block; a line that can't be trusted is a block of its own.

    ``character_set`` is None until a line shows it. ``Refused`` where a line is longer than 64 Ki characters,
    where there are zero bytes, or too many lines.
    """

    def __init__(self, stream: ByteStream, opening: Opening, *, name: str) -> None:
        self._stream, self._opening, self._name = stream, opening, name
        self._utf_16 = (opening.character_set or "").startswith("utf-16")
        self.character_set = opening.character_set

    def blocks(self) -> Iterator[Block]:
        """The lines, from the first to the last."""
        line, rest = 1, b""
        for piece in self._pieces():
            raw = rest + piece
            cut = max(raw.rfind(b"\n"), raw.rfind(b"\r", 0, len(raw) - 1)) + 1
            rest = raw[cut:]
            if cut:
                for block in self._decoded(raw[:cut], line):
                    yield block
                    line = block.first_line + len(block.lines)
            if len(rest) > _MAX_LINE_BYTES:
                raise self._refusal("line-too-long", line=line, most=MAX_LINE_CHARS)
        if rest.strip(b" \t\x1a"):  # old programs end a file with Ctrl-Z
            yield from self._decoded(rest, line, ended=rest.endswith(b"\r"))

    def _pieces(self) -> Iterator[bytes]:
        """The bytes in small pieces; utf-16 comes as utf-8, so that there is only one kind of line end."""
        for chunk in self._in_utf_8() if self._utf_16 else self._chunks():
            for begin in range(0, len(chunk), PIECE_BYTES):
                yield chunk[begin : begin + PIECE_BYTES]

    def _chunks(self) -> Iterator[bytes]:
        yield self._opening.start
        while chunk := self._stream.read(READ_BYTES):
            yield chunk

    def _in_utf_8(self) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self._opening.character_set or "")("replace")
        for chunk in self._chunks():
            yield decoder.decode(chunk).encode("utf-8")
        yield decoder.decode(b"", final=True).encode("utf-8")

    def _decoded(self, raw: bytes, first_line: int, *, ended: bool = True) -> Iterator[Block]:
        text, clean = self._text(raw)
        if "\x00" in text:
            line = first_line + len(_split(text[: text.index("\x00")])) - 1
            raise self._refusal("file-has-zero-bytes", line=line)
        lines = _split(text)
        if ended:
            lines.pop()
        if max(map(len, lines)) > MAX_LINE_CHARS:
            line = first_line + next(at for at, one in enumerate(lines) if len(one) > MAX_LINE_CHARS)
            raise self._refusal("line-too-long", line=line, most=MAX_LINE_CHARS)
        if first_line + len(lines) - 1 > MAX_LINES:
            raise self._refusal("file-has-too-many-lines", most=MAX_LINES)
        if clean and ended:
            yield Block(first_line, lines, '"' in text)
        else:
            yield from self._set_apart(first_line, lines, ended=ended)

    def _text(self, raw: bytes) -> tuple[str, bool]:
        """The text, and whether every line of it can be trusted."""
        if raw.isascii():
            return raw.decode("ascii"), True
        if self.character_set is None:
            self.character_set = _by_first_special_line(raw + b"\n")
        narrow = self.character_set == "cp1252"
        try:
            text = raw.decode("cp1252" if narrow else "utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252" if narrow else "utf-8", "surrogateescape"), False
        doubtful = b"LC" in raw.translate(_CLASSES) if narrow else "\ufffd" in text
        return text, not doubtful

    def _set_apart(self, first_line: int, lines: list[str], *, ended: bool) -> Iterator[Block]:
        """The lines that can't be trusted in blocks of their own."""
        begin = 0
        for at, line in enumerate(lines):
            code = self._fault(line)
            if not code and not ended and at == len(lines) - 1:
                code = "last-line-has-no-end"
            if code:
                if lines[begin:at]:
                    yield Block(first_line + begin, lines[begin:at], quoted=True)
                yield Block(first_line + at, [_UNREADABLE.sub("\ufffd", line)], quoted=True, broken=code)
                begin = at + 1
        if lines[begin:]:
            yield Block(first_line + begin, lines[begin:], quoted=True)

    def _fault(self, line: str) -> str:
        """Why the characters of a line can't be trusted; empty where they can."""
        if line.isascii():
            return ""
        if _UNREADABLE.search(line):
            return "characters-unreadable"
        if self.character_set == "cp1252" and _is_utf_8(line.encode("cp1252"), final=True):
            return "characters-of-two-sets"
        return ""

    def _refusal(self, code: str, **facts: object) -> Refused:
        return Refused(code, field="file", value=self._name, **facts)


def _split(text: str) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")
