"""Writes the locks: exact versions with hashes, and no index addresses, so that any mirror can serve them."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from local.environment import OLDEST_PYTHON, ROOT

LOCKS = {
    "layers/dependencies/requirements.txt": ["--group", "pyproject.toml:product"],
    "local/requirements/functions.txt": ["--group", "pyproject.toml:functions"],
    "local/requirements/development.txt": ["--group", "pyproject.toml:development"],
    "local/requirements/cloud.txt": ["--group", "pyproject.toml:cloud"],
    "local/requirements/sam.txt": ["--group", "pyproject.toml:sam"],
    "edge/requirements.txt": ["edge/pyproject.toml"],
}


def write_lock(path: str, *wanted: str) -> bool:
    """Write one lock; versions that it already names stay unless `--upgrade` is among what is wanted."""
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes",
        "--python-version", ".".join(map(str, OLDEST_PYTHON)),
        "--no-header", "--no-annotate", "--no-emit-index-url", "--output-file", path, *LOCKS[path], *wanted,
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Write all locks side by side."""
    with ThreadPoolExecutor() as pool:
        written = list(pool.map(lambda path: write_lock(path, *arguments), LOCKS))
    return 0 if all(written) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
