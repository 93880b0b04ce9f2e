"""The recorded events of an upload and of a worker's message do what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from functions.import_file.app import handler as import_file
from functions.settle_rows.app import handler as settle_rows
from tests.functions.imports import FINANCE, ImportDesk, open_desk, payments_csv
from tests.functions.shops import Context, event
from tillbridge import wiring
from tillbridge.reconciliation.import_model import ImportState, Step, UploadOptions

WELL: dict[str, list[str]] = {"batchItemFailures": []}


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        yield opened


def test_the_recorded_upload_starts_an_import_once_its_file_is_there(desk: ImportDesk) -> None:
    """Its key has a blank, an umlaut and the folder of a form of the API, as S3 escapes them."""
    told = event("import_file")
    assert import_file(told, Context()) == WELL
    assert desk.imports() == []
    desk.profile("finance")
    desk.invoice("RE-1", 100)
    key = "inbox/finance/5f0c2b7a9d3e4c18a6b0/Zahlungen Ärzte 2019-08-02.csv"
    put = desk.shop.world.clients["s3"].put_object(
        Bucket="test-imports", Key=key, Body=payments_csv([["RE-1", "1,00", "20261105"]])
    )
    body = json.loads(told["Records"][0]["body"])
    body["Records"][0]["s3"]["object"]["versionId"] = put["VersionId"]
    told["Records"][0]["body"] = json.dumps(body)
    assert import_file(told, Context()) == WELL
    desk.settle()
    [one] = desk.imports()
    assert (one.state, one.file_name) == (ImportState.FINISHED, "Zahlungen Ärzte 2019-08-02.csv")
    assert desk.due("RE-1") == [0]


def test_the_recorded_message_to_a_worker_is_dropped_where_nothing_is_to_be_done(desk: ImportDesk) -> None:
    assert settle_rows(event("settle_rows"), Context()) == WELL
    assert desk.messages() == []


def test_a_message_in_the_recorded_shape_books_a_chunk(desk: ImportDesk) -> None:
    desk.invoice("RE-1", 100)
    one = desk.take_in(desk.put("file.csv", payments_csv([["RE-1", "1,00", "20261105"]])))
    desk.step(one, 0, Step.ASSESS)
    told = event("settle_rows")
    body = {**json.loads(told["Records"][0]["body"]), "import": one.id, "attempt": one.attempt}
    told["Records"][0]["body"] = json.dumps(body)
    assert settle_rows(told, Context()) == WELL
    assert desk.due("RE-1") == [0]


def test_what_s3_tests_a_queue_with_is_no_upload(desk: ImportDesk) -> None:
    told = event("import_file")
    told["Records"][0]["body"] = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})
    assert import_file(told, Context()) == WELL


def test_a_form_of_the_api_names_the_import_that_its_file_will_start(desk: ImportDesk) -> None:
    desk.invoice("RE-1", 100)
    announced = wiring.imports().announce(FINANCE, "accountant", "file.csv", UploadOptions())
    fields = announced.form.fields
    notes = {name[11:]: text for name, text in fields.items() if name.startswith("x-amz-meta-")}
    folder, name = fields["key"].removeprefix("inbox/accountant/").split("/")
    content = payments_csv([["RE-1", "1,00", "20261105"]])
    one = desk.take_in(desk.put(f"{folder}/{name}", content, **notes))
    assert one.id == announced.import_id
    assert one.uploaded_by == FINANCE.username
