"""What is installed is exact, checked against hashes, and comes from wherever this machine's pip looks."""

from __future__ import annotations

import re

import pytest

from local.environment import ENVIRONMENTS, ROOT
from local.lock import LOCKS


def requirements(lock: str) -> list[str]:
    """The lock's entries, each with its continuation lines."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_exact_and_hashed(lock: str) -> None:
    for requirement in requirements(lock):
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ ", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text


def test_every_environment_has_a_lock_that_make_lock_writes() -> None:
    assert {environment.lock for environment in ENVIRONMENTS.values()} < set(LOCKS)


def test_functions_run_locally_on_the_versions_that_are_deployed() -> None:
    deployed = {line.split()[0] for line in requirements("layers/dependencies/requirements.txt")}
    local = {line.split()[0] for line in requirements("local/requirements/functions.txt")}
    assert deployed <= local
