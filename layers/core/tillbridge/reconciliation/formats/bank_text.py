"""The text of a bank file, piece by piece: its character set, its line ends, and no NUL.

Banks write UTF-8, UTF-16, CP1252 or the older CP850, mostly without saying so. Which one it is shows at the
first byte that is no ASCII: valid UTF-8 is UTF-8; otherwise the set in which more bytes are German letters.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused

from .reading import ByteStream

PIECE_BYTES = 256 * 1024
MAX_STATEMENTS = 100_000
SHOWN_CHARS = 80
"""So much of what is wrong is shown."""
_MOST_NUMBER_CHARS = 40
"""No number or balance of a real statement has more; it is kept with each of its entries."""

_LETTERS_CP1252 = "äöüÄÖÜßéèáà€".encode("cp1252")
_LETTERS_CP850 = "äöüÄÖÜßéèáà".encode("cp850")
_NOT_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def pieces_of_bytes(stream: ByteStream) -> Iterator[bytes]:
    """The bytes in pieces of 256 KiB and a last shorter one, however the stream cuts them."""
    held: list[bytes] = []
    size = 0
    while more := stream.read(PIECE_BYTES - size):
        held.append(more)
        size += len(more)
        if size >= PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


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
    """The text in the named character set, or in the one that the first bytes beyond ASCII show."""
    decoder = codecs.getincrementaldecoder(named)("strict") if named else None
    line = 1
    try:
        piece: bytes | None = first
        while piece is not None:
            if decoder is None and not piece.isascii():
                named = _guessed(piece)
                decoder = codecs.getincrementaldecoder(named)("strict")
            text = piece.decode("ascii") if decoder is None else decoder.decode(piece)
            line += _lines_before(text, len(text))
            yield text
            piece = next(rest, None)
        if decoder is not None:
            yield decoder.decode(b"", True)
    except UnicodeDecodeError as broken:
        before = broken.object[: broken.start].decode(named, "replace")
        raise Refused(
            "bank-file-charset-broken",
            field="file",
            value=broken.object[broken.start : broken.start + 1].hex(),
            charset=named,
            line=line + _lines_before(before, len(before)),
        ) from None


def _guessed(piece: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(piece)
    except UnicodeDecodeError:
        newer = sum(piece.count(letter) for letter in _LETTERS_CP1252)
        older = sum(piece.count(letter) for letter in _LETTERS_CP850)
        return "cp850" if older > newer or any(byte in piece for byte in _NOT_IN_CP1252) else "cp1252"
    return "utf-8"


def _lines_before(text: str, end: int) -> int:
    """Line ends before that place; where CR stands alone, it ends a line."""
    return text.count("\n", 0, end) or text.count("\r", 0, end)


def amount_text(amount_minor: int, currency: str) -> str:
    """``1234.50`` of minor units, however many they are: a sum may go beyond what one amount may be."""
    decimals = DECIMALS[currency]
    digits = str(abs(amount_minor)).rjust(decimals + 1, "0")
    sign = "-" if amount_minor < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def statement_text(number: str, opening: str) -> str:
    """What tells a statement from others of its account: its number and its opening balance.

    Empty without the balance: a notification has none, and its number is another one each time it is sent.
    """
    if not opening:
        return ""
    return ", ".join(part[:_MOST_NUMBER_CHARS] for part in (number, opening) if part)
