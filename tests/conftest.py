"""What Lambda sets before it imports a function, how properties are searched, which tests stay together."""

import os

import pytest
from hypothesis import settings

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "tillbridge")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Tillbridge")

settings.register_profile("tillbridge", deadline=None, print_blob=True)
settings.load_profile("tillbridge")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes share the tests: those of a file stay together, and those that share the local cloud."""
    for item in items:
        name = "local-cloud" if "e2e" in item.path.parts else item.path.name
        item.add_marker(pytest.mark.xdist_group(name))
