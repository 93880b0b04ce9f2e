"""Bank files, sample by sample: what is made of them is what is recorded beside them (RI-19)."""

from __future__ import annotations

import ast
import json
import re
import shutil
import string
from pathlib import Path
from typing import Any

import pytest

from tests.formats import bank_record
from tests.formats.bank_record import FOLDER, made_of, record_missing, recorded_beside, samples
from tillbridge.reconciliation.bank_refusals import REFUSALS
from tillbridge.reconciliation.formats import camt, mt940
from tillbridge.reconciliation.formats.reading import Head

ALL_SAMPLES = [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in samples()]
OF_CAMT = [path for path in samples() if path.parent.name == "camt"]
OF_MT940 = [path for path in samples() if path.parent.name == "mt940"]
ROOM = Path(__file__).parents[2] / "layers" / "core" / "tillbridge" / "reconciliation"
SOURCES = [
    *(ROOM / "formats").glob("camt*.py"),
    *(ROOM / "formats").glob("mt940*.py"),
    ROOM / "formats/bank_text.py",
]
NOT_READ_AT_ALL = {
    "entity-bomb": "camt-doctype-forbidden",
    "external-entity": "camt-doctype-forbidden",
    "interim-report": "statement-is-interim",
    "statement-stands-twice": "statement-stands-twice",
}
SAME_STATEMENT = (
    "camt053-version-02", "camt053-version-08", "prefix-on-every-element", "iso-8859-1", "utf-16",
)  # fmt: skip


def recorded(sample: Path, kind: str = "StatementEntry") -> list[dict[str, Any]]:
    """What is recorded of one kind beside a sample."""
    lines = recorded_beside(sample).read_text(encoding="utf-8").splitlines()
    return [told[kind] for told in map(json.loads, lines) if kind in told]


def text_of(sample: Path) -> str:
    """A sample as text: its character set by trying, as a person would."""
    content = sample.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    for name in ("utf-8-sig", "cp850" if "cp850" in sample.name else "cp1252"):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise AssertionError(sample)


@pytest.mark.parametrize("sample", ALL_SAMPLES)
def test_a_sample_gives_what_is_recorded_beside_it(sample: Path) -> None:
    assert made_of(sample).decode() == recorded_beside(sample).read_text(encoding="utf-8")


def test_every_recorded_result_has_its_sample() -> None:
    for name in bank_record.READERS:
        found = set((FOLDER / name).glob("*.recorded"))
        assert found == {recorded_beside(sample) for sample in samples() if sample.parent.name == name}
        assert len(found) > 10


def test_what_is_recorded_is_never_overwritten(tmp_path: Path) -> None:
    for name in bank_record.READERS:
        shutil.copytree(FOLDER / name, tmp_path / name)
    kept = tmp_path / "camt" / "utf-16.recorded"
    kept.write_bytes(b"by hand")
    gone = tmp_path / "mt940" / "umlauts-cp850.recorded"
    gone.unlink()
    assert record_missing(tmp_path) == [gone]
    assert kept.read_bytes() == b"by hand"
    assert gone.read_bytes() == (FOLDER / "mt940" / gone.name).read_bytes()
    assert record_missing(tmp_path) == []


@pytest.mark.parametrize("sample", ALL_SAMPLES)
def test_a_sample_is_refused_as_a_whole_only_where_it_must_be(sample: Path) -> None:
    refused = recorded(sample, "Refused")
    assert [one["code"] for one in refused] == [
        code for stem, code in NOT_READ_AT_ALL.items() if stem == sample.stem
    ]
    assert all(one["line"] > 0 for one in refused)


@pytest.mark.parametrize("sample", ALL_SAMPLES)
def test_its_own_kind_claims_a_sample_and_the_other_one_does_not(sample: Path) -> None:
    head = Head(sample.name, text_of(sample)[: 1 << 16], "utf-8", "", (), frozenset())
    assert (camt.claims(head), mt940.claims(head)) == (sample in OF_CAMT, sample in OF_MT940)


@pytest.mark.parametrize("stem", SAME_STATEMENT)
def test_one_statement_says_the_same_in_every_spelling(stem: str) -> None:
    folder = FOLDER / "camt"
    assert (folder / f"{stem}.recorded").read_bytes() == (
        folder / f"{SAME_STATEMENT[0]}.recorded"
    ).read_bytes()


def without_lines(sample: Path) -> list[dict[str, Any]]:
    return [{**entry, "line": 0} for entry in recorded(sample)]


def test_neither_lines_nor_comments_nor_a_missing_namespace_change_what_is_read() -> None:
    plain = without_lines(FOLDER / "camt" / "camt053-version-08.xml")
    for stem in ("all-on-one-line", "no-namespace"):
        assert without_lines(FOLDER / "camt" / f"{stem}.xml") == plain
    with_comments = without_lines(FOLDER / "camt" / "comments-cdata-and-instructions.xml")
    assert [{**one, "text": ""} for one in with_comments] == [{**one, "text": ""} for one in plain]
    for stem in ("carriage-returns-alone", "utf-16-with-mark"):
        assert recorded(FOLDER / "mt940" / f"{stem}.sta") == recorded(
            FOLDER / "mt940" / "structured-with-reversals.sta"
        )


def codes_in(path: Path) -> set[str]:
    constants = {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in constants if re.fullmatch(r"[a-z]+(?:-[a-z]+)+", text)} - {"us-ascii"}


def test_every_code_about_bank_files_has_words_and_no_words_are_left_over() -> None:
    used = set().union(*map(codes_in, SOURCES))
    assert used - set(REFUSALS) == {"amount-too-large"}, "that one has its words in the kernel"
    assert set(REFUSALS) <= used


@pytest.mark.parametrize("sample", ALL_SAMPLES)
def test_the_words_of_what_was_found_have_all_their_facts(sample: Path) -> None:
    for kind in ("Refused", "Problem", "Notice"):
        for told in recorded(sample, kind):
            given = {"field": told.get("column", ""), **told, **told.get("facts", {})}
            wording = REFUSALS[told["code"]]
            wanted = {name for _, name, _, _ in string.Formatter().parse(wording.en) if name}
            assert wanted <= set(given)
            assert "{" not in wording.en.format(**given) + wording.de.format(**given)
