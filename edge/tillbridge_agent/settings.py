"""The agent's settings: one optional TOML file in the state folder (edge/agent.example.toml explains it)."""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tillbridge_agent.errors import NotReady
from tillbridge_agent.model import is_absolute

SETTINGS_NAME = "agent.toml"
LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a shop may set; everything has a good value without a file."""

    language: str = "en"
    allowed_folders: tuple[str, ...] = ()
    ca_file: str = ""


def default_state_folder() -> Path:
    """Where the agent keeps its notebook when nobody says otherwise."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Tillbridge" / "agent"
    if os.geteuid() == 0:
        return Path("/var/lib/tillbridge-agent")
    return Path(os.environ.get("XDG_STATE_HOME", "~/.local/state")).expanduser() / "tillbridge-agent"


def load(state: Path) -> Settings:
    """Read the settings file; NotReady names what is wrong with it."""
    path = state / SETTINGS_NAME
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as broken:
        raise NotReady("settings-broken", path=str(path), reason=str(broken)) from broken
    unknown = sorted(given.keys() - set(Settings.__slots__))
    if unknown:
        raise NotReady("settings-broken", path=str(path), reason=f"unknown: {', '.join(unknown)}")
    language, folders = given.get("language", "en"), given.get("allowed_folders", [])
    if language not in LANGUAGES:
        raise NotReady("settings-broken", path=str(path), reason='language is "en" or "de"')
    if not isinstance(folders, list) or not all(isinstance(one, str) and is_absolute(one) for one in folders):
        raise NotReady(
            "settings-broken", path=str(path), reason="allowed_folders is a list of absolute paths"
        )
    ca_file = given.get("ca_file", "")
    if not isinstance(ca_file, str):
        raise NotReady("settings-broken", path=str(path), reason="ca_file is a path")
    return Settings(language, tuple(folders), ca_file)
