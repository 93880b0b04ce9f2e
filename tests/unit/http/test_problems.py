"""Every refusal becomes a problem that a bookkeeper understands, in English and German."""

import json
import string
from typing import get_args

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.http.problems import (
    STATUS_OF,
    Language,
    Malformed,
    Misshapen,
    Wording,
    language_of,
    misshapen,
    status_of,
)
from tillbridge.http.refusals import REFUSALS, TITLES
from tillbridge.kernel.errors import Conflict, Forbidden, NotFound, Refused, Unavailable, Words

WORDS = {
    "amount-not-positive": Words(
        "{field} is {value}; it must be above 0 {currency}.",
        "{field} ist {value}; nötig ist mehr als 0 {currency}.",
    )
}
WORDING = Wording(WORDS)


class Colour(pydantic.BaseModel):
    """Something with fields of every kind."""

    model_config = pydantic.ConfigDict(extra="forbid", strict=True)
    text: str = pydantic.Field(default="a", min_length=1, max_length=3, pattern="^[a-z]+$")
    whole: int = pydantic.Field(default=1, ge=1, le=9)
    truth: bool = True
    entries: list[str] = []


def test_status_is_that_of_the_nearest_class() -> None:
    class VeryOwn(Conflict):
        pass

    cases = {Refused: 422, NotFound: 404, Forbidden: 403, Conflict: 409, Malformed: 400, VeryOwn: 409}
    assert {kind: status_of(kind("x")) for kind in cases} == cases
    assert status_of(Unavailable()) == 503
    assert status_of(KeyError()) == 500
    assert set(STATUS_OF.values()) <= set(TITLES)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.5", "en"),
        ("de;q=0.2, en;q=0.7", "en"),
        ("fr, DE-at;q=0.3", "de"),
        ("fr", "en"),
        ("*", "en"),
        ("de;q=0", "en"),
        ("de;q=nonsense", "en"),
        ("de;level=1", "de"),
    ],
)
def test_the_preferred_language(accepted: str | None, language: Language) -> None:
    assert language_of(accepted) == language


@given(st.text())
def test_any_header_gives_a_language(accepted: str) -> None:
    assert language_of(accepted) in get_args(Language)


def test_a_refusal_in_both_languages() -> None:
    refusal = Refused("amount-not-positive", field="amount", value="-1", currency="EUR")
    english = WORDING.problem(refusal, "en").body()
    assert english == {
        "type": "urn:tillbridge:problem:amount-not-positive",
        "title": "Not accepted",
        "status": 422,
        "detail": "amount is -1; it must be above 0 EUR.",
        "errors": [
            {
                "field": "amount",
                "code": "amount-not-positive",
                "detail": "amount is -1; it must be above 0 EUR.",
                "value": "-1",
            }
        ],
    }
    german = WORDING.problem(refusal, "de")
    assert german.detail == "amount ist -1; nötig ist mehr als 0 EUR."
    assert german.headers()["Content-Language"] == "de"


def test_a_bug_tells_nothing_but_where_it_is_noted() -> None:
    problem = WORDING.problem(KeyError("secret"), "en", reference="req-1")
    assert problem.status == 500
    assert "secret" not in json.dumps(problem.body())
    assert "req-1" in problem.detail
    assert problem.instance == "urn:tillbridge:request:req-1"


def test_what_the_statuses_demand_of_headers() -> None:
    assert WORDING.problem(Unavailable(), "en").headers()["Retry-After"] == "2"
    assert "Retry-After" not in WORDING.problem(Refused("x"), "en").headers()


def test_a_long_value_is_cut_and_a_compound_one_left_out() -> None:
    long = WORDING.problem(Refused("amount-not-positive", field="amount", value="9" * 5000), "en")
    assert len(json.dumps(long.body())) < 600
    compound = WORDING.problem(Refused("amount-not-positive", field="amount", value={"a": 1}), "en")
    assert "value" not in compound.errors[0]


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.binary()))
def test_whatever_the_value_the_problem_is_json(value: object) -> None:
    body = WORDING.problem(Refused("amount-not-positive", field="amount", value=value), "de").body()
    json.loads(json.dumps(body, ensure_ascii=False).encode(), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"texxt": "a"}, "texxt", "field-unknown"),
        ({"text": 5}, "text", "field-not-text"),
        ({"text": ""}, "text", "field-too-short"),
        ({"text": "abcd"}, "text", "field-too-long"),
        ({"text": "A"}, "text", "field-not-in-form"),
        ({"whole": "1"}, "whole", "field-not-whole-number"),
        ({"whole": 1.5}, "whole", "field-not-whole-number"),
        ({"whole": 0}, "whole", "field-too-small"),
        ({"whole": 10}, "whole", "field-too-great"),
        ({"truth": 1}, "truth", "field-not-true-or-false"),
        ({"entries": "a"}, "entries", "field-not-list"),
        ({"entries": ["a", 1]}, "entries.1", "field-not-text"),
    ],
)
def test_shapes_that_do_not_fit(body: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(pydantic.ValidationError) as wrong:
        Colour.model_validate(body)
    errors = [{**error, "loc": ("body", *error["loc"])} for error in wrong.value.errors()]
    problem = WORDING.problem(misshapen(errors), "en")
    assert problem.status == 422
    assert [(entry["field"], entry["code"]) for entry in problem.errors] == [(field, code)]
    assert "…" not in str(problem.errors[0]["detail"])


def test_every_field_at_fault_is_named_at_once() -> None:
    faults = [Refused("field-missing", field="a"), Refused("field-unknown", field="b", value=1)]
    problem = WORDING.problem(Misshapen(faults), "de")
    assert [entry["field"] for entry in problem.errors] == ["a", "b"]
    assert problem.detail == "2 Feld(er) der Anfrage stimmen nicht. a fehlt."


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_both_languages_speak_of_the_same_facts(code: str) -> None:
    def facts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert facts(REFUSALS[code].en) == facts(REFUSALS[code].de)
