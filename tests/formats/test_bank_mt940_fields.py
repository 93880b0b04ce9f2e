"""The fields of MT940 one by one: entries, days, purposes, and what may stand where (RI-19)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.formats.test_bank_damaged import Seen
from tillbridge.reconciliation.formats.mt940_days import Days
from tillbridge.reconciliation.formats.mt940_purpose import Purpose, read_purpose
from tillbridge.reconciliation.model import Problem

FIRST = (":20:X", ":25:DE89370400440532013000", ":28C:1", ":60F:C261119EUR0,00")


def seen(
    *lines: str, first: tuple[str, ...] = FIRST, last: tuple[str, ...] = (":62F:C261120EUR0,00",)
) -> Seen:
    return Seen("mt940", "\r\n".join((*first, *lines, *last, "")).encode())


@pytest.mark.parametrize(
    ("line", "amount", "reversal", "end_to_end_id", "bank_reference"),
    [
        ("261120C1,00NTRFNONREF", 100, False, "", ""),
        ("2611201120CR1,5N166NONREF//4711", 150, False, "", "4711"),
        ("2611201120D1,NCHGKREF+//4711", -100, False, "", "4711"),
        ("2611201120DR1,NCHGEREF+", -100, False, "", ""),
        ("2611201120RC1,00NTRFNONREF", -100, True, "", ""),
        ("2611201120RD1,00NTRFNONREF", 100, True, "", ""),
        ("2611201120RCR1,00NTRFNONREF", -100, True, "", ""),
        ("2611201120RDR1,00NTRFNONREF", 100, True, "", ""),
        ("2611201120C000000000012,34NTRFRE-1", 1234, False, "RE-1", ""),
        ("2611201120C0,00NMSCNONREF  ", 0, False, "", ""),
        ("2611201120C1,00NTRFA/B//C/D", 100, False, "A/B", "C/D"),
        ("2611201120C1,00NTRF//C", 100, False, "", "C"),
        ("2611201120C1,00NTRFA///C", 100, False, "A", "/C"),
        ("2611201120C1,00S103RE-HH-0001-26", 100, False, "RE-HH-0001-26", ""),
        ("2611201120C1,00FMSCNONREF//1\r\n/OCMT/EUR1,/CHGS/EUR0,/", 100, False, "", "1"),
    ],
)
def test_an_entry(line: str, amount: int, reversal: bool, end_to_end_id: str, bank_reference: str) -> None:
    found = seen(f":61:{line}")
    assert found.refused is None
    assert [code for code in found.codes if code != "balances-do-not-add-up"] == []
    (entry,) = found.entries
    assert (entry.amount_minor, entry.reversal) == (amount, reversal)
    assert (entry.end_to_end_id, entry.bank_reference) == (end_to_end_id, bank_reference)
    assert entry.line == 5
    assert ("balances-do-not-add-up" in found.codes) == (amount != 0)


@pytest.mark.parametrize(
    ("line", "code", "value"),
    [
        ("2611201120C1.00NTRFNONREF", "statement-line-unreadable", "2611201120C1.00NTRFNONREF"),
        ("2611201120C1.000,00NTRFNONREF", "statement-line-unreadable", "2611201120C1.000,00NTRFNONREF"),
        ("2611201120C1NTRFNONREF", "statement-line-unreadable", "2611201120C1NTRFNONREF"),
        ("2611201120C-1,00NTRFNONREF", "statement-line-unreadable", "2611201120C-1,00NTRFNONREF"),
        ("2611201120X1,00NTRFNONREF", "statement-line-unreadable", "2611201120X1,00NTRFNONREF"),
        ("2611201120EC1,00NTRFNONREF", "statement-line-unreadable", "2611201120EC1,00NTRFNONREF"),
        ("26112011C1,00NTRFNONREF", "statement-line-unreadable", "26112011C1,00NTRFNONREF"),
        ("2611201120C1,00", "statement-line-unreadable", "2611201120C1,00"),
        ("2611201120C1,00nTRFNONREF", "statement-line-unreadable", "2611201120C1,00nTRFNONREF"),
        ("٢٦11201120C1,00NTRFNONREF", "statement-line-unreadable", "٢٦11201120C1,00NTRFNONREF"),
        ("", "statement-line-unreadable", ""),
        ("x" * 200, "statement-line-unreadable", "x" * 80),
        ("2611201120C1,000NTRFNONREF", "statement-amount-has-too-many-decimals", "1,000"),
        ("2613201120C1,00NTRFNONREF", "statement-day-does-not-exist", "2613201120"),
        ("2611311120C1,00NTRFNONREF", "statement-day-does-not-exist", "2611311120"),
        ("2602310228C1,00NTRFNONREF", "statement-day-does-not-exist", "2602310228"),
        ("2603010229C1,00NTRFNONREF", "statement-day-does-not-exist", "2603010229"),
        ("2611200000C1,00NTRFNONREF", "statement-day-does-not-exist", "2611200000"),
        ("2611201120C10000000000000,NTRFNONREF", "amount-too-large", "10000000000000,"),
        ("2611201120C999999999999999,99NTRFNONREF", "amount-too-large", "999999999999999,99"),
    ],
)
def test_an_entry_that_is_none(line: str, code: str, value: str) -> None:
    found = seen(f":61:{line}", ":86:Text", ":61:2611201120C0,00NTRFNONREF")
    assert found.refused is None
    (problem,) = found.told
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column, problem.code, problem.value) == (5, ":61:", code, value)
    assert dict(problem.facts) == {"currency": "EUR", "decimals": "2"}
    assert [entry.line for entry in found.entries] == [7]


def test_booking_days_have_the_year_in_which_they_are_nearest_to_the_value_day() -> None:
    days = Days()
    first = date(2023, 12, 1)
    for value in (first + timedelta(days=7 * week) for week in range(110)):
        for booked in (date(2024, 1, 1) + timedelta(days=3 * step) for step in range(122)):
            found = days.of(f"{value:%y%m%d}{booked:%m%d}")
            near = [
                one
                for year in range(value.year - 2, value.year + 3)
                if (one := exact(year, booked)) and abs((one - value).days) <= 183
            ]
            if not near:
                assert found is None
                continue
            assert found is not None
            assert found[1:] == (value.isoformat(), False)
            distance = min(abs((one - value).days) for one in near)
            assert abs((date.fromisoformat(found[0]) - value).days) == distance


def exact(year: int, like: date) -> date | None:
    try:
        return like.replace(year=year)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("field", "purpose"),
    [
        ("", Purpose()),
        ("\n", Purpose()),
        ("Rechnung RE-1", Purpose("Rechnung RE-1")),
        ("Rechnung\nRE-1", Purpose("Rechnung RE-1")),
        ("x" * 65 + "\ny", Purpose("x" * 65 + "y")),
        ("x" * 70 + "\ny", Purpose("x" * 70 + " y")),
        ("166?20Rechnung?21RE-1", Purpose("Rechnung RE-1")),
        ("166?20" + "x" * 27 + "?21y", Purpose("x" * 27 + "y")),
        ("166?20Rech\nnung", Purpose("Rechnung")),
        (" 166~20Rechnung~32Muster", Purpose("Rechnung", "", "Muster")),
        ("166?00?10?30?34?20", Purpose()),
        ("166?20EREF+E-1?21SVWZ+RE-1", Purpose("RE-1", "E-1")),
        ("166?20EREF+NOTPROVIDED?21SVWZ+RE-1", Purpose("RE-1")),
        ("166?20EREF: E-1?21SVWZ: RE-1", Purpose("RE-1", "E-1")),
        ("166?20SVWZ+RE-1?21EREF+E-1", Purpose("RE-1", "E-1")),
        ("166?20EREF+E-1?21MREF+M?22CRED+C", Purpose("", "E-1")),
        ("166?20vorab?21SVWZ+RE-1?22SVWZ+RE-2", Purpose("vorab RE-1 SVWZ+RE-2")),
        ("166?20EREF+E-1 SVWZ+RE-1", Purpose("", "E-1 SVWZ+RE-1")),
        ("166?20Text EREF+E-1 SVWZ+RE-1", Purpose("Text RE-1", "E-1")),
        ("EREF+E-1 SVWZ+RE-1 BIC+X IBAN+DE1 2", Purpose("RE-1", "E-1", "", "DE1")),
        ("166?31 0532 013000?32A", Purpose("", "", "A", "0532013000")),
        ("166?31 0532013000?38DE89?32A", Purpose("", "", "A", "DE89")),
        ("166?38DE89?31 0532013000", Purpose("", "", "", "DE89")),
        ("166?32" + "x" * 27 + "?33y", Purpose("", "", "x" * 27 + "y")),
        ("166?32Anna?33Muster", Purpose("", "", "Anna Muster")),
        ("166?20Was?Wie?21Ja?", Purpose("Was?Wie Ja?")),
        ("166?20Gleis 9?95 oder?99", Purpose("Gleis 9?95 oder?99")),
        ("166?60A?61B?63C", Purpose("A B C")),
        ("166?9", Purpose("166?9")),
        ("166", Purpose("166")),
        ("/EREF/E-1/REMI/RE-1", Purpose("/EREF/E-1/REMI/RE-1")),
    ],
)  # fmt: skip
def test_a_purpose(field: str, purpose: Purpose) -> None:
    assert read_purpose(field) == purpose


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ((":25:1", ":28C:1"), "statement-field-out-of-place", 1),
        ((":20:X", ":28C:1"), "statement-field-out-of-place", 2),
        ((":20:X", ":25:1", ":60F:C261119EUR0,00"), "statement-field-out-of-place", 3),
        ((*FIRST, *FIRST), "statement-cut-off", 5),
        ((*FIRST, ":86:Text"), "statement-field-out-of-place", 5),
        ((*FIRST, ":61:2611201120C1,00NTRFNONREF", ":86:A", ":86:B"), "statement-field-out-of-place", 7),
        ((*FIRST, ":61:2611201120C1,00NTRFNONREF", "-"), "statement-cut-off", 5),
        ((*FIRST, ":64:C261120EUR0,00"), "statement-field-out-of-place", 5),
        ((*FIRST, ":62F:C261120EUR0,00", ":62F:C261120EUR0,00"), "statement-field-out-of-place", 6),
        ((*FIRST, ":62F:C261120EUR0,00", ":61:2611201120C1,00NTRFNONREF"), "statement-field-out-of-place", 6),
        ((*FIRST, ":62F:C261120EUR0,00", "-", ":64:C261120EUR0,00"), "statement-field-out-of-place", 7),
        ((*FIRST, ":62F:C261120USD0,00"), "statement-balance-unreadable", 5),
        ((*FIRST, ":62F:C261120EUR0.00"), "statement-balance-unreadable", 5),
        ((*FIRST, ":62F:X261120EUR0,00"), "statement-balance-unreadable", 5),
        ((*FIRST, ":62F:C261120EUR0,000"), "statement-balance-unreadable", 5),
        ((*FIRST, ":62F:C261120EUR0,00", "und mehr"), "statement-balance-unreadable", 5),
        ((*FIRST, ":62F:C261120EUR99999999999999,00"), "amount-too-large", 5),
        ((*FIRST[:3], ":60F:C261119DEM0,00"), "statement-balance-unreadable", 4),
        ((*FIRST, ":34F:EUR0,"), "statement-is-interim", 5),
        ((*FIRST, ":90D:1EUR1,00"), "statement-is-interim", 5),
        (("Belegnr;Betrag", *FIRST), "statement-missing", 1),
        ((*("A" for _ in range(10)), *FIRST), "statement-missing", 1),
        (FIRST[:2], "statement-cut-off", 2),
    ],
)
def test_fields_out_of_their_order_are_refused(lines: tuple[str, ...], code: str, line: int) -> None:
    found = Seen("mt940", "\r\n".join(lines).encode())
    assert found.refused is not None
    assert found.refused.code == code
    assert found.refused.facts["line"] == line


@pytest.mark.parametrize(
    "before",
    [(), ("",), ("", "", ""), ("{1:F01X}{2:I940X}{4:",), ("0000 01BANKDEFF", "940 00"), ("MT940", "")],
)
def test_what_may_stand_before_the_first_field(before: tuple[str, ...]) -> None:
    found = seen(":61:2611201120C0,00NTRFNONREF", first=(*before, *FIRST))
    assert found.refused is None
    assert [entry.line for entry in found.entries] == [5 + len(before)]


@pytest.mark.parametrize(
    "ending", [("-",), ("-", "", ""), ("-}",), ("-}{5:{CHK:1}}",), ("-}", "{5:}"), ("- ",), ()]
)
def test_how_a_message_may_end(ending: tuple[str, ...]) -> None:
    last = (":62F:C261120EUR0,00", *ending)
    second = (":20:Y", ":25:DE02120300000000202051", *FIRST[2:])
    found = seen(*last, *second, last=last)
    assert found.refused is None
    assert found.told == []


def test_a_text_that_begins_with_a_dash_ends_nothing() -> None:
    found = seen(":61:2611201120C0,00NTRFNONREF", ":86:eins", "-zwei", "- drei", ":12:vier")
    assert found.entries[0].text == "eins -zwei - drei :12:vier"


def test_the_currency_at_the_end_of_an_account_belongs_not_to_it() -> None:
    for written, account in (("1/2EUR", "1/2"), ("1 2", "12"), ("DE1\r\nBANKDEFF", "DE1"), ("1ABC", "1ABC")):
        found = seen(":61:2611201120C0,00NTRFNONREF", first=(":20:X", f":25:{written}", *FIRST[2:]))
        assert found.entries[0].account == account


def test_a_statement_that_stands_twice_is_refused_even_among_others() -> None:
    one = (*FIRST, ":61:2611201120C1,00NTRFNONREF", ":62F:C261120EUR1,00", "-")
    other = (":20:Y", ":25:DE02120300000000202051", *one[2:])
    later = (*FIRST[:3], ":60F:C261120EUR1,00", ":61:2611211121C1,00NTRFNONREF", ":62F:C261121EUR2,00", "-")
    assert seen(*other, *later, first=one, last=()).refused is None
    refused = seen(*other, *later, *one, first=one, last=()).refused
    assert refused is not None
    assert (refused.code, refused.facts["line"]) == ("statement-stands-twice", 27)
    empty = (*FIRST, ":62F:C261120EUR0,00", "-")
    assert seen(*empty, first=empty, last=()).refused is None, "it holds nothing that could be booked twice"
