"""Prints the SHA-256 over all that makes a function on AWS what it is: the template's CodeHash parameter.

The template counts too: environment, memory and time-out belong to a function's version, and an alias would
go on with the old ones.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from local.environment import ROOT

DEPLOYED = ("functions", "layers", "template.yaml")
NOT_DEPLOYED = ("__pycache__", ".mypy_cache", ".ruff_cache")


def code_hash(root: Path) -> str:
    """One hash over the names and contents of all deployed files, the same on every machine."""
    digest = hashlib.sha256()
    for deployed in DEPLOYED:
        for path in sorted((root / deployed, *(root / deployed).rglob("*"))):
            if path.is_file() and not set(NOT_DEPLOYED) & set(path.relative_to(root).parts):
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root).as_posix()}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


if __name__ == "__main__":
    print(code_hash(ROOT))
