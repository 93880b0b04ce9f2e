"""Numbers that documents and customers of ours may have, in cells of bulk uploads (LE-1, PF-13)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import safe_file_stem

from .cells import BadCell, Reader, Terms

_USUAL = r"[A-Za-z0-9][A-Za-z0-9_-]{3,118}[A-Za-z0-9]"
"""Such a number is fit for file names on any system: it is longer than the names that Windows keeps."""


class DocumentNumber(Reader):
    """The number of a document or customer, fit for a file name."""

    def __init__(self, _: Terms) -> None:
        self._usual = re.compile(_USUAL, re.ASCII).fullmatch
        self._all_usual = re.compile(rf"(?:{_USUAL}\n)*+", re.ASCII).fullmatch

    def __call__(self, cell: str) -> str:
        """The number."""
        if self._usual(cell):
            return cell
        try:
            return safe_file_stem(cell.strip(), field="number")
        except Refused:
            raise BadCell("cell-is-no-document-number") from None

    def column(self, cells: Sequence[str]) -> Sequence[str]:
        """The numbers; where all have the usual form, one look at them all is enough."""
        if self._all_usual("\n".join(cells) + "\n"):
            return cells
        return super().column(cells)
