"""The text of a bank file, piece by piece: its character set, its line ends, and no NUL.

Banks write UTF-8, UTF-16, CP1252 or the older CP850, mostly without saying so. Which one it is shows at the
first byte that is no ASCII: valid UTF-8 is UTF-8; otherwise the set in which more bytes are German letters.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tillbridge.kernel.errors import Refused

from .reading import ByteStream

PIECE_BYTES = 256 * 1024
_LETTERS_CP1252 = "äöüÄÖÜßéèáà€".encode("cp1252")
_LETTERS_CP850 = "äöüÄÖÜßéèáà".encode("cp850")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
HEAD_BYTES = 1024
"""Enough for an XML declaration; a stream may give its first bytes one by one."""


def pieces_of_bytes(stream: ByteStream) -> Iterator[bytes]:
    """The bytes in pieces, never an empty one; the first holds the head of the file."""
    first = b""
    while len(first) < HEAD_BYTES and (more := stream.read(PIECE_BYTES)):
        first += more
    if first:
        yield first
    while piece := stream.read(PIECE_BYTES):
        yield piece


def text_pieces(pieces: Iterator[bytes]) -> Iterator[str]:
    """The text with ``\\n`` as the only line end, its character set found by its bytes (RI-31).

    ``Refused`` when the bytes fit no set, or when there is a NUL in the text.
    """
    first = next(pieces, b"")
    mark, named = marked(first)
    return even_lines(decoded(first[len(mark) :], pieces, named))


def marked(first: bytes) -> tuple[bytes, str]:
    """The byte order mark of a file and its character set; none and ``""`` where the bytes don't show it."""
    return next(((mark, name) for mark, name in _MARKS if first.startswith(mark)), (b"", _wide(first)))


def even_lines(texts: Iterator[str]) -> Iterator[str]:
    """The same text with ``\\n`` for CR LF and for CR alone; ``Refused`` when it holds a NUL."""
    held = ""
    line = 1
    for text in texts:
        whole = held + text
        if "\0" in whole:
            at_line = line + _lines_before(whole, whole.index("\0"))
            raise Refused("bank-file-holds-nul", field="file", line=at_line)
        held = "\r" if whole.endswith("\r") else ""
        even = whole[: len(whole) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        line += even.count("\n")
        if even:
            yield even
    if held:
        yield "\n"


def _wide(first: bytes) -> str:
    """UTF-16 without a mark has a zero byte beside the first ASCII character."""
    if len(first) > 1 and (first[0] == 0) != (first[1] == 0):
        return "utf-16-be" if first[0] == 0 else "utf-16-le"
    return ""


def decoded(first: bytes, rest: Iterator[bytes], named: str) -> Iterator[str]:
    """The text in a character set, or in the one that the first bytes beyond ASCII show where none is named."""
    decoder = codecs.getincrementaldecoder(named)("strict") if named else None
    line = 1
    try:
        piece: bytes | None = first
        while piece is not None:
            if decoder is None and not piece.isascii():
                decoder = codecs.getincrementaldecoder(_guessed(piece))("strict")
            text = piece.decode("ascii") if decoder is None else decoder.decode(piece)
            line += _lines_before(text, len(text))
            yield text
            piece = next(rest, None)
        if decoder is not None:
            yield decoder.decode(b"", True)
    except UnicodeDecodeError as broken:
        bad = broken.object[broken.start : broken.start + 1].hex()
        before = broken.object[: broken.start]
        raise Refused(
            "bank-file-charset-broken",
            field="file",
            value=bad,
            charset=broken.encoding,
            line=line + before.count(b"\n") + (0 if b"\n" in before else before.count(b"\r")),
        ) from None


def _guessed(piece: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(piece)
    except UnicodeDecodeError:
        newer = sum(piece.count(letter) for letter in _LETTERS_CP1252)
        older = sum(piece.count(letter) for letter in _LETTERS_CP850)
        return "cp850" if older > newer else "cp1252"
    return "utf-8"


def _lines_before(text: str, end: int) -> int:
    """Line ends before that place; where CR stands alone, it ends a line."""
    return text.count("\n", 0, end) or text.count("\r", 0, end)
