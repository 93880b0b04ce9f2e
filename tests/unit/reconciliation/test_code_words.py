"""Codes inside sentences have their words, in both languages."""

from __future__ import annotations

import ast
import inspect

import pytest

from tillbridge.http.problems import Wording
from tillbridge.kernel.errors import Conflict, Refused, Words
from tillbridge.reconciliation import code_words, intake, progress, reviews, service
from tillbridge.reconciliation.import_model import ImportState, Stop
from tillbridge.reconciliation.model import Kind, Variant
from tillbridge.reconciliation.refusals import REFUSALS
from tillbridge.reconciliation.report_words import stop_sentence
from tillbridge.reconciliation.upload_options import options_of

WORDING = Wording(REFUSALS)


def test_every_state_kind_and_variant_has_its_words() -> None:
    for table, codes in (
        (code_words.STATES, ImportState), (code_words.KINDS, Kind), (code_words.VARIANTS, Variant),
    ):  # fmt: skip
        assert sorted(table) == sorted(codes)


def events_written() -> set[str]:
    """What the services write into histories: texts in calls of ``Event`` and ``_noted``, and their names."""
    constants = {service.APPROVED, service.REJECTED, reviews.DECIDED}
    for module in (intake, progress, reviews, service):
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and len(node.args) > 2:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                what = node.args[{"Event": 1, "_noted": 2}.get(name, 0)]
                if name in {"Event", "_noted"} and isinstance(what, ast.Constant):
                    constants.add(str(what.value))
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "what":
                constants |= {str(one.value) for one in ast.walk(node.value) if isinstance(one, ast.Constant)}
    return constants


def test_every_event_has_its_words() -> None:
    assert events_written() == set(code_words.EVENTS)


@pytest.mark.parametrize(
    ("what", "detail", "en", "de"),
    [
        ("booking begins", "", "booking begins", "die Buchung beginnt"),
        ("decided", "3", "rows decided by hand: 3", "von Hand entschiedene Zeilen: 3"),
        ("deletion begins", "{x}", "deletion begins", "das Löschen beginnt"),
        (
            "read", "12 rows as own-mapping", "read: rows 12, kind own mapping",
            "gelesen: Zeilen 12, Importart eigene Zuordnung",
        ),
        ("read", "12 rows as telex", "read", "gelesen"),
        ("of an older version", "", "of an older version", "of an older version"),
    ],
)  # fmt: skip
def test_what_happened_is_told_in_both_languages(what: str, detail: str, en: str, de: str) -> None:
    assert code_words.event(what, detail) == Words(en=en, de=de)


def test_a_german_sentence_has_the_german_word_for_a_state() -> None:
    refusal = Conflict(
        "import-in-other-state",
        field="import",
        value="IM-1",
        state=code_words.state(ImportState.AWAITING_APPROVAL),
        wanted=code_words.state(ImportState.FINISHED),
    )
    assert WORDING.problem(refusal, "de").detail == (
        "Der Import IM-1 ist im Zustand „wartet auf Freigabe“; das geht nur im Zustand „fertig“."
    )
    assert WORDING.problem(refusal, "en").detail == (
        "Import IM-1 is waiting for approval; this is possible only while it is finished."
    )


@pytest.mark.parametrize("name", ["kind", "variant"])
def test_what_an_uploader_may_write_is_told_by_word_and_code(name: str) -> None:
    with pytest.raises(Refused) as raised:
        options_of({name: "telex"}, import_day="2026-11-21", uploaded_by="fina")
    told = WORDING.problem(raised.value, "de").detail
    stop = Stop.of(raised.value)
    assert told == stop_sentence(stop, "de"), "a file that is refused says the same as an answer"
    assert ("eigene Zuordnung (own-mapping)" if name == "kind" else "offene Posten (open-items)") in told
    assert stop_sentence(stop, "en") == WORDING.problem(raised.value, "en").detail
