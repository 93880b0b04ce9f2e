"""What the product does with payments: record, cancel, read, list (PF-1 to PF-6, PF-12, PF-14)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from tillbridge.access.model import Caller
from tillbridge.access.rules import Act, require
from tillbridge.access.service import AccessService
from tillbridge.aws.table import MAX_PARTS, CommitConflict, Part, commit
from tillbridge.devices.service import DeviceService
from tillbridge.kernel.calendar import local_day
from tillbridge.kernel.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import fold, safe_file_stem

from . import rules
from .files import FileService
from .model import HistoryEvent, Payment, PaymentKind, PaymentState
from .plans import FilePlan, Occasion
from .requests import CancelRequest, RecordRequest, RequestKey
from .rows import Mark, mark_from
from .schemas import CancelledAnswer, FileSummary, PaymentAnswer, RecordedAnswer, RecordedPayment
from .settlements import Settlements
from .store import PaymentStore, PaymentWithFiles

ATTEMPTS = 12
"""How often an act is planned anew when others change the same rows at the same moment."""


class PaymentService:
    """The sentences about payments."""

    def __init__(
        self,
        store: PaymentStore,
        files: FileService,
        devices: DeviceService,
        access: AccessService,
        settlements: Settlements,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._files = files
        self._devices = devices
        self._access = access
        self._settlements = settlements
        self._clock = clock
        self._new_id = new_id

    def record(self, caller: Caller, request: RecordRequest, request_key: RequestKey) -> str:
        """Record the payments of one visit at the till, with their files; answers as JSON (PF-1, PF-12).

        A payment that names a document of the ledger settles it in the same transaction.
        """
        return self._once(caller, request_key, lambda: self._record(caller, request, request_key))

    def _record(self, caller: Caller, request: RecordRequest, request_key: RequestKey) -> str:
        occasion = self._occasion(caller, request)
        payments = self._payments_of(request, occasion)
        day = local_day(request.taken_at, occasion.branch.time_zone)
        for _ in range(ATTEMPTS):
            plan = FilePlan(occasion)
            if rules.MAKES_FILE[request.kind]:
                plan.make_for(payments, self._store.interfaces())
            settled = self._settlements.of_visit(payments, occasion)
            parts = [self._store.payment_part(payment, day) for payment in settled.payments]
            parts.append(self._audit(caller, Act.RECORD_PAYMENT, payments))
            parts += settled.parts
            answer = self._write(caller, request_key, _recorded(settled.payments, plan), parts, plan)
            if answer is not None:
                return answer
        raise Unavailable("the same rows are being changed by many others")

    def cancel(self, caller: Caller, number: str, request: CancelRequest, request_key: RequestKey) -> str:
        """Take a payment back, wholly or in part, and what it settled; answers as JSON (PF-5, PF-12)."""
        return self._once(caller, request_key, lambda: self._cancel(caller, number, request, request_key))

    def _cancel(self, caller: Caller, number: str, request: CancelRequest, request_key: RequestKey) -> str:
        safe_file_stem(request.number, field="number")
        rules.demand_not_ahead(request.cancelled_at, self._clock(), field="cancelled_at")
        for _ in range(ATTEMPTS):
            known = self._found(caller, number, Act.CANCEL_PAYMENT)
            rules.demand_not_before(request.cancelled_at, known.payment)
            part = rules.cancel(known.payment, _amount_of(request, known.payment))
            answer = self._try_cancel(caller, known, part, request, request_key)
            if answer is not None:
                return answer
        raise Unavailable("the same rows are being changed by many others")

    def _once(self, caller: Caller, request_key: RequestKey, act: Callable[[], str]) -> str:
        """Do the act; where it is refused, the first answer if it was done before the world changed."""
        try:
            return act()
        except Refused:
            first = self._first_answer(caller, request_key)
            if first is None:
                raise
            return first

    def _try_cancel(
        self,
        caller: Caller,
        known: PaymentWithFiles,
        part: rules.CancelledPart,
        request: CancelRequest,
        request_key: RequestKey,
    ) -> str | None:
        payment = known.payment
        branch = self._access.branch(payment.workstation_key.branch)
        occasion = Occasion(branch, self._clock(), caller.username)
        cancellation = _cancellation(payment, part.amount, request, occasion)
        plan = FilePlan(occasion)
        if known.files:
            interfaces = {interface.id: interface for interface in self._store.interfaces()}
            for file in known.files:
                plan.take_back(file, cancellation, interfaces[file.interface], whole=part.whole)
        cancelled = replace(
            payment,
            cancelled_minor=payment.cancelled_minor + part.amount.amount_minor,
            cancelled_by=(*payment.cancelled_by, cancellation.number),
        )
        parts = [
            self._store.cancelled_part(
                payment,
                part.amount,
                cancellation.number,
                HistoryEvent(
                    occasion.now,
                    "cancelled" if cancelled.state is PaymentState.CANCELLED else "partly cancelled",
                    occasion.by,
                    f"{part.amount.decimal_text()} by {cancellation.number}",
                ),
            ),
            self._store.payment_part(cancellation, local_day(request.cancelled_at, branch.time_zone)),
            self._audit(caller, Act.CANCEL_PAYMENT, [payment], by=cancellation.number),
            *self._settlements.taken_back(payment, cancellation, occasion, whole=part.whole),
        ]
        return self._write(caller, request_key, _cancelled(cancellation, cancelled, plan), parts, plan)

    def payment(self, caller: Caller, number: str) -> PaymentWithFiles:
        """A payment with its files (PF-14); one of a foreign branch is as good as none."""
        return self._found(caller, number, Act.READ_PAYMENTS)

    def payments_of_day(
        self, caller: Caller, branch: str, day: str, *, cursor: str | None = None, limit: int = 50
    ) -> tuple[tuple[Payment, ...], str | None]:
        """The payments that a branch took on a day (PF-14)."""
        require(caller, Act.READ_PAYMENTS, branch)
        return self._store.payments_of_day(branch, day, cursor=cursor, limit=limit)

    def _write(
        self, caller: Caller, request_key: RequestKey, answer: str, parts: list[Part], plan: FilePlan
    ) -> str | None:
        """Write the act and start its deliveries; the first answer, if it was done before.

        ``None`` when others changed the same rows meanwhile: the act must be planned anew.
        """
        now = plan.occasion.now
        jobs = self._devices.plan(plan.orders)
        zone = plan.occasion.branch.time_zone
        whole = [
            self._store.mark_part(
                caller.username, request_key.key, Mark(request_key.fingerprint, answer), now
            ),
            *parts,
            *(self._store.new_file_part(file, local_day(file.taken_at, zone)) for file in plan.made),
            *(
                self._store.moved_part(
                    move.before,
                    move.after.state,
                    move.event,
                    due_at=move.after.due_at,
                    countered_by=move.after.countered_by,
                )
                for move in plan.moves
            ),
            *jobs.parts,
        ]
        if len(whole) > MAX_PARTS:
            raise Refused("act-too-large", field="lines", value=len(whole), most=MAX_PARTS)
        try:
            commit(self._store.table.client, whole)
        except CommitConflict as conflict:
            return _explained(conflict, request_key)
        self._devices.wake(jobs)
        self._files.deliver_now(plan.made)
        self._files.take_back_now([move.after for move in plan.moves])
        return answer

    def _first_answer(self, caller: Caller, request_key: RequestKey) -> str | None:
        mark = self._store.mark(caller.username, request_key.key)
        return _repeated(mark, request_key) if mark else None

    def _occasion(self, caller: Caller, request: RecordRequest) -> Occasion:
        key = request.workstation_key
        require(caller, Act.RECORD_PAYMENT, key.branch)
        if caller.workstation not in (None, key):
            raise Forbidden(
                "workstation-not-own", field="workstation", value=str(key), act=Act.RECORD_PAYMENT.value
            )
        branch = self._access.branch(key.branch)
        self._access.workstation(key.branch, key.workstation)
        occasion = Occasion(branch, self._clock(), caller.username)
        rules.demand_not_ahead(request.taken_at, occasion.now, field="taken_at")
        return occasion

    def _payments_of(self, request: RecordRequest, occasion: Occasion) -> list[Payment]:
        for place, line in enumerate(request.lines):
            rules.demand_line(request.kind, line, field=f"lines.{place}")
        rules.demand_different_numbers(request.lines)
        taking = self._new_id()
        return [
            Payment(
                number=line.number,
                workstation_key=request.workstation_key,
                kind=request.kind,
                direction=line.direction,
                amount=line.amount,
                method=line.method,
                taken_at=request.taken_at,
                taking=taking,
                recorded_at=occasion.now,
                recorded_by=occasion.by,
                staff=request.staff,
                customer=request.customer,
                case_number=line.case_number,
                invoice_number=line.invoice_number,
                history=(HistoryEvent(occasion.now, "recorded", occasion.by),),
            )
            for line in rules.net_change(request.lines, request.change)
        ]

    def _found(self, caller: Caller, number: str, act: Act) -> PaymentWithFiles:
        known = self._store.payment(fold(number))
        if known is None or not caller.covers(known.payment.workstation_key.branch):
            raise NotFound("payment-not-found", field="number", value=number)
        require(caller, act, known.payment.workstation_key.branch)
        return known

    def _audit(self, caller: Caller, act: Act, payments: Sequence[Payment], **facts: str) -> Part:
        first = payments[0]
        numbers = {f"number_{place}": other.number for place, other in enumerate(payments[1:], start=2)}
        return self._access.audit_part(
            actor=caller.username,
            act=act.value,
            branch=first.workstation_key.branch,
            subject=f"payment/{first.folded_number}",
            facts={"workstation": str(first.workstation_key), **numbers, **facts},
        )


def _amount_of(request: CancelRequest, payment: Payment) -> Money | None:
    if fold(request.number) == payment.folded_number:
        raise Conflict("number-taken", field="number", value=request.number)
    return Money.parse(request.amount, payment.amount.currency) if request.amount is not None else None


def _cancellation(payment: Payment, amount: Money, request: CancelRequest, occasion: Occasion) -> Payment:
    return replace(
        payment,
        number=request.number,
        kind=PaymentKind.CANCELLATION,
        direction=payment.direction.opposite,
        amount=amount,
        taken_at=request.cancelled_at,
        recorded_at=occasion.now,
        recorded_by=occasion.by,
        staff=request.staff,
        settles="",
        cancels=payment.number,
        cancelled_minor=0,
        cancelled_by=(),
        history=(HistoryEvent(occasion.now, "recorded", occasion.by, f"cancels {payment.number}"),),
    )


def _explained(conflict: CommitConflict, request_key: RequestKey) -> str | None:
    """The first answer if the request was done before; ``Conflict`` for a number that is taken."""
    mark = conflict.failed.get("idempotency")
    if mark:
        return _repeated(mark_from(mark), request_key)
    if "idempotency" in conflict.contended:
        return None
    for label, row in conflict.failed.items():
        if label.startswith("new-payment:") and row:
            raise Conflict("number-taken", field="number", value=row["number"])
    return None


def _repeated(mark: Mark, request_key: RequestKey) -> str:
    if mark.fingerprint != request_key.fingerprint:
        raise Conflict("idempotency-key-reused", field="Idempotency-Key", value=request_key.key)
    return mark.answer


def _with_files(payment: Payment, plan: FilePlan) -> RecordedPayment:
    own = [FileSummary.of(file) for file in plan.made if file.folded_number == payment.folded_number]
    return RecordedPayment(**PaymentAnswer.of(payment).model_dump(), files=own)


def _recorded(payments: Sequence[Payment], plan: FilePlan) -> str:
    return RecordedAnswer(payments=[_with_files(payment, plan) for payment in payments]).model_dump_json()


def _cancelled(cancellation: Payment, cancelled: Payment, plan: FilePlan) -> str:
    return CancelledAnswer(
        cancellation=_with_files(cancellation, plan),
        cancelled=PaymentAnswer.of(cancelled),
        files=[FileSummary.of(move.after) for move in plan.moves],
    ).model_dump_json()
