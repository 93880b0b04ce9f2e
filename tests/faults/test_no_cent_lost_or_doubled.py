"""PF-9: whatever dies, what consumers took equals payments minus cancellations, at every place by itself.

Hypothesis tells stories: payments and cancellations are recorded, repeated, delivered twice, taken, taken
back; functions die before and after any call to AWS, calls time out, puts linger in the network, the PC loses
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
from tests.faults.consumers import Consumers, amount_minor
from tests.unit.edge.shop import PowerCut
from tests.world import TILL_A
from tillbridge.kernel.errors import Refused, Unavailable
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
        self.consumers = Consumers(self.chain)
        self.lingering_until: list[Any] = []
        type(self).told += 1

    # The till

    @rule(
        cents=st.integers(1, 99_999),
        direction=st.sampled_from(Direction),
        kind=st.sampled_from(
            [PaymentKind.SALE, PaymentKind.SALE, PaymentKind.INVOICE, PaymentKind.PETTY_CASH]
        ),
        second=st.one_of(st.none(), st.integers(1, 99_999)),
        fault=FAULTS,
    )
    def record(
        self, cents: int, second: int | None, direction: Direction, kind: PaymentKind, fault: Any
    ) -> None:
        number = f"Bon-{len(self.numbers) + 1}"
        if kind is PaymentKind.PETTY_CASH:
            direction = Direction.OUT
        lines = [rules.Line(number, direction, Money(cents, "EUR"), PaymentMethod.CASH)]
        if second and kind is not PaymentKind.PETTY_CASH:
            lines.append(rules.Line(f"{number}b", direction, Money(second, "EUR"), PaymentMethod.CARD))
        request = RecordRequest(
            workstation_key=STATION,
            kind=kind,
            currency="EUR",
            taken_at=self.world.clock.now,
            staff="",
            customer=None,
            lines=tuple(lines),
            change=None,
        )
        self.payments.extend(line.number for line in lines)
        self.numbers.extend(line.number for line in lines[1:])
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
        self.consumers.take_from_folder(data.draw(st.sampled_from(self.chain.shop.consumer.visible())))

    @rule(data=st.data(), fault=FAULTS)
    def claiming_consumer(self, data: st.DataObject, fault: Any) -> None:
        wanted = sorted({*self.consumers.waiting_claims(), *self.consumers.claiming})
        if wanted:
            file_id = data.draw(st.sampled_from(wanted))
            self._in_cloud(lambda: self.consumers.claim(file_id), fault)

    @rule(data=st.data())
    def deleting_consumer_reads(self, data: st.DataObject) -> None:
        keys = self.chain.objects("deleted")
        if keys:
            self.consumers.look(data.draw(st.sampled_from(keys)))

    @precondition(lambda self: self.consumers.read)
    @rule()
    def deleting_consumer_deletes(self) -> None:
        self.consumers.delete_if_match(*self.consumers.read.pop(0))

    @rule()
    def reading_consumers(self) -> None:
        self.consumers.read_and_delete()

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

    # The law

    @invariant()
    def no_file_is_half_there(self) -> None:
        for name in self.chain.shop.consumer.visible():
            amount_minor((self.chain.root / "payments" / name).read_bytes())

    def teardown(self) -> None:
        type(self).fired = self.chain.fuse.fired
        self.chain.shop.restart()
        for _ in range(4):
            self._forward(3)
            self.world.files.sweep(limit=1000)
            self.chain.shop.settle()
        self.consumers.take_everything()
        self._forward(3)
        self.world.files.sweep(limit=1000)
        self.chain.shop.settle()
        self._check_law()

    def _check_law(self) -> None:
        expected_minor = 0
        for number in self.numbers:
            known = self.world.store.payment(fold(number))
            if known is None:
                continue
            assert {file.state for file in known.files} <= SETTLED, [(f.id, f.state) for f in known.files]
            if rules.MAKES_FILE[known.payment.kind] and known.payment.direction:
                expected_minor += self._exportable_minor(known.payment)
        sums = self.consumers.sums()
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
    _tell(chain, int(os.environ.get("TILLBRIDGE_STORIES", "200")))


@pytest.mark.long
def test_no_cent_is_lost_or_doubled_in_thousands_of_stories(chain: Chain) -> None:
    """At least 2,000 stories."""
    _tell(chain, int(os.environ.get("TILLBRIDGE_STORIES_LONG", "2500")))
