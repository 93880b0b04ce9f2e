"""What the reconciliation room refuses, in words: about files, bank files, and running an import."""

from __future__ import annotations

from tillbridge.kernel.errors import Words

from .bank_refusals import REFUSALS as BANK_REFUSALS
from .file_refusals import FILE_REFUSALS
from .import_refusals import IMPORT_REFUSALS

REFUSALS: dict[str, Words] = {**FILE_REFUSALS, **BANK_REFUSALS, **IMPORT_REFUSALS}
