"""Payment files: claims, withdrawals, counter-files, deliveries repeated or lost (PF-5, PF-7 to PF-11)."""

from __future__ import annotations

from itertools import product

import pytest

from tests.functions.calls import failing
from tests.functions.shops import ADMIN, CASHIER, ERP, TILL_A, Shop, bucket, content_of, directory

FILE = "erp.bucket.B-1.in"
COUNTER = "erp.bucket.S-1.out"


def claim(shop: Shop, file_id: str = FILE) -> tuple[int, str]:
    answer = shop.ask("POST", f"/payment-files/{file_id}/claims", claims=ERP)
    return (answer.status, answer.text if answer.status == 200 else answer.code)


# Claims


def test_a_claim_hands_over_the_content_and_marks_the_file(shop: Shop) -> None:
    """PF-10: also before the stream has told of its delivery; twice is the same answer."""
    shop.put_interface().done()
    shop.record("B-1").done()
    waiting = shop.ask("GET", "/payment-files?interface=erp&target=bucket", claims=ERP).done()
    assert [file["id"] for file in waiting["files"]] == [FILE]
    first = shop.ask("POST", f"/payment-files/{FILE}/claims", claims=ERP)
    body = first.done()
    assert (body["name"], body["collected_by"]) == ("B-1.in", "erp")
    assert content_of(body["content_base64"])["amount"] == "5.10"
    shop.world.clock.forward(days=400)
    assert claim(shop) == (200, first.text)
    assert shop.ask("GET", "/payment-files?interface=erp&target=bucket", claims=ERP).done()["files"] == []
    assert shop.state_of(FILE) == "collected"
    assert shop.objects() == {}, "what was claimed lies about no longer"


def test_a_claimed_file_is_nobody_elses(shop: Shop) -> None:
    """PF-10."""
    shop.put_interface().done()
    shop.record("B-1").done()
    claim(shop)
    other = shop.ask("POST", f"/payment-files/{FILE}/claims", claims=TILL_A)
    assert (other.status, other.code) == (409, "file-collected")


@pytest.mark.parametrize("place", ["folder", "conditional_delete", "never", "if_present"])
def test_only_files_that_wait_for_claims_are_claimed(shop: Shop, place: str) -> None:
    """PF-10: elsewhere the folder or the bucket decides, and nobody beside it."""
    target = directory(name="bucket") if place == "folder" else bucket(withdrawal=place)
    shop.put_interface(targets=[target]).done()
    shop.record("B-1").done()
    before = shop.all_that_is_written()
    assert claim(shop) == (409, "file-not-claimable")
    assert shop.all_that_is_written() == before


@pytest.mark.parametrize("delivered", [True, False])
def test_a_cancellation_before_the_claim_withdraws_the_file(shop: Shop, delivered: bool) -> None:
    """PF-5, PF-10: nothing else happens."""
    shop.put_interface().done()
    shop.record("B-1").done()
    if delivered:
        shop.deliver()
    answer = shop.cancel("B-1", "S-1").done()
    assert [file["state"] for file in answer["files"]] == ["withdrawn"]
    assert answer["cancellation"]["files"] == []
    assert claim(shop) == (409, "file-withdrawn")
    shop.let_all_pass()
    assert shop.objects() == {}
    assert shop.ask("GET", f"/payment-files/{COUNTER}").code == "file-not-found"


def test_a_cancellation_after_the_claim_makes_the_counter_file(shop: Shop) -> None:
    """PF-5: named after the cancellation's own number, over the cancelled amount."""
    shop.put_interface().done()
    shop.record("B-1").done()
    claim(shop)
    shop.cancel("B-1", "S-1").done()
    assert list(shop.objects()) == ["erp/S-1.out"]
    counter = shop.ask("POST", f"/payment-files/{COUNTER}/claims", claims=ERP).done()
    assert content_of(counter["content_base64"]) | {"date": ""} == {
        "documentkey": "S-1",
        "amount": "-5.10",
        "customer": "Kassen Kunde",
        "processnr": "",
        "invoicnr": "",
        "paymenttype": "cash",
        "date": "",
        "staff": "",
    }
    assert shop.happened_to(FILE) == ["made", "collected", "countered"]


@pytest.mark.parametrize("lost", ["before-call", "after-call"])
def test_a_claim_whose_reply_was_lost_is_repeated(shop: Shop, lost: str) -> None:
    """PF-9, PF-10."""
    shop.put_interface().done()
    shop.record("B-1").done()
    with failing("dynamodb", "TransactWriteItems", lost):
        assert claim(shop) == (503, "outside-not-available")
    status, text = claim(shop)
    assert status == 200
    assert claim(shop) == (200, text)
    assert shop.happened_to(FILE).count("collected") == 1


def test_a_claim_leaves_nothing_behind_when_the_bucket_does_not_answer(shop: Shop) -> None:
    """PF-10: the claim holds; what lies in the bucket is cleared by the sweep."""
    shop.put_interface().done()
    shop.record("B-1").done()
    with failing("s3", "ListObjectVersions", "before-call"):
        assert claim(shop)[0] == 200
    assert list(shop.objects()) == ["erp/B-1.in"]
    shop.let_all_pass()
    assert shop.objects() == {}
    assert shop.state_of(FILE) == "collected"


# Cancellations, by whom decides


@pytest.mark.parametrize(
    ("withdrawal", "taken", "direction"),
    list(product(["conditional_delete", "if_present"], [True, False], ["in", "out"])),
)
def test_the_bucket_decides_whether_a_consumer_was_quicker(
    shop: Shop, withdrawal: str, taken: bool, direction: str
) -> None:
    """PF-5, PF-9: a whole payment; the consumer deletes in the bucket. Pay-outs are mirrored with ``.in``."""
    back = "in" if direction == "out" else "out"
    shop.put_interface(targets=[bucket(withdrawal=withdrawal)]).done()
    shop.record("B-1", direction=direction).done()
    shop.deliver()
    if taken:
        shop.take(f"erp/B-1.{direction}")
    shop.cancel("B-1", "S-1").done()
    shop.let_all_pass()
    assert list(shop.objects()) == ([f"erp/S-1.{back}"] if taken else [])
    file, counter = f"erp.bucket.B-1.{direction}", f"erp.bucket.S-1.{back}"
    assert shop.state_of(file) == ("collected" if taken else "withdrawn")
    assert shop.state_of(counter) == ("delivered" if taken else "not_needed")
    assert shop.happened_to(file)[-2:] == ["being withdrawn", "collected" if taken else "withdrawn"]
    if taken:
        sign = "-" if back == "out" else ""
        assert f"amount={sign}5.10".encode() in shop.objects()[f"erp/S-1.{back}"]


@pytest.mark.parametrize("taken", [True, False])
def test_where_nobody_can_decide_the_file_stays_and_is_countered(shop: Shop, taken: bool) -> None:
    """PF-9: consumers that read, then delete."""
    shop.put_interface(targets=[bucket(withdrawal="never")]).done()
    shop.record("B-1").done()
    if taken:
        shop.take("erp/B-1.in")
    shop.cancel("B-1", "S-1").done()
    shop.let_all_pass()
    assert sorted(shop.objects()) == (["erp/S-1.out"] if taken else ["erp/B-1.in", "erp/S-1.out"])
    assert "countered" in shop.happened_to(FILE)


@pytest.mark.parametrize("withdrawal", ["by_claim", "conditional_delete", "never", "if_present"])
def test_a_part_cancelled_leaves_the_file(shop: Shop, withdrawal: str) -> None:
    """PF-5: an ``.out`` over the part; cancelling the rest later makes another, and takes nothing back."""
    shop.put_interface(targets=[bucket(withdrawal=withdrawal)]).done()
    shop.record("B-1", "10.00").done()
    shop.cancel("B-1", "S-1", "4.00").done()
    shop.let_all_pass()
    shop.cancel("B-1", "S-2").done()
    shop.let_all_pass()
    objects = {name: content.split(b"\r\n")[1] for name, content in shop.objects().items()}
    assert objects == {
        "erp/B-1.in": b"amount=10.00",
        "erp/S-1.out": b"amount=-4.00",
        "erp/S-2.out": b"amount=-6.00",
    }


def test_a_cancelled_part_that_is_the_whole_amount_is_the_whole(shop: Shop) -> None:
    """PF-5: whoever writes the amount out means the same."""
    shop.put_interface().done()
    shop.record("B-1", "10.00").done()
    shop.cancel("B-1", "S-1", "10.00").done()
    assert shop.state_of(FILE) == "withdrawn"
    assert shop.objects() == {}


def test_an_interface_that_came_later_gets_nothing_of_a_cancellation(shop: Shop) -> None:
    """PF-5: it never made a file for the payment; neither before its start, nor before it was set up."""
    shop.put_interface("started", starts_at="2026-11-21T09:55:01+01:00", targets=[bucket("s/")]).done()
    shop.record("B-1").done()
    shop.put_interface("late", targets=[bucket("l/")]).done()
    assert shop.files_of("B-1") == {}
    answer = shop.cancel("B-1", "S-1").done()
    assert answer["files"] == answer["cancellation"]["files"] == []
    assert shop.objects() == {}


def test_an_interface_that_was_ended_takes_back_what_it_made(shop: Shop) -> None:
    """PF-5, PF-6: its files live on, also after it has moved elsewhere."""
    shop.put_interface(targets=[bucket(withdrawal="never")]).done()
    shop.record("B-1").done()
    shop.record("B-2").done()
    shop.put_interface(targets=[bucket("elsewhere/", withdrawal="never")]).done()
    shop.cancel("B-1", "S-1").done()
    shop.ask("DELETE", "/interfaces/erp", claims=ADMIN).done()
    shop.cancel("B-2", "S-2").done()
    shop.record("B-3").done()
    assert sorted(shop.objects()) == ["erp/B-1.in", "erp/B-2.in", "erp/S-1.out", "erp/S-2.out"]


def test_each_interface_and_target_decides_by_itself(shop: Shop) -> None:
    """PF-7: one consumer was quicker, the others were not."""
    shop.put_interface("one", targets=[bucket("a/"), bucket("b/", "other")]).done()
    shop.put_interface("two", targets=[bucket("c/", withdrawal="conditional_delete")]).done()
    shop.record("B-1").done()
    assert claim(shop, "one.bucket.B-1.in")[0] == 200
    shop.take("c/B-1.in")
    shop.cancel("B-1", "S-1").done()
    shop.let_all_pass()
    assert sorted(shop.objects()) == ["a/S-1.out", "c/S-1.out"]
    states = {place: file["state"] for place, file in shop.files_of("B-1").items()}
    assert states == {"one.bucket": "collected", "one.other": "withdrawn", "two.bucket": "collected"}


# Folders: the agent decides


@pytest.mark.parametrize(
    ("outcome", "file_state", "counter_state"),
    [
        ("withdrawn", "withdrawn", "not_needed"),
        ("gone", "collected", "delivered"),
        ("in_doubt", "in_doubt", "in_doubt"),
    ],
)
def test_the_folder_decides(shop: Shop, outcome: str, file_state: str, counter_state: str) -> None:
    """PF-5, PF-7: one job withdraws the file or else drops the counter-file."""
    shop.put_interface(targets=[directory()]).done()
    agent = shop.enrol()
    shop.record("B-1").done()
    device = "folder.erp.folder"
    put = agent.woken()[-1]
    assert (put["kind"], put["payload"]["name"], put["payload"]["folder"]) == (
        "put_file",
        "B-1.in",
        "C:\\Payments",
    )
    agent.tell(device, 1, "done").done()
    assert shop.state_of("erp.folder.B-1.in") == "delivered"
    shop.cancel("B-1", "S-1").done()
    assert shop.state_of("erp.folder.S-1.out") == "held"
    [withdraw] = agent.woken()
    assert (withdraw["kind"], withdraw["sequence"], withdraw["payload"]["name"]) == (
        "withdraw_file",
        2,
        "B-1.in",
    )
    otherwise = withdraw["payload"]["otherwise"]
    assert (otherwise["name"], content_of(otherwise["content_base64"])["amount"]) == ("S-1.out", "-5.10")
    agent.tell(device, 2, outcome).done()
    assert shop.state_of("erp.folder.B-1.in") == file_state
    assert shop.state_of("erp.folder.S-1.out") == counter_state
    assert shop.objects() == {}


def test_a_file_that_was_seen_taken_is_countered(shop: Shop) -> None:
    """PF-5, PF-14: what the agent sighted stands in the history, with the agent's name."""
    shop.put_interface(targets=[directory()]).done()
    agent = shop.enrol()
    shop.record("B-1").done()
    agent.tell("folder.erp.folder", 1, "done").done()
    assert agent.sight("folder.erp.folder", 1, "B-1.in").done() == {"noted": 1}
    assert agent.sight("folder.erp.folder", 1, "B-1.in").done() == {"noted": 0}
    answer = shop.cancel("B-1", "S-1").done()
    assert [(file["name"], file["state"]) for file in answer["files"]] == [("B-1.in", "collected")]
    [_, counter] = agent.jobs("folder.erp.folder")
    assert (counter["kind"], counter["payload"]["name"]) == ("put_file", "S-1.out")
    assert shop.happened_to("erp.folder.B-1.in") == ["made", "delivered", "collected", "countered"]


def test_a_part_cancelled_leaves_the_file_in_its_folder(shop: Shop) -> None:
    """PF-5."""
    shop.put_interface(targets=[directory()]).done()
    agent = shop.enrol()
    shop.record("B-1").done()
    shop.cancel("B-1", "S-1", "1.00").done()
    shop.cancel("B-1", "S-2").done()
    jobs = agent.jobs("folder.erp.folder")
    assert [(job["kind"], job["payload"]["name"], job["sequence"]) for job in jobs] == [
        ("put_file", "B-1.in", 1),
        ("put_file", "S-1.out", 2),
        ("put_file", "S-2.out", 3),
    ]


def test_what_a_character_set_lacks_is_reported_and_no_error_at_the_till(shop: Shop) -> None:
    """PF-8: each interface has its own set and line ending."""
    shop.put_interface("old", targets=[bucket("old/")], character_set="cp1252", line_ending="crlf").done()
    shop.put_interface(
        "unix", targets=[bucket("unix/")], character_set="iso-8859-15", line_ending="lf"
    ).done()
    shop.put_interface("new", targets=[bucket("new/")]).done()
    shop.record("B-1", customer={"last_name": "Łoś", "first_name": "Zoë €"}, staff="🦊").done()
    lines = {name: content.splitlines() for name, content in shop.objects().items()}
    assert lines["old/B-1.in"][2] == "customer=Los, Zoë €".encode("cp1252")
    assert lines["unix/B-1.in"][2] == "customer=Los, Zoë €".encode("iso-8859-15")
    assert lines["new/B-1.in"][7] == "staff=🦊".encode()
    assert b"\r" not in shop.objects()["unix/B-1.in"]
    replaced = {place: file["replaced"] for place, file in shop.files_of("B-1").items()}
    assert replaced == {"old.bucket": ["Ł", "ś", "🦊"], "unix.bucket": ["Ł", "ś", "🦊"], "new.bucket": []}
    assert "Ł ś 🦊" in shop.files_of("B-1")["old.bucket"]["history"][0]["detail"]


def test_who_may_claim(shop: Shop) -> None:
    """PE-1: a cashier records and looks, and collects nothing."""
    shop.put_interface().done()
    shop.record("B-1").done()
    refused = shop.ask("POST", f"/payment-files/{FILE}/claims", claims=CASHIER)
    assert (refused.status, refused.code) == (403, "act-not-allowed")
    assert shop.state_of(FILE) == "pending"


@pytest.mark.parametrize(
    "file_id", ["erp.bucket.B-2.in", "erp.bucket.B-1.out", "erp.b.B-1.in", "x", "erp.bucket.B-1.txt"]
)
def test_files_that_do_not_exist(shop: Shop, file_id: str) -> None:
    shop.put_interface().done()
    shop.record("B-1").done()
    assert shop.ask("GET", f"/payment-files/{file_id}").code == "file-not-found"
    assert claim(shop, file_id) == (404, "file-not-found")
