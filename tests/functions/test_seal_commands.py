"""The commands about seals: words, exit codes, and a proof for whoever trusts nobody (LE-3)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from tests.functions.calls import failing
from tests.functions.journal import Journal, open_journal, worked
from tests.world import REGION, forget_wiring
from tillbridge import wiring
from tillbridge.ledger.commands import main
from tillbridge.ledger.seal_words import FAULTS, SENTENCES, say_finding
from tillbridge.ledger.seals import Fault, Finding

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs" / "runbooks" / "seals.md"
PERIOD = ("verify", "--from", "2026-11-21", "--until", "2026-11-21")


@pytest.fixture
def journal() -> Iterator[Journal]:
    with open_journal() as opened:
        yield opened


def test_an_unbroken_period_is_said_in_both_languages(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    worked(journal)
    journal.book()
    assert main(PERIOD) == 0
    assert main([*PERIOD, "--language", "de"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "5 seals, from 2026-11-21T00:00:00Z until 2026-11-21T12:55:00Z (UTC); 13 entries read; "
        "1 wait for the next seal.",
        "UNBROKEN: every entry is there as it was sealed, and no other.",
        "5 Siegel, von 2026-11-21T00:00:00Z bis 2026-11-21T12:55:00Z (UTC); 13 Buchungen gelesen; "
        "1 warten auf das nächste Siegel.",
        "UNVERSEHRT: Jede Buchung ist da, wie sie versiegelt wurde, und keine andere.",
    ]


def test_a_broken_period_names_the_first_broken_entry_first(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    booked = sorted(worked(journal, hours=2, each=20), key=lambda entry: entry.id)
    for entry in booked[3:]:
        journal.remove(entry)
    journal.tamper(booked[2], text="x")
    assert main(PERIOD) == 1
    _, broken, first, second, *_, more = capsys.readouterr().out.splitlines()
    assert broken == "BROKEN: 38 findings. The first:"
    assert first == f"  Entry {booked[2].id} was changed after it had been sealed (seal 2)."
    assert second == f"  Entry {booked[3].id} is not in the journal (sealed in 2; 0: in none)."
    assert more == "and 18 more."


def test_a_period_that_begins_before_the_seals_is_said_to(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    worked(journal)
    assert main(["verify", "--from", "2020-01-01", "--until", "2026-11-21", "--language", "de"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("Vor 2026-11-14T08:55:00Z gibt es keine Siegel")


def test_a_time_without_seals_is_not_proved(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(PERIOD) == 1
    assert capsys.readouterr().out.splitlines() == [
        "BROKEN: 1 findings. The first:",
        "  No seal covers any of this period: nothing is proved.",
    ]


def test_an_entry_is_proved_in_both_languages(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    entry = worked(journal)[4]
    assert main(["prove", entry.id]) == 0
    assert main(["prove", entry.id, "--language", "de"]) == 0
    english, german = capsys.readouterr().out.splitlines()
    assert english.startswith(f"PROVED: entry {entry.id} stands in the journal as seal 3 holds it")
    assert german.startswith(f"BEWIESEN: Buchung {entry.id} steht im Journal, wie Siegel 3 sie enthält")


def test_an_entry_that_is_not_sealed_is_not_proved(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = journal.book()
    assert main(["prove", entry.id, "--language", "de"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "NICHT BEWIESEN:",
        f"  Buchung {entry.id} ist noch nicht versiegelt. Gesiegelt wird stündlich; "
        "bitte dann erneut fragen.",
    ]
    assert main(["prove", "R-4711"]) == 1
    assert "R-4711 is no id of an entry" in capsys.readouterr().out


def shown_proof(capsys: pytest.CaptureFixture[str], entry_id: str) -> dict[str, Any]:
    assert main(["prove", entry_id, "--json"]) == 0
    proof: dict[str, Any] = json.loads(capsys.readouterr().out)
    return proof


def audit(folder: Path, proof: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the check that the runbook gives to auditors, as it stands there and without the product."""
    [script] = re.findall(r"```python\n(.*?)```", RUNBOOK.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
    (folder / "check.py").write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "check.py", "proof.json"],
        cwd=folder,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_auditor_checks_a_proof_with_the_runbooks_few_lines(
    journal: Journal, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """For every place in trees of several sizes."""
    booked = worked(journal, hours=3, each=7)
    for entry in booked[::3]:
        proof = shown_proof(capsys, entry.id)
        done = audit(tmp_path, proof)
        assert done.returncode == 0, done.stderr
        assert f'"id": "{entry.id}"' in done.stdout
        file = journal.content(proof["seal_file"])
        assert done.stdout.splitlines()[-1].endswith(sha256(file).hexdigest())
        assert proof["seal_hash"] == sha256(file).hexdigest()


def test_an_auditor_is_told_when_a_proof_was_bent(
    journal: Journal, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    proof = shown_proof(capsys, worked(journal, each=7)[9].id)
    bent = {
        "entry": proof["entry"].replace("500", "501"),
        "index": proof["index"] + 1,
        "path": proof["path"][:-1],
        "seal": proof["seal"].replace('"root": "', '"root": "0'),
    }
    for name, changed in bent.items():
        done = audit(tmp_path, {**proof, name: changed})
        assert done.returncode == 1
        assert "NOT PROVED" in done.stderr


def test_a_proof_that_is_none_says_so_in_json_too(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = worked(journal)[0]
    journal.remove(entry)
    assert main(["prove", entry.id, "--json"]) == 1
    proof = json.loads(capsys.readouterr().out)
    assert (proof["findings"], proof["entry"]) == (["entry-missing"], "")


def stacks(outputs: dict[str, dict[str, str]]) -> Any:
    """A client of CloudFormation that knows these stacks; moto's wants packages that nothing else needs."""
    client = boto3.session.Session().client("cloudformation", region_name=REGION)

    def answer(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        name = params["body"]["StackName"]
        if name not in outputs:
            error = {"Code": "ValidationError", "Message": f"Stack with id {name} does not exist"}
            return AWSResponse("", 400, {}, None), {"Error": error, "ResponseMetadata": {}}
        told = [{"OutputKey": key, "OutputValue": text} for key, text in outputs[name].items()]
        stack = {"StackName": name, "Outputs": told}
        return AWSResponse("", 200, {}, None), {"Stacks": [stack], "ResponseMetadata": {}}

    client.meta.events.register("before-call.cloudformation.DescribeStacks", answer)
    return client


def test_the_stage_says_where_everything_is(
    journal: Journal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the outputs of its stack; the environment need not know anything."""
    worked(journal)
    variables = {
        "LedgerTable": "LEDGER_TABLE",
        "SealsBucket": "SEALS_BUCKET",
        "AccessTable": "ACCESS_TABLE",
        "UserPoolId": "USER_POOL_ID",
    }
    outputs = {output: os.environ[variable] for output, variable in variables.items()}
    cloudformation, others = stacks({"tillbridge-dev": outputs}), wiring.client
    monkeypatch.setattr(
        wiring, "client", lambda name: cloudformation if name == "cloudformation" else others(name)
    )
    for variable in variables.values():
        monkeypatch.delenv(variable)
    forget_wiring()
    assert main(PERIOD) == 2
    assert "The setting SEALS_BUCKET is missing." in capsys.readouterr().err
    assert main([*PERIOD, "--stage", "dev"]) == 0
    assert "UNBROKEN" in capsys.readouterr().out
    assert main([*PERIOD, "--stage", "prod"]) == 2
    assert "tillbridge-prod" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify", "--from", "2026-11-31", "--until", "2026-12-01"), "2026-11-31 is no day"),
        (("verify", "--from", "today", "--until", "2026-12-01"), "today is no day"),
        (("verify", "--from", "2026-12-02", "--until", "2026-12-01"), "--until is before --from"),
    ],
)
def test_a_period_that_is_none_is_refused_with_words(
    journal: Journal, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "arguments", [(), ("verify",), ("prove",), ("verify", "--from", "2026-11-21"), ("x",)]
)
def test_a_wrong_call_finds_nothing_out(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


@pytest.mark.parametrize(("service", "operation"), [("dynamodb", "Query"), ("s3", "GetObject")])
def test_without_an_answer_nothing_is_found_out(
    journal: Journal, capsys: pytest.CaptureFixture[str], service: str, operation: str
) -> None:
    worked(journal, hours=1)
    with failing(service, operation, "before-call", times=10):
        assert main([*PERIOD, "--language", "de"]) == 2
    told = capsys.readouterr()
    assert "Es wurde nichts festgestellt" in told.err
    assert told.out == ""


def test_a_bug_is_loud_and_is_no_finding(
    journal: Journal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own exit code would say that the journal is broken."""
    monkeypatch.setattr(wiring, "clock", lambda: None)
    forget_wiring()
    assert main(PERIOD) == 2
    assert "Traceback" in capsys.readouterr().err


def test_the_command_runs_as_it_is_written_in_the_runbook() -> None:
    """Without a cloud: it starts, and says what is missing."""
    assert "-m tillbridge.ledger.commands verify --stage prod --from" in RUNBOOK.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tillbridge.ledger.commands", *PERIOD, "--language", "de"],
        cwd=ROOT,
        env={"PYTHONPATH": "layers/core", "PYTHONIOENCODING": "utf-8", "AWS_DEFAULT_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Die Einstellung" in done.stderr


def test_every_finding_has_words_in_both_languages_and_a_line_in_the_runbook() -> None:
    assert set(FAULTS) == set(Fault)
    page = RUNBOOK.read_text(encoding="utf-8")
    for fault in Fault:
        finding = Finding(fault, 7, "20261124T170512345-01-3f9c0a1b2c3d4e5f")
        assert say_finding("en", finding) != say_finding("de", finding)
        assert f"`{fault.value}`" in page.split("| finding |")[1].split("**Secure")[0]
    for words in SENTENCES.values():
        assert set(re.findall(r"\{\w+\}", words.en)) == set(re.findall(r"\{\w+\}", words.de))


def test_the_words_for_humans_in_the_runbook_are_those_of_the_command() -> None:
    page = RUNBOOK.read_text(encoding="utf-8")
    assert SENTENCES["unbroken"].en in page
    shown = SENTENCES["checked"].en.format(
        seals=720, from_="2026-11-01T00:00:00Z", until="2026-12-01T00:00:00Z", entries=48211, waiting=0
    )
    assert shown in page
