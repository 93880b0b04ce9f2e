"""PF-9: whatever dies, what consumers took equals payments minus cancellations, at every place by itself.

Hypothesis tells stories: payments and cancellations are recorded, repeated, delivered twice, taken, withdrawn;
functions die before and after any call to AWS, calls time out, puts linger in the network, the PC loses
power at any act on its disk and stays away for weeks. After each story everything settles and the law is
checked for the folder and for each kind of bucket consumer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.faults.chain import BUCKET_TARGETS, LINGER, STATION, Chain, FunctionDied, open_chain
from tests.unit.edge.shop import PowerCut
from tests.world import ERP, TILL_A
from tillbridge.kernel.errors import Conflict, Refused, Unavailable
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import fold
from tillbridge.payments import rules
from tillbridge.payments.model import Direction, FileKey, FileState, PaymentKind, PaymentMethod
from tillbridge.payments.requests import CancelRequest, RecordRequest, RequestKey
from tillbridge_agent.errors import Unavailable as LineBroken

SETTLED = {
    FileState.DELIVERED,
    FileState.COLLECTED,
    FileState.WITHDRAWN,
    FileState.NOT_NEEDED,
}
FAULTS = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(["die", "timeout"]), st.integers(0, 25)),
    st.just(("linger", 0)),
)


@dataclass
class Wish:
    """A request of the till, repeated until it knows the answer."""

    key: RequestKey
    ask: Callable[[], str]
    answer: str | None = None


class Story(RuleBasedStateMachine):
    """One example; the chain is shared and set back at its beginning."""

    chain: ClassVar[Chain]
    fired: ClassVar[int] = 0
    told: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.chain.begin()
        self.world = self.chain.world
        self.wishes: list[Wish] = []
        self.payments: list[str] = []
        self.numbers: list[str] = []
        self.booked: dict[str, dict[str, int]] = {name: {} for name in ("folder", *BUCKET_TARGETS)}
        self.claiming: list[str] = []
        self.contents: dict[str, bytes] = {}
        self.read: list[tuple[str, str]] = []
        self.lingering_until: list[Any] = []
        type(self).told += 1

    # The till

    @rule(
        cents=st.integers(1, 99_999),
        direction=st.sampled_from(Direction),
        kind=st.sampled_from(
            [PaymentKind.SALE, PaymentKind.SALE, PaymentKind.INVOICE, PaymentKind.PETTY_CASH]
        ),
        fault=FAULTS,
    )
    def record(self, cents: int, direction: Direction, kind: PaymentKind, fault: Any) -> None:
        number = f"Bon-{len(self.numbers) + 1}"
        if kind is PaymentKind.PETTY_CASH:
            direction = Direction.OUT
        line = rules.Line(number, direction, Money(cents, "EUR"), PaymentMethod.CASH)
        request = RecordRequest(
            workstation_key=STATION,
            kind=kind,
            currency="EUR",
            taken_at=self.world.clock.now,
            staff="",
            customer=None,
            lines=(line,),
            change=None,
        )
        self.payments.append(number)
        self._wish(number, lambda key: self.world.payments.record(TILL_A, request, key), fault)

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), part=st.one_of(st.none(), st.integers(1, 99_999)), fault=FAULTS)
    def cancel(self, data: st.DataObject, part: int | None, fault: Any) -> None:
        cancelled = data.draw(st.sampled_from(self.payments))
        number = f"BLG-{len(self.numbers) + 1}"
        amount = Money(part, "EUR").decimal_text() if part else None
        request = CancelRequest(number, amount, self.world.clock.now, "")
        self._wish(number, lambda key: self.world.payments.cancel(TILL_A, cancelled, request, key), fault)

    @precondition(lambda self: self.wishes)
    @rule(data=st.data(), fault=FAULTS)
    def repeat(self, data: st.DataObject, fault: Any) -> None:
        self._ask(data.draw(st.sampled_from(self.wishes)), fault)

    def _wish(self, number: str, ask: Callable[[RequestKey], str], fault: Any) -> None:
        self.numbers.append(number)
        key = RequestKey(f"key-{number}", f"fingerprint-{number}")
        wish = Wish(key, lambda: ask(key))
        self.wishes.append(wish)
        self._ask(wish, fault)

    def _ask(self, wish: Wish, fault: Any) -> None:
        def ask() -> None:
            try:
                answer = wish.ask()
            except Refused:
                answer = None
            if answer is None:
                assert wish.answer is None, f"{wish.key.key} was answered first and refused then"
                return
            assert wish.answer in (None, answer), "the same request was answered differently"
            wish.answer = answer

        self._in_cloud(ask, fault)

    # The cloud's own

    @rule(minutes=st.integers(0, 5), fault=FAULTS)
    def sweep(self, minutes: int, fault: Any) -> None:
        self._forward(minutes)
        self._in_cloud(lambda: (self.world.files.sweep(), self.world.devices.wake_due()), fault)

    @precondition(lambda self: self.numbers)
    @rule(data=st.data(), fault=FAULTS)
    def stream(self, data: st.DataObject, fault: Any) -> None:
        key = FileKey(
            "erp",
            data.draw(st.sampled_from(list(BUCKET_TARGETS))),
            fold(data.draw(st.sampled_from(self.numbers))),
        )
        self._in_cloud(lambda: self.world.files.see_to(key), fault)

    @rule(data=st.data(), fault=FAULTS)
    def bucket_tells(self, data: st.DataObject, fault: Any) -> None:
        """Events of the bucket come late, twice and in any order, but only of what has happened."""
        put, deleted = self.chain.happened()
        if put:
            key = data.draw(st.sampled_from(put))
            self._in_cloud(lambda: self.world.files.note_delivery(key), fault)
        if deleted:
            gone = data.draw(st.sampled_from(deleted))
            self._in_cloud(lambda: self.world.files.note_pickup(gone, "consumer"), fault)

    @precondition(lambda self: self.chain.fuse.lingering)
    @rule()
    def lingering_put_arrives(self) -> None:
        lingering = self.chain.fuse.lingering.pop(0)
        until = self.lingering_until.pop(0)
        if self.world.clock.now <= until:
            self.chain.arrive(lingering)

    @rule(days=st.integers(1, 30))
    def long_absence(self, days: int) -> None:
        """Nobody comes: messages expire."""
        self._forward(days * 24 * 60)
        for letter in self.chain.letters():
            self.chain.throw_away(letter)

    # The agent

    @rule(cut=st.one_of(st.none(), st.integers(1, 12)), fault=FAULTS, lose=st.booleans())
    def agent_receives(self, cut: int | None, fault: Any, lose: bool) -> None:
        for letter in self.chain.letters():
            if not lose:
                self._at_pc(partial(self.chain.shop.deliver, json.loads(letter["Body"])), cut, fault)
            self.chain.throw_away(letter)

    @rule(cut=st.one_of(st.none(), st.integers(1, 30)))
    def agent_works(self, cut: int | None) -> None:
        self._at_pc(self.chain.shop.work_off, cut, None)

    @rule(cut=st.one_of(st.none(), st.integers(1, 40)), fault=FAULTS)
    def agent_settles(self, cut: int | None, fault: Any) -> None:
        self._at_pc(self.chain.shop.settle, cut, fault)

    @rule(turned_back=st.integers(0, 3))
    def agent_restarts(self, turned_back: int) -> None:
        self.chain.shop.restart(turned_back)

    # The consumers: each books only after its rename, claim or conditional delete succeeded

    @precondition(lambda self: self.chain.shop.consumer.visible())
    @rule(data=st.data())
    def folder_consumer(self, data: st.DataObject) -> None:
        self._take_from_folder(data.draw(st.sampled_from(self.chain.shop.consumer.visible())))

    @rule(data=st.data(), fault=FAULTS)
    def claiming_consumer(self, data: st.DataObject, fault: Any) -> None:
        waiting, _ = self.world.files.open_files(ERP, "erp", "claimed", limit=100)
        if waiting:
            file_id = data.draw(st.sampled_from([file.id for file in waiting]))
            self.claiming.append(file_id)
            self._in_cloud(lambda: self._claim(file_id), fault)

    @rule(data=st.data())
    def deleting_consumer_reads(self, data: st.DataObject) -> None:
        keys = self.chain.objects("deleted")
        if keys:
            key = data.draw(st.sampled_from(keys))
            etag = self.world.clients["s3"].head_object(Bucket=self.world.bucket.name, Key=key)["ETag"]
            self.read.append((key, etag))

    @precondition(lambda self: self.read)
    @rule()
    def deleting_consumer_deletes(self) -> None:
        self._delete_if_match(*self.read.pop(0))

    @rule()
    def reading_consumer(self) -> None:
        for key in self.chain.objects("read"):
            self._book("read", key, self._content(key))
            self.world.clients["s3"].delete_object(Bucket=self.world.bucket.name, Key=key)

    # How things are done

    def _in_cloud(self, act: Callable[[], object], fault: Any) -> None:
        self._set(fault)
        with suppress(FunctionDied, Unavailable):
            act()
        self._unset()

    def _at_pc(self, act: Callable[[], object], cut: int | None, fault: Any) -> None:
        self._set(fault)
        self.chain.shop.power.moments = 0
        self.chain.shop.power.cut_at = cut
        try:
            act()
        except LineBroken:
            pass
        except PowerCut as dark:
            note(f"power cut: {dark}")
            self.chain.shop.restart()
        self.chain.shop.power.back()
        self._unset()

    def _set(self, fault: Any) -> None:
        self.chain.fuse.set(*(fault or (None, 0)))

    def _unset(self) -> None:
        self.chain.fuse.set(None, 0)
        while len(self.lingering_until) < len(self.chain.fuse.lingering):
            self.lingering_until.append(self.world.clock.now + LINGER)

    def _forward(self, minutes: float) -> None:
        self.world.clock.forward(minutes=minutes)

    def _take_from_folder(self, name: str) -> None:
        mine = self.chain.root / "taken" / name
        assert not mine.exists(), f"{name} came twice"
        (self.chain.root / "payments" / name).rename(mine)
        self._book("folder", name, mine.read_bytes())

    def _claim(self, file_id: str) -> None:
        with suppress(Conflict):
            file = self.world.files.claim(ERP, file_id)
            if self.contents.setdefault(file.name, file.content) != file.content:
                raise AssertionError(f"{file.name} was handed over twice, and differently")
            self.booked["claimed"][file.name] = _amount_minor(file.content)

    def _delete_if_match(self, key: str, etag: str) -> None:
        client = self.world.clients["s3"]
        if key not in self.chain.objects("deleted"):
            return
        content = self._content(key)
        with suppress(client.exceptions.ClientError):
            client.delete_object(Bucket=self.world.bucket.name, Key=key, IfMatch=etag)
            self._book("deleted", key, content)

    def _content(self, key: str) -> bytes:
        got = self.world.clients["s3"].get_object(Bucket=self.world.bucket.name, Key=key)
        return bytes(got["Body"].read())

    def _book(self, place: str, key: str, content: bytes) -> None:
        name = key.rsplit("/", 1)[-1]
        assert name not in self.booked[place], f"{name} was taken twice at {place}"
        self.booked[place][name] = _amount_minor(content)

    # The law

    @invariant()
    def no_file_is_half_there(self) -> None:
        for name in self.chain.shop.consumer.visible():
            _amount_minor((self.chain.root / "payments" / name).read_bytes())

    def teardown(self) -> None:
        type(self).fired = self.chain.fuse.fired
        self.chain.shop.restart()
        for _ in range(4):
            self._forward(3)
            self.world.files.sweep(limit=1000)
            self.chain.shop.settle()
        self._consume_everything()
        self.chain.shop.settle()
        self._check_law()

    def _consume_everything(self) -> None:
        for name in self.chain.shop.consumer.visible():
            self._take_from_folder(name)
        waiting, _ = self.world.files.open_files(ERP, "erp", "claimed", limit=100)
        for file_id in [*self.claiming, *(file.id for file in waiting)]:
            self._claim(file_id)  # also those whose answer was lost: a consumer asks until it knows
        for key in self.chain.objects("deleted"):
            etag = self.world.clients["s3"].head_object(Bucket=self.world.bucket.name, Key=key)["ETag"]
            self._delete_if_match(key, etag)
        self.reading_consumer()
        self._forward(3)
        self.world.files.sweep(limit=1000)

    def _check_law(self) -> None:
        expected_minor = 0
        for number in self.numbers:
            known = self.world.store.payment(fold(number))
            if known is None:
                continue
            assert {file.state for file in known.files} <= SETTLED, [(f.id, f.state) for f in known.files]
            if rules.MAKES_FILE[known.payment.kind] and known.payment.direction:
                expected_minor += self._exportable_minor(known.payment)
        sums = {place: sum(booked.values()) for place, booked in self.booked.items()}
        assert sums == dict.fromkeys(sums, expected_minor)
        assert not any(self.chain.objects(target) for target in BUCKET_TARGETS)
        assert not self.chain.shop.private_files()

    def _exportable_minor(self, payment: Any) -> int:
        """What a payment adds to the sum; a cancellation of a payment that made no file adds nothing."""
        if payment.cancels is not None:
            cancelled = self.world.store.payment(fold(payment.cancels))
            assert cancelled is not None
            if not rules.MAKES_FILE[cancelled.payment.kind]:
                return 0
        return int(payment.signed_amount.amount_minor)


def _amount_minor(content: bytes) -> int:
    lines = content.decode().split("\r\n")
    assert len(lines) == 9, "a file is not whole"
    assert lines[7].startswith("staff=")
    return Money.parse(lines[1].removeprefix("amount="), "EUR").amount_minor


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with open_chain() as chain:
        yield chain


def _tell(chain: Chain, examples: int) -> None:
    Story.chain = chain
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    assert Story.fired > examples / 4, "too few faults were injected to mean anything"


def test_no_cent_is_lost_or_doubled(chain: Chain) -> None:
    """A few hundred stories (PF-5, PF-9, PF-10, PF-11, PF-12)."""
    _tell(chain, int(os.environ.get("TILLBRIDGE_STORIES", "300")))


@pytest.mark.long
def test_no_cent_is_lost_or_doubled_in_thousands_of_stories(chain: Chain) -> None:
    """At least 2,000 stories."""
    _tell(chain, int(os.environ.get("TILLBRIDGE_STORIES_LONG", "2500")))
