"""The XML of a camt file, proved by expat and cut into entries; hardened against what XML can do to readers.

Two readers share the work, since a tree of every entry makes half the speed. Expat reads every byte of the
file and calls nobody: it proves that the XML is well-formed, and any DOCTYPE is refused where it begins, so
that no entity can ever be declared. What it has proved is cut at ``</Ntry>``, and the entries are read by
their shape (``camt_shapes``). Files with comments, CDATA, processing instructions or unusual tags are first
written anew by expat, in the plain form, so that nothing but plain tags and text is ever cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat
from xml.sax.saxutils import escape

from tillbridge.kernel.errors import Refused

from .bank_text import PIECE_BYTES, SHOWN_CHARS, decoded, even_lines, marked

MAX_DEPTH = 64
MAX_ENTRY_CHARS = 16 * 1024 * 1024
"""One entry with all its details: some 16,000 of them in a batch."""

MAX_ELEMENT_CHARS = 64 * 1024
"""From one tag to the next: a tag with its attributes, or a text."""

_SMALL_CHARS = 2 * PIECE_BYTES
"""What is shorter can't hold enough of anything to fill the memory."""

_DECLARATION = re.compile(r"\ufeff?\s*<\?xml\s[^<>]*\?>")
_ENCODING = re.compile(rb"\s*<\?xml\s[^<>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
}
_ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?)Document[\s>]")
_ANY_ENTRY = re.compile(r"</?(?:[\w.-]+:)?Ntry[\s/>]")
_ODD = re.compile(r"<[!?]")
_LONG = re.compile(rf"<[^<]{{{MAX_ELEMENT_CHARS}}}")
_PREFIX_CHARS = 300
_CUT_OFF = {expat.errors.codes[name] for name in (
    expat.errors.XML_ERROR_NO_ELEMENTS,
    expat.errors.XML_ERROR_UNCLOSED_TOKEN,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    expat.errors.XML_ERROR_PARTIAL_CHAR,
)}  # fmt: skip


def xml_text(pieces: Iterator[bytes]) -> Iterator[str]:
    """The text without byte order mark and declaration, in the set that these name, else in UTF-8."""
    first = next(pieces, b"")
    mark, named = marked(first)
    declared = _ENCODING.match(first[len(mark) :])
    if not named and declared is not None:
        asked = declared[1].decode("ascii")
        named = _ENCODINGS.get(asked.lower(), "")
        if not named:
            raise Refused("camt-encoding-unknown", field="file", value=asked, line=1)
    texts = even_lines(decoded(first[len(mark) :], pieces, named or "utf-8"))
    begin = next(texts, "")
    declaration = _DECLARATION.match(begin)
    if declaration is not None:
        begin = "\n" * declaration[0].count("\n") + begin[declaration.end() :]
    if begin:
        yield begin
    yield from texts


class Proof:
    """Expat over a whole file. ``parts`` gives what it has proved, cut behind every entry.

    ``begins`` and ``ends`` are the tags of an entry, ``details`` that of a detail.
    """

    def __init__(self, texts: Iterator[str]) -> None:
        self.texts = texts
        self.begins = self.ends = self.details = self.prefix = ""
        self.rewriting = False
        self.written: list[str] = []
        self.written_lines = self.depth = 0
        self.unclosed = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.rest = ""

    def parts(self) -> Iterator[list[str]]:
        """Texts that go up to the end of an entry, without its last tag; the very last one has no entry."""
        text = self._beginning()
        root = _ROOT.search(text)
        self.prefix = root[1] if root else ""
        self.begins, self.ends = f"<{self.prefix}Ntry>", f"</{self.prefix}Ntry>"
        self.details = f"<{self.prefix}TxDtls>"
        if len(_ANY_ENTRY.findall(text)) != text.count(self.begins) + text.count(self.ends):
            self._rewrite()
        while text:
            parts = self._whole(text).split(self.ends)
            text = ""  # a batch may be large: nothing of it is held twice while it is read
            if len(parts) > 1:
                yield parts[:-1]
            parts.clear()
            text = next(self.texts, "")
        if self.rewriting:
            self._parse("", last=True)
            self.rest += self._taken()
        else:
            self._prove(self.rest, last=True)
        yield [self.rest]

    def _beginning(self) -> str:
        """The text until its first entry, or as much as a header may have."""
        begin = ""
        for text in self.texts:
            searched = max(len(begin) - _PREFIX_CHARS, 0)
            begin += text
            if len(begin) > MAX_ENTRY_CHARS or _ANY_ENTRY.search(begin, searched):
                break
        return begin

    def _whole(self, text: str) -> str:
        """What ends with the last entry that is whole by now, proved; ``""`` as long as none is."""
        if not self.rewriting and ("!" in text or "?" in text) and _ODD.search(self.rest[-1:] + text):
            text, self.rest = self.rest + text, ""
            self._rewrite()
        if self.rewriting:
            self._check(text)
            self._parse(text)
            text = self._taken()
        searched = max(len(self.rest) - len(self.ends), 0)
        self.rest += text
        end = self.rest.rfind(self.ends, searched) + len(self.ends)
        if end < len(self.ends):
            if len(self.rest) > MAX_ENTRY_CHARS:
                raise Refused("camt-entry-too-large", field="file", line=self.parser.CurrentLineNumber)
            return ""
        whole, self.rest = self.rest[:end], self.rest[end:]
        if not self.rewriting:
            self._prove(whole)
        return whole

    def _prove(self, text: str, *, last: bool = False) -> None:
        """Parse what will be cut as it stands; where it is large, its elements are looked at before."""
        if len(text) <= _SMALL_CHARS:
            self._parse(text, last=last)
            return
        self._check(text)
        self.depth = 0
        self.parser.StartElementHandler = self._deeper
        self.parser.EndElementHandler = self._higher
        self._parse(text, last=last)
        self.parser.StartElementHandler = self.parser.EndElementHandler = None

    def _check(self, text: str) -> None:
        """``Refused`` where an element would fill the memory before expat says a word about it."""
        first = text.find("<")
        long = _LONG.search(text) if first >= 0 else None
        if long is not None or (len(text) if first < 0 else first) > MAX_ELEMENT_CHARS:
            line = self.parser.CurrentLineNumber + text.count("\n", 0, long.start() if long else 0)
            raise Refused("camt-element-too-large", field="file", line=line)

    def _parse(self, text: str, *, last: bool = False) -> None:
        try:
            self.parser.Parse(text, last)
        except expat.ExpatError as broken:
            cut = last and broken.code in _CUT_OFF
            raise Refused(
                "camt-cut-off" if cut else "camt-not-well-formed",
                field="file",
                line=broken.lineno,
                column=broken.offset + 1,
            ) from None

    def _doctype(self, name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
        raise Refused(
            "camt-doctype-forbidden",
            field="file",
            value=name[:SHOWN_CHARS],
            line=self.parser.CurrentLineNumber,
        )

    def _rewrite(self) -> None:
        """From here on expat writes the text anew: no comments, no CDATA, one prefix, one attribute."""
        self.rewriting = True
        self.depth = 0
        self.written_lines = self.parser.CurrentLineNumber
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._deeper(name, attributes)
        local = name.rpartition(":")[2]
        if local == "Ntry":
            gone = self.parser.CurrentLineNumber - self.written_lines
            self.written.append("\n" * gone)
            self.written_lines += gone
        currency = attributes.get("Ccy")
        kept = f' Ccy="{escape(currency, {chr(34): "&quot;", ">": "&gt;"})}"' if currency else ""
        self.written.append(f"<{self.prefix}{local}{kept}>")

    def _end(self, name: str) -> None:
        self.depth -= 1
        self.written.append(f"</{self.prefix}{name.rpartition(':')[2]}>")

    def _characters(self, text: str) -> None:
        self.written_lines += text.count("\n")
        self.written.append(escape(text))

    def _taken(self) -> str:
        text = "".join(self.written)
        self.written.clear()
        return text

    def _deeper(self, _name: str, _attributes: dict[str, str]) -> None:
        """Depth counts from where one began to look, so that a few more may be open before that."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            line = self.parser.CurrentLineNumber
            raise Refused("camt-too-deep", field="file", value=str(MAX_DEPTH), line=line)

    def _higher(self, _name: str) -> None:
        self.depth -= 1
