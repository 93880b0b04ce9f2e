"""The bucket that is only ever added to: what was put first is found again, whatever came over it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO

import pytest
from botocore.exceptions import ClientError, IncompleteReadError

from tests.functions.calls import calls, failing
from tests.functions.journal import SEALS, Journal, open_journal
from tillbridge import wiring
from tillbridge.aws.archive import Archive
from tillbridge.kernel.errors import Unavailable


@pytest.fixture
def journal() -> Iterator[Journal]:
    with open_journal() as opened:
        yield opened


@pytest.fixture
def archive(journal: Journal) -> Archive:
    return Archive(wiring.client("s3"), SEALS)


def put(archive: Archive, key: str, content: bytes = b"first") -> bool:
    return archive.put_new(key, BytesIO(content), "text/plain")


def content_of(archive: Archive, key: str, version_id: str = "") -> bytes | None:
    file = archive.fetch(key, version_id)
    if file is None:
        return None
    with file:
        return file.read()


def test_a_file_is_put_once(archive: Archive) -> None:
    assert put(archive, "seals/a")
    assert not put(archive, "seals/a", b"second")
    assert content_of(archive, "seals/a") == b"first"


def test_a_file_that_was_read_before_is_put_whole(archive: Archive) -> None:
    content = BytesIO(b"first")
    content.read()
    assert archive.put_new("seals/a", content, "text/plain")
    assert content_of(archive, "seals/a") == b"first"


def test_the_checksum_and_its_algorithm_go_along(archive: Archive) -> None:
    """S3 refuses a put without them where a retention is set."""
    with calls() as seen:
        put(archive, "seals/a")
    [(_, asked)] = seen
    assert (asked["ChecksumAlgorithm"], asked["IfNoneMatch"]) == ("SHA256", "*")
    assert asked["ChecksumSHA256"] == b64encode(sha256(b"first").digest()).decode()


def test_what_is_not_there_is_none(archive: Archive) -> None:
    assert content_of(archive, "seals/a") is None
    put(archive, "seals/a")
    [kept] = archive.kept("seals/a")
    archive.client.delete_object(Bucket=SEALS, Key="seals/a", VersionId=kept.version_id)
    assert content_of(archive, "seals/a", kept.version_id) is None


def test_the_oldest_version_is_the_one_that_counts(archive: Archive) -> None:
    for key in ("seals/a", "seals/b", "seals/c"):
        put(archive, key)
    archive.client.put_object(Bucket=SEALS, Key="seals/a", Body=b"second")
    archive.client.delete_object(Bucket=SEALS, Key="seals/b")
    kept = archive.kept("seals/")
    assert [(one.key, one.replaced) for one in kept] == [
        ("seals/a", True),
        ("seals/b", True),
        ("seals/c", False),
    ]
    assert {content_of(archive, one.key, one.version_id) for one in kept} == {b"first"}


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_long_lists_come_in_pages(archive: Archive, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """On AWS a thousand a page; a month has some 1,500 files."""
    keys = [f"seals/2026/{month:02}/{number:08}.json" for month in (1, 2, 3) for number in (1, 2, 3)]
    for key in keys:
        put(archive, key)
    archive.client.put_object(Bucket=SEALS, Key=keys[4], Body=b"second")
    archive.client.delete_object(Bucket=SEALS, Key=keys[7])
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", str(page))
    with calls() as seen:
        kept = archive.kept("seals/")
    assert len(seen) > 1
    assert [one.key for one in kept] == keys
    assert [one.key for one in kept if one.replaced] == [keys[4], keys[7]]
    assert {content_of(archive, one.key, one.version_id) for one in kept} == {b"first"}
    assert archive.folders("seals/2026/") == ["01", "02", "03"]
    assert archive.folders("seals/") == ["2026"]


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("PutObject", lambda archive: put(archive, "seals/a")),
        ("GetObject", lambda archive: content_of(archive, "seals/a")),
        ("ListObjectVersions", lambda archive: archive.kept("seals/")),
        ("ListObjectVersions", lambda archive: archive.folders("seals/")),
    ],
)
def test_without_an_answer_it_may_be_tried_again(
    archive: Archive, operation: str, call: Callable[[Archive], object]
) -> None:
    with failing("s3", operation, "before-call"), pytest.raises(Unavailable):
        call(archive)
    call(archive)


def test_an_answer_that_breaks_off_may_be_tried_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, "seals/a")

    def shorten(parsed: dict[str, object], **_: object) -> None:
        class BreaksOff:
            def iter_chunks(self, _: int) -> Iterator[bytes]:
                yield b"fir"
                raise IncompleteReadError(actual_bytes=3, expected_bytes=5)

        parsed["Body"] = BreaksOff()

    events = archive.client.meta.events
    events.register("after-call.s3.GetObject", shorten)
    try:
        with pytest.raises(Unavailable, match="broke off"):
            archive.fetch("seals/a")
    finally:
        events.unregister("after-call.s3.GetObject", shorten)


def test_a_bucket_that_is_not_there_is_a_fault_and_no_missing_file(journal: Journal) -> None:
    archive = Archive(wiring.client("s3"), "no-such-bucket")
    with pytest.raises(ClientError):
        archive.fetch("seals/a")
    with pytest.raises(ClientError):
        archive.kept("seals/")
