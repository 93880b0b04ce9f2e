"""What goes wrong with a file: rows are told with their reason, and a file that can't be used books nothing.

(RI-31, RI-32, RI-34; "Bad input" of the issue)
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

import functions.import_file.app as import_file
from tests.faults.import_deaths import Killed, dying
from tests.functions.imports import ImportDesk, open_desk, payments_csv
from tests.functions.proofs import books_hold, document_rows, import_holds
from tests.functions.shops import Context
from tillbridge import wiring
from tillbridge.reconciliation import intake
from tillbridge.reconciliation.import_model import Approval, Import, ImportState, RowPolicy

HEADING = "Rechnungsnummer;Zahlbetrag;Zahldatum;Währung"
ONE_PAYMENT = payments_csv([["GOOD", "1,00", "20261105"]])


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        opened.invoices("GOOD", "ALSO-GOOD")
        yield opened


def csv_of(*rows: str) -> bytes:
    return ("\r\n".join([HEADING, *rows]) + "\r\n").encode("cp1252")


def reasons(one: Import) -> list[str]:
    return [stop.code for stop in one.stops]


WRONG_ROWS = {
    "UNKNOWN;1,00;20261105;": ("invoice-unknown", "", ""),
    "OF-CLIENT;1,00;20261105;": ("invoice-of-another-client", "", ""),
    "OF-BRANCH;1,00;20261105;": ("invoice-of-another-branch", "", ""),
    "IN-FRANCS;1,00;20261105;": ("currency-differs", "", ""),
    "GOOD;1,00;20261105;CHF": ("currency-differs", "", ""),
    "GOOD;1,00;20261122;": ("day-lies-ahead", "Zahldatum", "20261122"),
    "GOOD;1,00;20260930;": ("day-before-invoice", "", ""),
    "GOOD;zwölf;20261105;": ("cell-is-no-amount", "Zahlbetrag", "zwölf"),
    "GOOD;1,005;20261105;": ("cell-has-too-many-decimals", "Zahlbetrag", "1,005"),
    "GOOD;1,00;20261105;XXX": ("cell-is-no-currency", "Währung", "XXX"),
    ";1,00;20261105;": ("cell-is-empty", "Rechnungsnummer", ""),
    "GOOD;1,00": ("row-too-short", "", "GOOD;1,00"),
}  # fmt: skip
"""Row -> the reason, and where it stands in the report: column and value."""


def test_wrong_rows_are_told_with_their_reason_and_the_good_ones_follow_the_policy(desk: ImportDesk) -> None:
    desk.invoice("OF-CLIENT", 9_00, client="M2")
    desk.invoice("OF-BRANCH", 9_00, branch="02")
    desk.invoice("IN-FRANCS", 9_00, currency="CHF")
    before = document_rows(desk)
    file = csv_of("GOOD;40,00;20261105;", *WRONG_ROWS, "ALSO-GOOD;100,00;20261106;EUR")
    desk.profile("strict", branches=("01",))
    desk.profile("lenient", branches=("01",), policy=RowPolicy.GOOD_ROWS)

    strict = desk.upload("strict.csv", file, "strict")
    assert (strict.state, reasons(strict)) == (ImportState.REFUSED, ["rows-refused"])
    assert document_rows(desk) == before
    assert (strict.totals.rows, strict.totals.refused, strict.totals.booked) == (14, 12, 2)
    assert desk.report(strict)[0][4:6] == ["would be booked", "paid-in-part"]
    assert desk.settle() == 0

    lenient = desk.upload("lenient.csv", file, "lenient")
    assert lenient.state is ImportState.FINISHED, "what was refused may come again"
    assert books_hold(desk)["GOOD"] == 60_00
    assert {number: due for number, due in books_hold(desk).items() if not due} == {"ALSO-GOOD": 0}
    import_holds(desk, lenient)
    for one in (strict, lenient):
        shown = desk.report(one)
        assert [row[0] for row in shown] == [str(line) for line in range(2, 16)], "in the order of the file"
        for (row, (code, column, value)), line in zip(WRONG_ROWS.items(), shown[1:-1], strict=True):
            assert (line[5], line[13], line[14]) == (code, column, value), row
            assert (line[4], line[7]) == ("refused", ""), row
            assert line[6].endswith("."), row


def zip_of(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("payments.csv", content)
    return packed.getvalue()


WRONG_FILES: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "file-is-empty"),
    "blanks.csv": (b" \r\n\t\r\n", "file-is-empty"),
    "mark-alone.csv": (b"\xef\xbb\xbf", "file-is-empty"),
    "photo.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "file-is-image"),
    "scan.jpg": (b"\xff\xd8\xff\xe0" + b"\x00" * 999, "file-is-image"),
    "letter.pdf": (b"%PDF-1.7\n" + b"x" * 999, "file-is-pdf"),
    "bomb.zip": (zip_of(bytes(20_000_000)), "file-is-archive"),
    "packed.gz": (b"\x1f\x8b\x08" + b"x" * 99, "file-is-archive"),
    "zeros.csv": (bytes(100_000), "file-has-zero-bytes"),
    "columns.csv": (";".join(f"C{place}" for place in range(1_000)).encode(), "no-kind-claims"),
    "wide.csv": (csv_of("GOOD;1,00;20261105;" + ";" * 1_000), "file-has-too-many-columns"),
    "line.csv": (csv_of("GOOD;" + "1" * 10_000_000), "line-too-long"),
    "long-heading.csv": (b"x" * 10_000_000, "no-kind-claims"),
    "novel.txt": (b"It was a dark and stormy night.\r\n" * 50, "no-kind-claims"),
    "headings.csv": (csv_of(), "file-without-rows"),
    "column-twice.csv": (b"InvoiceNumber;Rechnungsnummer\r\nGOOD;GOOD\r\n", "column-twice"),
    "both.csv": (b"InvoiceNumber;PaidAmount;OpenAmount\r\nGOOD;1,00;1,00\r\n", "columns-contradict"),
    "cut.sta": (b":20:X\r\n:25:12345678/123\r\n:28C:1/1\r\n:60F:C261101EUR1,00\r\n", "statement-cut-off"),
    "bomb.xml": (
        b'<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "aaaa">]>'
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>&a;'
        b"</BkToCstmrStmt></Document>",
        "camt-doctype-forbidden",
    ),
}  # fmt: skip


def test_a_file_that_can_not_be_used_is_quarantined_with_the_reason_and_kept(desk: ImportDesk) -> None:
    before = document_rows(desk)
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    for name, (file, code) in WRONG_FILES.items():
        one = desk.upload(name, file)
        assert (one.state, reasons(one)) == (ImportState.QUARANTINED, [code]), name
        assert wiring.workspace().files.read(one.raw_key) == file, name
        assert one.raw_key == f"imports/M1/2026-11-21/{one.id}/{name}"
        assert (one.due_at, one.totals.rows) == (None, 0)
        assert [event.what for event in one.history] == ["uploaded", "quarantined"]
    assert desk.settle() == 0
    assert document_rows(desk) == before
    good = desk.upload("good.csv", ONE_PAYMENT)
    assert good.state is ImportState.FINISHED
    before_it = [one.file_name for one in desk.imports()[1:]]
    assert before_it == list(WRONG_FILES)[::-1], "the history has them all"


def test_what_is_wrong_with_the_upload_itself_is_told(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no profile takes stays in the inbox, all of it; what one takes is kept with what was booked."""
    files = wiring.workspace().files
    desk.profile("sleeping", active=False)
    for profile, code in (("nobody", "profile-not-found"), ("sleeping", "profile-not-active")):
        one = desk.upload("file.csv", ONE_PAYMENT, profile)
        assert (one.state, reasons(one), one.raw_key) == (ImportState.QUARANTINED, [code], "")
        assert files.read(one.inbox_key) == ONE_PAYMENT
    for notes, code in (
        ({"kind": "excel"}, "kind-unknown"),
        ({"kind": "own-mapping"}, "mapping-not-given"),
        ({"kind": "mt940"}, "statement-missing"),
        ({"kind": "pbs"}, "column-missing"),
        ({"kind": "datev"}, "column-missing"),
        ({"settle-by": "2026-11-31"}, "day-unreadable"),
    ):
        one = desk.upload("named.csv", ONE_PAYMENT, **notes)
        assert (one.state, reasons(one)) == (ImportState.QUARANTINED, [code]), notes
        assert files.read(one.raw_key) == ONE_PAYMENT
    monkeypatch.setattr(intake, "MOST_FILE_BYTES", len(ONE_PAYMENT) - 1)
    large = desk.upload("large.csv", ONE_PAYMENT)
    assert (large.state, reasons(large)) == (ImportState.QUARANTINED, ["file-too-large"])
    assert files.read(large.inbox_key) == ONE_PAYMENT
    monkeypatch.undo()
    assert desk.due("GOOD") == [100_00]


def test_wherever_a_file_lands_below_the_inbox_it_is_seen(desk: ImportDesk) -> None:
    known: set[str] = set()
    for key, state, name in (
        ("inbox/file.csv", ImportState.QUARANTINED, "file.csv"),
        ("inbox//file.csv", ImportState.QUARANTINED, "file.csv"),
        ("inbox/accountant/2026/11/Bär 100% #1 + 2.csv", ImportState.FINISHED, "Bär 100% #1 + 2.csv"),
        ("inbox/accountant/" + "ä" * 400 + ".csv", ImportState.FINISHED, "ä" * 400 + ".csv"),
    ):
        file = csv_of(f"GOOD;1,00;202611{len(known) + 10};")
        one = desk.take_in(desk.put_at(key, file))
        desk.settle()
        one = desk.find(one.id)
        assert (one.state, one.file_name) == (state, name), key
        if state is ImportState.QUARANTINED:
            assert (one.client, one.profile, reasons(one)) == ("-", "-", ["profile-not-found"])
        else:
            assert wiring.workspace().files.read(one.raw_key) == file
        known.add(one.id)
    for key in ("inbox/", "inbox/accountant/", "inbox/accountant/2026/", "work/x.csv", "reports/a/b.csv"):
        assert import_file.handler(desk.put_at(key, b""), Context()) == {"batchItemFailures": []}
    assert {one.id for one in desk.imports()} == known, "a folder is no file"
    assert desk.due("GOOD") == [98_00]


def test_each_version_of_a_file_is_an_upload_and_each_upload_is_taken_in_once(desk: ImportDesk) -> None:
    events = [
        desk.put_at("inbox/accountant/daily/payments.csv", csv_of(f"GOOD;{amount},00;20261105;"))
        for amount in (1, 2, 3)
    ]
    for event in (events[2], events[0], events[2], events[1], events[0]):
        desk.take_in(event)
        desk.settle()
        desk.take_in(event)
    assert [one.state for one in desk.imports()] == [ImportState.FINISHED] * 3
    assert books_hold(desk)["GOOD"] == 94_00
    form = f"inbox/accountant/{'0123456789abcdef0123'}/payments.csv"
    first, second = (desk.put_at(form, csv_of(f"GOOD;{amount},00;20261106;")) for amount in (10, 20))
    for event in (first, second, first):
        desk.take_in(event)
        desk.settle()
    assert desk.due("GOOD") == [84_00], "a form takes one file"


def test_a_file_that_is_removed_before_it_is_read_is_given_up(desk: ImportDesk) -> None:
    """The worker dies after it has noted the upload; meanwhile somebody removes the file for ever."""
    with dying(0, "before-call") as calls:
        desk.take_in(desk.put("whole.csv", csv_of("GOOD;1,00;20261106;")))
    desk.shop.world.clock.forward(seconds=1)
    event = desk.put("payments.csv", ONE_PAYMENT)
    with dying(calls.index("CopyObject") + 1, "before-call"), pytest.raises(Killed):
        import_file.handler(event, Context())
    one = desk.imports()[0]
    assert (one.file_name, one.state) == ("payments.csv", ImportState.READING)
    s3 = desk.shop.world.clients["s3"]
    s3.delete_object(Bucket="test-imports", Key=one.inbox_key, VersionId=one.inbox_version)
    assert reasons(desk.take_in(event)) == ["file-gone"]
    assert desk.find(one.id).state is ImportState.QUARANTINED
    assert desk.take_in(event).revision == desk.find(one.id).revision


def test_the_same_bytes_are_refused_until_what_they_did_is_undone(desk: ImportDesk) -> None:
    """Under any name, from any profile; what a person or the rules have stopped may come again (RI-34)."""
    desk.profile("other")
    first = desk.upload("payments.csv", ONE_PAYMENT)
    for name, profile in (("payments.csv", "accountant"), ("renamed.csv", "accountant"), ("p.csv", "other")):
        again = desk.upload(name, ONE_PAYMENT, profile)
        assert (again.state, reasons(again)) == (ImportState.QUARANTINED, ["file-imported-before"])
        assert again.stops[0].facts["import_id"] == first.id
        assert wiring.workspace().files.read(again.raw_key) == ONE_PAYMENT
    assert desk.due("GOOD") == [99_00]
    desk.delete(first)
    assert desk.due("GOOD") == [100_00]
    second = desk.upload("payments.csv", ONE_PAYMENT)
    assert (second.state, desk.due("GOOD")) == (ImportState.FINISHED, [99_00])
    assert desk.delete(first).revision == desk.find(first.id).revision, "deleted already"
    assert reasons(desk.upload("payments.csv", ONE_PAYMENT)) == ["file-imported-before"]
    desk.delete(second)

    desk.profile("careful", approval=Approval.ALWAYS)
    waiting = desk.upload("payments.csv", ONE_PAYMENT, "careful")
    assert waiting.state is ImportState.AWAITING_APPROVAL
    assert reasons(desk.upload("payments.csv", ONE_PAYMENT)) == ["file-imported-before"]
    desk.reject(waiting)
    assert desk.due("GOOD") == [100_00]
    third = desk.upload("payments.csv", ONE_PAYMENT, "careful")
    assert desk.approve(third).state is ImportState.FINISHED
    unknown = payments_csv([["NOT-YET", "1,00"]])
    assert desk.upload("early.csv", unknown).state is ImportState.REFUSED
    desk.invoice("NOT-YET", 2_00)
    assert desk.upload("early.csv", unknown).state is ImportState.FINISHED
    assert {number: due for number, due in books_hold(desk).items() if number != "ALSO-GOOD"} == {
        "GOOD": 99_00, "NOT-YET": 1_00,
    }  # fmt: skip
