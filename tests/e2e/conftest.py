"""The local cloud for all end-to-end tests of one run: the deployed template, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.cloud import LocalCloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A running cloud on a port that nobody else uses; every function has a process that waits."""
    with LocalCloud(tmp_path_factory.mktemp("cloud"), kept=False) as running:
        running.wait_until_warm()
        yield running
