"""Bad input: a clear refusal with the field's name, in English and German, and nothing is written."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.shops import ADMIN, TAKEN_AT, TILL_A, Answer, Claims, Shop, bucket, directory, open_shop

PAYMENT: dict[str, Any] = {
    "branch": "01",
    "kind": "sale",
    "currency": "EUR",
    "taken_at": TAKEN_AT,
    "staff": "AMPAREX",
    "customer": {"last_name": "Abele", "first_name": "Anton"},
    "lines": [
        {"number": "B-1", "amount": "5.10", "method": "card"},
        {"number": "B-2", "amount": "7.00", "method": "cash", "invoice_number": "R-1", "case_number": "V-1"},
    ],
    "change": "1.00",
}
CANCELLATION: dict[str, Any] = {"number": "S-1", "amount": "1.00", "cancelled_at": TAKEN_AT, "staff": "A"}
INTERFACE: dict[str, Any] = {"name": "New", "targets": [directory("C:\\New")]}
LINE_BREAKS = ["\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x00", "\x1e", "\u202e"]

LEFT_OUT = object()


def test_the_payment_itself_is_right() -> None:
    """Otherwise the tables below would prove nothing."""
    with open_shop() as fresh:
        assert fresh.ask("POST", "/payments", PAYMENT, idempotency_key="good").status == 201


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """One chain for all cases: each of them must leave it as it found it."""
    with open_shop() as opened:
        opened.put_interface(targets=[bucket(), directory()]).done()
        opened.enrol()
        opened.record("Old", "10.00").done()
        yield opened


def changed(body: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The body with another value at a path such as ``lines.0.amount``."""
    other = copy.deepcopy(body)
    *way, last = path.split(".")
    place: Any = other
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    key: Any = int(last) if last.isdigit() else last
    if value is LEFT_OUT:
        del place[key]
    else:
        place[key] = value
    return other


def refused_in_both_languages(
    shop: Shop,
    method: str,
    target: str,
    body: dict[str, Any] | str | bytes | None,
    *,
    claims: Claims | None = TILL_A,
    **headers: str,
) -> Answer:
    """Ask in English and in German; whatever is answered, nothing may be written."""
    before = shop.all_that_is_written()
    headers = {"idempotency_key": "bad", **headers}
    english = shop.ask(method, target, body, claims=claims, **headers)
    german = shop.ask(
        method, target, body, claims=claims, accept_language="de-DE,de;q=0.9,en;q=0.5", **headers
    )
    assert shop.all_that_is_written() == before
    assert 400 <= english.status < 500, english.text
    assert english.headers["content-type"] == german.headers["content-type"] == "application/problem+json"
    assert (english.headers["content-language"], german.headers["content-language"]) == ("en", "de")
    assert (german.status, german.code, german.fields) == (english.status, english.code, english.fields)
    assert english.body["detail"] != german.body["detail"]
    for answer in (english, german):
        assert not re.search(r"\{[a-z_]+\}", answer.text), "a fact that was left open"
    return english


FIELDS: list[tuple[str, object, str, str]] = [
    # amounts
    ("lines.0.amount", "0", "amount-not-positive", "lines.0.amount"),
    ("lines.0.amount", "0.00", "amount-not-positive", "lines.0.amount"),
    ("lines.1.amount", "-5.10", "amount-not-positive", "lines.1.amount"),
    ("lines.0.amount", "5.105", "amount-has-too-many-decimals", "lines.0.amount"),
    ("lines.0.amount", "5,10", "amount-unreadable", "lines.0.amount"),
    ("lines.0.amount", "1e5", "amount-unreadable", "lines.0.amount"),
    ("lines.0.amount", "NaN", "amount-unreadable", "lines.0.amount"),
    ("lines.0.amount", "Infinity", "amount-unreadable", "lines.0.amount"),
    ("lines.0.amount", "", "amount-unreadable", "lines.0.amount"),
    ("lines.0.amount", "9" * 16, "amount-too-large", "lines.0.amount"),
    ("lines.0.amount", "9" * 21, "field-too-long", "lines.0.amount"),
    ("lines.0.amount", 5.1, "field-not-text", "lines.0.amount"),
    ("lines.0.amount", 5, "field-not-text", "lines.0.amount"),
    ("lines.0.amount", None, "field-not-text", "lines.0.amount"),
    ("lines.0.amount", True, "field-not-text", "lines.0.amount"),
    ("lines.0.amount", LEFT_OUT, "field-missing", "lines.0.amount"),
    ("change", "0", "amount-not-positive", "change"),
    ("change", "-1.00", "amount-not-positive", "change"),
    ("change", "", "amount-unreadable", "change"),
    ("change", "7.00", "change-exceeds-cash", "change"),
    ("change", "1.001", "amount-has-too-many-decimals", "change"),
    # currencies
    ("currency", "XXX", "currency-unknown", "currency"),
    ("currency", "eur", "currency-unknown", "currency"),
    ("currency", "EURO", "field-too-long", "currency"),
    ("currency", "JPY", "amount-has-too-many-decimals", "lines.0.amount"),
    # moments
    ("taken_at", "2026-11-21T09:55:00", "moment-without-zone", "taken_at"),
    ("taken_at", "2026-11-21", "moment-unreadable", "taken_at"),
    ("taken_at", "yesterday", "moment-unreadable", "taken_at"),
    ("taken_at", "1999-12-31T00:00:00Z", "moment-out-of-range", "taken_at"),
    ("taken_at", 1795251600, "field-not-text", "taken_at"),
    ("taken_at", LEFT_OUT, "field-missing", "taken_at"),
    # numbers
    ("lines.0.number", "a/b", "number-has-unsafe-characters", "lines.0.number"),
    ("lines.0.number", "..\\x", "number-has-unsafe-characters", "lines.0.number"),
    ("lines.1.number", "CON", "number-is-reserved-on-windows", "lines.1.number"),
    ("lines.1.number", "com1.x", "number-is-reserved-on-windows", "lines.1.number"),
    ("lines.0.number", "..", "number-is-empty", "lines.0.number"),
    ("lines.0.number", "", "number-is-empty", "lines.0.number"),
    ("lines.0.number", "a.", "number-has-blank-or-dot-at-its-edge", "lines.0.number"),
    ("lines.0.number", " a", "number-has-blank-or-dot-at-its-edge", "lines.0.number"),
    ("lines.0.number", "ü" * 61, "number-too-long", "lines.0.number"),
    ("lines.0.number", "a" * 121, "field-too-long", "lines.0.number"),
    ("lines.1.number", "b-1", "number-twice", "lines.1.number"),
    ("lines.0.number", "OLD", "number-taken", "number"),
    # texts: a line break never starts a new key
    *[("staff", f"A{char}amount=999", "text-has-control-characters", "staff") for char in LINE_BREAKS],
    *[
        ("lines.0.number", f"a{char}b", "number-has-control-characters", "lines.0.number")
        for char in LINE_BREAKS
    ],
    ("lines.0.invoice_number", "R\r\namount=9", "text-has-control-characters", "lines.0.invoice_number"),
    ("lines.1.case_number", "V\namount=9", "text-has-control-characters", "lines.1.case_number"),
    ("customer.last_name", "Abele\nstaff=x", "text-has-control-characters", "customer.last_name"),
    ("customer.first_name", "A\rstaff=x", "text-has-control-characters", "customer.first_name"),
    ("customer.last_name", " ", "customer-without-name", "customer.last_name"),
    ("staff", "x" * 101, "field-too-long", "staff"),
    # places, kinds, shapes
    ("branch", "0 1", "field-not-in-form", "branch"),
    ("branch", "../01", "field-not-in-form", "branch"),
    ("branch", "02", "branch-not-covered", "branch"),
    ("workstation", "till-9", "workstation-not-own", "workstation"),
    ("kind", "cancellation", "field-not-in-list", "kind"),
    ("kind", "SALE", "field-not-in-list", "kind"),
    ("lines.0.method", "Cash", "field-not-in-list", "lines.0.method"),
    ("lines.0.method", "bitcoin", "field-not-in-list", "lines.0.method"),
    ("lines.0.direction", "up", "field-not-in-list", "lines.0.direction"),
    ("lines", [], "field-too-short", "lines"),
    ("lines", {}, "field-not-list", "lines"),
    ("lines", None, "field-not-list", "lines"),
    ("lines.0", "B-1", "field-not-object", "lines.0"),
    (
        "lines",
        [{"number": f"B-{n}", "amount": "1", "method": "card"} for n in range(11)],
        "field-too-long",
        "lines",
    ),
    ("discount", "1.00", "field-unknown", "discount"),
    ("lines.0.amount_minor", 510, "field-unknown", "lines.0.amount_minor"),
    ("customer.title", "Dr.", "field-unknown", "customer.title"),
]


@pytest.mark.parametrize(("path", "value", "code", "field"), FIELDS)
def test_a_wrong_field_of_a_payment(shop: Shop, path: str, value: object, code: str, field: str) -> None:
    answer = refused_in_both_languages(shop, "POST", "/payments", changed(PAYMENT, path, value))
    assert [(entry["field"], entry["code"]) for entry in answer.body["errors"]] == [(field, code)]


CANCELLED: list[tuple[str, object, str, str]] = [
    ("number", "a\\b", "number-has-unsafe-characters", "number"),
    ("number", "NUL.1", "number-is-reserved-on-windows", "number"),
    ("number", "old", "number-taken", "number"),
    ("number", LEFT_OUT, "field-missing", "number"),
    ("amount", "0", "amount-not-positive", "amount"),
    ("amount", "-1.00", "amount-not-positive", "amount"),
    ("amount", "1.005", "amount-has-too-many-decimals", "amount"),
    ("amount", "10.01", "cancels-more-than-is-left", "amount"),
    ("amount", "", "amount-unreadable", "amount"),
    ("amount", 1, "field-not-text", "amount"),
    ("cancelled_at", "2026-11-21T10:00:00", "moment-without-zone", "cancelled_at"),
    ("staff", "A\nB", "text-has-control-characters", "staff"),
    ("currency", "EUR", "field-unknown", "currency"),
]


@pytest.mark.parametrize(("path", "value", "code", "field"), CANCELLED)
def test_a_wrong_field_of_a_cancellation(shop: Shop, path: str, value: object, code: str, field: str) -> None:
    body = changed(CANCELLATION, path, value)
    answer = refused_in_both_languages(shop, "POST", "/payments/Old/cancellations", body)
    assert [(entry["field"], entry["code"]) for entry in answer.body["errors"]] == [(field, code)]


CONFIGURED: list[tuple[str, object, str, str]] = [
    ("targets", [directory("Payments")], "path-not-absolute", "targets.path"),
    ("targets", [directory("C:\\a\\..\\b")], "path-goes-up", "targets.path"),
    ("targets", [directory("C:\\a\nb")], "text-has-control-characters", "targets.path"),
    ("targets", [directory("c:/payments/")], "place-is-shared", "targets"),
    ("targets", [bucket("/x/")], "prefix-unreadable", "targets.prefix"),
    ("targets", [bucket("x")], "prefix-unreadable", "targets.prefix"),
    ("targets", [bucket("erp/")], "place-is-shared", "targets"),
    ("targets", [directory("C:\\a"), directory("C:\\b")], "target-twice", "targets.id"),
    ("targets", [directory("C:\\a", "x"), directory("c:/a", "y")], "place-is-shared", "targets"),
    ("targets", [], "field-too-short", "targets"),
    ("branch", "99", "branch-not-found", "branch"),
    ("workstation", "till-1", "workstation-without-branch", "workstation"),
    ("starts_at", "2026-11-21T09:00:00", "moment-without-zone", "starts_at"),
    ("starts_at", "", "moment-unreadable", "starts_at"),
    ("character_set", "latin1", "field-not-in-list", "character_set"),
    ("line_ending", "cr", "field-not-in-list", "line_ending"),
    ("walk_in_customer", "A\nB", "text-has-control-characters", "walk_in_customer"),
    ("name", "A\nB", "text-has-control-characters", "name"),
    ("active", "yes", "field-not-true-or-false", "active"),
    ("colour", "red", "field-unknown", "colour"),
]


@pytest.mark.parametrize(("path", "value", "code", "field"), CONFIGURED)
def test_a_wrong_field_of_an_interface(shop: Shop, path: str, value: object, code: str, field: str) -> None:
    body = changed(INTERFACE, path, value)
    answer = refused_in_both_languages(shop, "PUT", "/interfaces/new", body, claims=ADMIN)
    assert [(entry["field"], entry["code"]) for entry in answer.body["errors"]] == [(field, code)]


def test_several_wrong_fields_are_all_named(shop: Shop) -> None:
    body = changed(changed(changed(PAYMENT, "kind", "x"), "lines.1.method", "y"), "currency", 1)
    answer = refused_in_both_languages(shop, "POST", "/payments", body)
    assert sorted(answer.fields) == ["currency", "kind", "lines.1.method"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "body-is-not-json"),
        ('{"branch": "01",}', 400, "body-is-not-json"),
        ('{"branch": "01", "branch": "02"}', 400, "body-is-not-json"),
        ('{"amount": NaN}', 400, "body-is-not-json"),
        ('{"staff": "\\ud800"}', 400, "body-is-not-json"),
        ("[" * 20_000, 400, "body-is-not-json"),
        ("[]", 422, "request-not-valid"),
        ('"x"', 422, "request-not-valid"),
        ("null", 422, "request-not-valid"),
        ("5", 422, "request-not-valid"),
        (json.dumps({**PAYMENT, "staff": "x" * 66_000}), 413, "body-too-large"),
        (" " * 65_537, 413, "body-too-large"),
    ],
)
def test_a_body_that_cannot_be_read(shop: Shop, body: str, status: int, code: str) -> None:
    answer = refused_in_both_languages(shop, "POST", "/payments", body, content_type="application/json")
    assert (answer.status, answer.code) == (status, code)


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(shop: Shop) -> None:
    wrong = json.dumps(changed(PAYMENT, "kind", "x"))
    fits = wrong + " " * (64 * 1024 - len(wrong))
    for body, status in ((fits, 422), (fits + " ", 413)):
        answer = refused_in_both_languages(shop, "POST", "/payments", body, content_type="application/json")
        assert answer.status == status


def test_a_body_that_is_no_json_by_its_own_word(shop: Shop) -> None:
    answer = refused_in_both_languages(shop, "POST", "/payments", b"<a/>", content_type="application/xml")
    assert (answer.status, answer.code) == (415, "content-type-not-json")


def test_no_body(shop: Shop) -> None:
    assert refused_in_both_languages(shop, "POST", "/payments", None).status in {400, 422}


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (None, "token-missing"),
        ({**TILL_A, "token_use": "id"}, "token-not-for-access"),
        ({**TILL_A, "token_use": ""}, "token-not-for-access"),
        ({**TILL_A, "username": ""}, "token-unreadable"),
        ({**TILL_A, "workstation": "nonsense"}, "token-unreadable"),
    ],
)
@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", "/payments", PAYMENT),
        ("POST", "/payments/Old/cancellations", CANCELLATION),
        ("PUT", "/interfaces/new", INTERFACE),
        ("POST", "/payment-files/erp.bucket.Old.in/claims", None),
        ("GET", "/payments/Old", None),
        ("POST", "/enrolment-codes", {"branch": "01", "workstation": "till-1"}),
        ("GET", "/devices", None),
    ],
)
def test_a_token_that_vouches_for_nobody(
    shop: Shop, claims: Claims | None, code: str, method: str, target: str, body: dict[str, Any] | None
) -> None:
    answer = refused_in_both_languages(shop, method, target, body, claims=claims)
    assert (answer.status, answer.code) == (401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("claims", "method", "target"),
    [
        ({**TILL_A, "cognito:groups": []}, "POST", "/payments"),
        ({**TILL_A, "cognito:groups": ["owner"]}, "POST", "/payments"),
        ({**TILL_A, "branches": ""}, "POST", "/payments"),
        (ADMIN, "POST", "/payments"),
    ],
)
def test_a_caller_who_may_not(shop: Shop, claims: Claims, method: str, target: str) -> None:
    body = changed(PAYMENT, "workstation", "till-1")
    assert refused_in_both_languages(shop, method, target, body, claims=claims).status == 403


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("DELETE", "/payments/Old", 405),
        ("PUT", "/payments", 405),
        ("GET", "/payments/Old/cancellations", 405),
        ("GET", "/payments/Old/refunds", 404),
        ("GET", "/payments/", 404),
        ("PATCH", "/interfaces/erp", 405),
    ],
)
def test_addresses_and_methods_that_do_not_exist(shop: Shop, method: str, target: str, status: int) -> None:
    assert refused_in_both_languages(shop, method, target, None, claims=ADMIN).status == status
