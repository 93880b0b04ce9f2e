"""Whatever changes a function on AWS changes the hash by which a new version of it is published."""

from pathlib import Path

import pytest

from local.code_hash import code_hash
from local.environment import ROOT

FILES = ("functions/payments_api/app.py", "layers/core/tillbridge/wiring.py", "template.yaml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (*FILES, "README.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("as it was", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_code_and_settings_count(root: Path, name: str) -> None:
    before = code_hash(root)
    (root / name).write_text("as it is", encoding="utf-8")
    assert code_hash(root) != before


def test_what_is_not_deployed_does_not_count(root: Path) -> None:
    before = code_hash(root)
    (root / "README.md").write_text("as it is", encoding="utf-8")
    left_over = root / "functions" / "payments_api" / "__pycache__" / "app.pyc"
    left_over.parent.mkdir()
    left_over.write_bytes(b"left over")
    assert code_hash(root) == before


def test_the_product_has_what_is_hashed() -> None:
    assert [name for name in FILES if not (ROOT / name).is_file()] == []
