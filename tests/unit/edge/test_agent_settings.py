"""The settings file, the addresses and the paths that the agent accepts."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tillbridge_agent import settings
from tillbridge_agent.cloud import proved_address
from tillbridge_agent.errors import NotReady
from tillbridge_agent.model import is_absolute
from tillbridge_agent.pauses import GrowingPause

EXAMPLE = Path(__file__).parents[3] / "edge" / "agent.example.toml"


def test_without_a_file_all_is_well(tmp_path: Path) -> None:
    assert settings.load(tmp_path) == settings.Settings()


def test_the_example_shows_every_setting_with_its_usual_value(tmp_path: Path) -> None:
    example = tomllib.loads(EXAMPLE.read_text("utf-8"))
    assert set(example) == set(settings.Settings.__slots__)
    (tmp_path / "agent.toml").write_bytes(EXAMPLE.read_bytes())
    assert settings.load(tmp_path) == settings.Settings()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("language = 'fr'", "language"),
        ("colour = 'red'", "unknown: colour"),
        ("allowed_folders = 'C:/x'", "allowed_folders"),
        ("allowed_folders = ['relative']", "allowed_folders"),
        ("ca_file = 7", "ca_file"),
        ("language = ", ""),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "agent.toml").write_text(text)
    with pytest.raises(NotReady, match="settings-broken") as wrong:
        settings.load(tmp_path)
    assert reason in wrong.value.facts["reason"]


@pytest.mark.parametrize(
    "api", ["http://api.example.org", "api.example.org", "ftp://api.example.org", "https://"]
)
def test_only_https_goes_out(api: str) -> None:
    with pytest.raises(NotReady, match="api-not-https"):
        proved_address(api)


@pytest.mark.parametrize("api", ["https://api.example.org/", "http://127.0.0.1:4566", "http://localhost:1"])
def test_https_and_this_very_pc_are_addresses(api: str) -> None:
    assert proved_address(api) == api.rstrip("/")


@pytest.mark.parametrize(
    ("path", "absolute"),
    [
        ("C:\\Payments", True),
        ("c:/Payments", True),
        ("\\\\server\\share\\Payments", True),
        ("\\Users\\Till", False),
        ("C:Payments", False),
        ("Payments", False),
    ],
)
def test_windows_paths_name_their_drive(path: str, absolute: bool) -> None:
    assert is_absolute(path, windows=True) is absolute


def test_pauses_grow_to_their_limit_and_start_again() -> None:
    pause = GrowingPause(1.0, 30.0)
    pauses = [pause.next_s() for _ in range(10)]
    assert all(0.5 * 2**n <= pauses[n] <= 2**n for n in range(4))
    assert all(15.0 <= one <= 30.0 for one in pauses[5:])
    assert pause.next_s(at_least_s=120.0) == 120.0
    pause.over()
    assert pause.next_s() <= 1.0
