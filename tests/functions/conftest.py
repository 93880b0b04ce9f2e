"""What the tests of functions share: a fresh chain of shops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aws_lambda_powertools import Metrics

from tests.functions.imports import open_desk
from tests.functions.imports_shop import ApiDesk
from tests.functions.shops import Shop, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A fresh chain, empty but for two branches."""
    with open_shop() as opened:
        yield opened


@pytest.fixture
def desk() -> Iterator[ApiDesk]:
    """A chain with a client, its branches 01 and 02, and a profile for the accountant's files."""
    with open_desk() as opened:
        yield ApiDesk(opened.shop)


@pytest.fixture(autouse=True)
def no_metrics_of_others() -> None:
    """Metrics are switched off and so never sent: the hundredth of one name would be, and leave a warning."""
    Metrics(namespace="Tillbridge", service="tillbridge").clear_metrics()
