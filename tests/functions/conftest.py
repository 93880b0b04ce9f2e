"""What the tests of functions share: a fresh chain of shops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.shops import Shop, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A fresh chain, empty but for two branches."""
    with open_shop() as opened:
        yield opened
