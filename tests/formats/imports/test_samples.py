"""Samples of every import kind and variant read as it is recorded beside them (RI-10 to RI-20, LE-1)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.formats import bank_record
from tests.formats.imports.record import (
    FOLDER,
    TODAY,
    kind_of,
    made_of,
    main,
    read,
    record_missing,
    recorded_beside,
    samples,
    settings_of,
)
from tillbridge.kernel.errors import Refused, Words
from tillbridge.ledger.entries import Account
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.formats.reading import HEAD_BYTES, ReadSettings
from tillbridge.reconciliation.model import Facts, Kind, Variant

SAMPLES = [pytest.param(path, id=f"{path.parent.name}/{path.name}") for path in samples()]
BANK = [pytest.param(path, id=f"{path.parent.name}/{path.name}") for path in bank_record.samples()]
VARIANTS = {
    Kind.AMPAREX: {Variant.PAYMENTS, Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS},
    Kind.PBS: {Variant.PAYMENTS, Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS},
    Kind.DATEV: {Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS},
    Kind.DATEV_PRO: {Variant.CLOSED_ITEMS},
    Kind.DATEV_KR_EXPORT: {Variant.CLOSED_ITEMS},
    Kind.ADDISON: {Variant.CLOSED_ITEMS},
    Kind.DIAMANT: {Variant.CLOSED_ITEMS},
    Kind.NAVISION: {Variant.OPEN_ITEMS},
    Kind.NAVISION_DUNNING: {Variant.DUNNING_LEVELS},
    Kind.MAPPED: {Variant.PAYMENTS, Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS, Variant.DUNNING_LEVELS},
    Kind.INVOICES: {Variant.INVOICES},
    Kind.CUSTOMERS: {Variant.CUSTOMERS},
    Kind.ORDERS: {Variant.ORDERS},
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_reads_as_it_is_recorded_beside_it(sample: Path) -> None:
    assert made_of(sample).decode() == recorded_beside(sample).read_text(encoding="utf-8")


def test_every_recorded_result_has_its_sample() -> None:
    recorded = set(FOLDER.rglob("*.recorded"))
    assert recorded == {recorded_beside(sample) for sample in samples()}


def test_every_kind_and_variant_has_a_sample() -> None:
    found: dict[Kind, set[Variant]] = {}
    for sample in samples():
        lines = recorded_beside(sample).read_text(encoding="utf-8").splitlines()
        facts = [json.loads(line)["Facts"] for line in lines if line.startswith('{"Facts"')]
        found.setdefault(Kind(sample.parent.name), set()).update(Variant(one["variant"]) for one in facts)
    assert found == VARIANTS
    assert set(VARIANTS) | registry.BANK_KINDS == set(Kind) == set(registry.KINDS)


@pytest.mark.parametrize("sample", [*SAMPLES, *BANK])
def test_no_sample_is_claimed_twice(sample: Path) -> None:
    """RI-31: one kind claims a file, its own; a file that needs an own mapping is claimed by none."""
    head = registry.head_of(sample.name, sample.read_bytes()[:HEAD_BYTES])
    claiming = {kind for kind, module in registry.KINDS.items() if module.claims(head)}
    assert claiming == ({Kind(sample.parent.name)} - {Kind.MAPPED})


@pytest.mark.parametrize("sample", BANK)
def test_a_bank_file_ends_with_its_facts_too(sample: Path) -> None:
    content, settings = sample.read_bytes(), settings_of(sample)
    kind = kind_of(content, settings)
    try:
        readings = list(read(content, settings, kind))
    except Refused:
        assert recorded_beside_bank(sample).startswith('{"Refused"')
        return
    facts = readings[-1]
    assert isinstance(facts, Facts)
    names = [type(reading).__name__ for reading in readings]
    assert facts.variant is Variant.BANK_STATEMENT
    assert facts.rows == names.count("StatementEntry")
    assert facts.problem_lines == len({one[0] for one in readings if type(one).__name__ == "Problem"})
    assert names.count("Facts") == 1


def recorded_beside_bank(sample: Path) -> str:
    return bank_record.recorded_beside(sample).read_text(encoding="utf-8")


def test_the_money_of_a_statement_went_through_the_bank() -> None:
    means = {kind: registry.means_of(kind) for kind in Kind}
    assert {kind for kind, account in means.items() if account is Account.BANK} == {Kind.CAMT, Kind.MT940}
    assert set(means.values()) == {Account.BANK, Account.PAID_AT_ACCOUNTANT}


def test_the_kind_that_somebody_names_reads_the_file_whatever_its_name(tmp_path: Path) -> None:
    """RI-14: the agent's upload is the file of DATEV pro; who names the kind decides."""
    content = (FOLDER / "datev-pro" / "without-headings.csv").read_bytes()
    settings = ReadSettings("offene.csv", "EUR", TODAY)
    head = registry.head_of("offene.csv", content)
    named = registry.claim(head, settings, named=Kind.DATEV_KR_EXPORT)
    assert named.KIND is Kind.DATEV_KR_EXPORT
    facts = list(read(content, settings, named))[-1]
    assert isinstance(facts, Facts)
    assert facts.older_rows == 1


def test_a_named_kind_must_still_be_able_to_read_the_file() -> None:
    content = (FOLDER / "navision" / "german-captions.csv").read_bytes()
    settings = ReadSettings("offene.csv", "EUR", TODAY)
    kind = registry.claim(registry.head_of("offene.csv", content), settings, named=Kind.AMPAREX)
    with pytest.raises(Refused) as refused:
        list(read(content, settings, kind))
    assert refused.value.code == "column-missing"
    assert refused.value.value == "Belegnr., Restbetrag"


def test_an_own_mapping_that_is_named_must_be_given() -> None:
    head = registry.head_of("a.csv", b"a;b\r\n")
    with pytest.raises(Refused, match="mapping-not-given"):
        registry.claim(head, ReadSettings("a.csv", "EUR", TODAY), named=Kind.MAPPED)


def test_a_file_that_nobody_claims_is_refused_with_its_first_line() -> None:
    head = registry.head_of("a.csv", b"Rechnung;Betrag\r\n1;2\r\n")
    with pytest.raises(Refused) as refused:
        registry.claim(head, ReadSettings("a.csv", "EUR", TODAY))
    assert refused.value.code == "no-kind-claims"
    assert refused.value.facts == {"first_line": "Rechnung, Betrag"}


def test_a_file_that_several_claim_is_refused_naming_them() -> None:
    """Navision's page has captions of both: only its reader knows whether it is about amounts or levels."""
    content = b"Belegnr.;Restbetrag;Mahnstufe\r\nRE-1;12,30;2\r\n"
    head = registry.head_of("a.csv", content)
    settings = ReadSettings("a.csv", "EUR", TODAY)
    with pytest.raises(Refused) as refused:
        registry.claim(head, settings)
    assert refused.value.code == "several-kinds-claim"
    assert refused.value.facts == {
        "kinds": Words(
            en="Navision (navision), Navision dunning levels (navision-mahnungen)",
            de="Navision (navision), Navision Mahnstufen (navision-mahnungen)",
        )
    }
    for named in (Kind.NAVISION, Kind.NAVISION_DUNNING):
        assert len(list(read(content, settings, registry.claim(head, settings, named=named)))) == 2


def test_the_recorder_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, fresh = samples()[:2]
    for sample in (kept, fresh):
        (tmp_path / sample.parent.name).mkdir(exist_ok=True)
        shutil.copy(sample, tmp_path / sample.parent.name)
    former = recorded_beside(tmp_path / kept.parent.name / kept.name)
    former.write_bytes(b"as it was")
    assert record_missing(tmp_path) == [recorded_beside(tmp_path / fresh.parent.name / fresh.name)]
    assert former.read_bytes() == b"as it was"
    assert record_missing(tmp_path) == []
    assert main() == 0
    assert "nothing is ever overwritten" in capsys.readouterr().out
