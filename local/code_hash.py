"""Prints the SHA-256 over everything that runs on AWS: the template's CodeHash parameter."""

from __future__ import annotations

import hashlib
from pathlib import Path

from local.environment import ROOT

DEPLOYED = ("functions", "layers")
NOT_DEPLOYED = ("__pycache__", ".mypy_cache", ".ruff_cache")


def code_hash(root: Path) -> str:
    """One hash over the names and contents of all deployed files, the same on every machine."""
    digest = hashlib.sha256()
    for folder in DEPLOYED:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not set(NOT_DEPLOYED) & set(path.parts):
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root).as_posix()}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


if __name__ == "__main__":
    print(code_hash(ROOT))
