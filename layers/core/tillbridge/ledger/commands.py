"""``python -m tillbridge.ledger.commands``: check the seals of a period, or prove one entry (LE-3).

Exit code 0: unbroken or proved; 1: broken or not proved; 2: nothing was found out (wrong call, no answer).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from json import dumps
from time import monotonic
from traceback import print_exc
from typing import TextIO

from botocore.exceptions import BotoCoreError, ClientError

from tillbridge import wiring
from tillbridge.kernel.calendar import moment_text, parse_day
from tillbridge.kernel.errors import Refused, Unavailable
from tillbridge.kernel.refusals import REFUSALS

from .seal_store import seal_key
from .seal_words import SENTENCES, say, say_finding
from .seals import Finding
from .verification import Proof, Verdict, VerificationService

_UNBROKEN, _BROKEN, _UNKNOWN = 0, 1, 2
_FINDINGS_SHOWN = 20
_TELL_EVERY_S = 2.0


@dataclass(frozen=True)
class Teller:
    """Says sentences in one language: what was found to one stream, what goes on meanwhile to the other."""

    language: str
    out: TextIO
    aside: TextIO

    def say(self, sentence: str, **facts: object) -> None:
        """Say something about the outcome."""
        self.out.write(say(self.language, SENTENCES[sentence], **facts) + "\n")

    def mention(self, sentence: str, **facts: object) -> None:
        """Say something beside it."""
        self.aside.write(say(self.language, SENTENCES[sentence], **facts) + "\n")
        self.aside.flush()

    def findings(self, findings: Sequence[Finding]) -> None:
        """Say what is wrong, each on a line."""
        for finding in findings:
            self.out.write(f"  {say_finding(self.language, finding)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    asked = _commands().parse_args(arguments)
    teller = Teller(asked.language, sys.stdout, sys.stderr)
    try:
        if asked.stage:
            wiring.use_stack(f"tillbridge-{asked.stage}")
        try:
            service = wiring.verification()
        except KeyError as missing:
            teller.mention("setting-missing", setting=missing.args[0])
            return _UNKNOWN
        if asked.command == "prove":
            return _prove(service, asked.entry, teller, as_json=asked.json)
        return _verify(service, asked.first_day, asked.last_day, teller)
    except Refused as refusal:
        facts = {**refusal.facts, "field": refusal.field, "value": refusal.value}
        teller.aside.write(say(asked.language, REFUSALS[refusal.code], **facts) + "\n")
    except (Unavailable, ClientError, BotoCoreError) as failure:
        teller.mention("outside-failed", reason=failure)
    except Exception:  # noqa: BLE001 - Python's own exit code of a bug would say: broken
        print_exc(file=teller.aside)
    return _UNKNOWN


def _commands() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tillbridge.ledger.commands", description="The seals of the journal."
    )
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--stage", help="dev, staging, prod or local (else the environment says where)")
    every.add_argument("--language", choices=("en", "de"), default="en")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", parents=[every], help="check the seals of a period")
    verify.add_argument("--from", dest="first_day", required=True, help="first day (UTC), 2026-11-01")
    verify.add_argument("--until", dest="last_day", required=True, help="last day (UTC), 2026-11-30")
    prove = commands.add_parser("prove", parents=[every], help="prove one entry")
    prove.add_argument("entry", help="the entry's id")
    prove.add_argument("--json", action="store_true", help="the whole proof, to be checked elsewhere")
    return parser


def _verify(service: VerificationService, first_day: str, last_day: str, teller: Teller) -> int:
    first = date.fromisoformat(parse_day(first_day, field="--from"))
    last = date.fromisoformat(parse_day(last_day, field="--until"))
    if last < first:
        teller.mention("period-backwards")
        return _UNKNOWN
    return _show(service.verify(first, last, _progress(teller)), first, teller)


def _show(verdict: Verdict, first: date, teller: Teller) -> int:
    if verdict.from_ is not None and verdict.until is not None:
        teller.say(
            "checked",
            seals=verdict.seals,
            from_=moment_text(verdict.from_),
            until=moment_text(verdict.until),
            entries=verdict.entries,
            waiting=verdict.waiting,
        )
        if verdict.from_ > datetime.combine(first, time.min, UTC):
            teller.say("begins-later", from_=moment_text(verdict.from_))
    if not verdict.count:
        teller.say("unbroken")
        return _UNBROKEN
    teller.say("broken", count=verdict.count)
    shown = verdict.findings[:_FINDINGS_SHOWN]
    teller.findings(shown)
    if verdict.count > len(shown):
        teller.say("more", count=verdict.count - len(shown))
    return _BROKEN


def _prove(service: VerificationService, entry_id: str, teller: Teller, *, as_json: bool) -> int:
    proof = service.prove(entry_id)
    if as_json:
        teller.out.write(dumps(shown_proof(proof), indent=2, ensure_ascii=False) + "\n")
    elif proof.findings or proof.seal is None:
        teller.say("not-proved")
        teller.findings(proof.findings)
    else:
        teller.say(
            "proved",
            entry=entry_id,
            seal=proof.seal.number,
            made_at=moment_text(proof.seal.made_at),
            index=proof.index + 1,
            leaves=proof.seal.leaves,
        )
    return _BROKEN if proof.findings else _UNBROKEN


def shown_proof(proof: Proof) -> dict[str, object]:
    """A proof for others to check: SHA-256 of a zero byte and ``entry`` is ``leaf`` (RFC 9162, 2.1.3)."""
    return {
        "entry_id": proof.entry_id,
        "findings": [finding.fault.value for finding in proof.findings],
        "entry": proof.entry.decode(),
        "leaf": proof.leaf.hex(),
        "index": proof.index,
        "path": [sibling.hex() for sibling in proof.path],
        "seal": proof.seal.canonical().decode() if proof.seal else "",
        "seal_file": seal_key(proof.seal) if proof.seal else "",
        "seal_hash": proof.seal.hash if proof.seal else "",
    }


def _progress(teller: Teller) -> Callable[[date, int], None]:
    """Tells how far it is, now and then."""
    told_at = monotonic()

    def tell(day: date, entries: int) -> None:
        nonlocal told_at
        if monotonic() - told_at >= _TELL_EVERY_S:
            told_at = monotonic()
            teller.mention("checking", day=day, entries=entries)

    return tell


if __name__ == "__main__":
    sys.exit(main())
