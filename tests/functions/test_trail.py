"""Whoever changes something stands in the audit trail; customers stand neither there nor in a log (PE-2)."""

from __future__ import annotations

import json

import pytest

from tests.functions.shops import ADMIN, CASHIER, ERP, bucket, directory, open_shop


def test_every_changing_act_stands_in_the_trail_and_names_no_customer() -> None:
    """PE-2, PE-3: who did what to what; a person's name stays with the payment."""
    with open_shop() as shop:
        named = {"last_name": "Geheim", "first_name": "Gerda"}
        shop.put_interface(targets=[bucket(), directory()]).done()
        agent = shop.enrol()
        shop.record("B-1", "10.00", customer=named, staff="Kassiererin Kühn").done()
        shop.record("B-2", customer=named).done()
        shop.ask("POST", "/payment-files/erp.bucket.B-1.in/claims", claims=ERP).done()
        shop.cancel("B-1", "S-1", "4.00", claims=CASHIER).done()
        shop.cancel("B-2", "S-2").done()
        shop.ask("DELETE", "/interfaces/erp", claims=ADMIN).done()
        trails = {
            subject: sorted((entry["act"], entry["actor"]) for entry in shop.audit(subject))
            for subject in (
                "payment/b-1",
                "payment/b-2",
                "payment-file/erp.bucket.B-1.in",
                "interface/erp",
                "workstation/01/till-1",
            )
        }
        assert trails == {
            "payment/b-1": [("cancel-payment", "carla"), ("record-payment", "till-a")],
            "payment/b-2": [("cancel-payment", "till-a"), ("record-payment", "till-a")],
            "payment-file/erp.bucket.B-1.in": [("claim-payment-files", "erp")],
            "interface/erp": [("manage-interfaces", "chief"), ("manage-interfaces", "chief")],
            "workstation/01/till-1": [
                ("enrol-agent", agent.enrolment["username"]),
                ("make-enrolment-code", "chief"),
                ("manage-branches", "chief"),
            ],
        }
        trail = [row for row in shop.table("ACCESS_TABLE") if row["pk"]["S"].startswith("AUDIT#")]
        for name in ("Geheim", "Gerda", "Kühn"):
            assert name not in json.dumps(trail, ensure_ascii=False)
        facts = shop.audit("payment/b-1")
        assert {"workstation": "01/till-1", "by": "S-1"} in [entry["facts"] for entry in facts]


def test_what_was_refused_or_repeated_leaves_no_entry() -> None:
    """PE-2: the trail tells what was done, once."""
    with open_shop() as shop:
        for _ in range(3):
            shop.record("B-1", key="same")
        shop.record("b-1", key="other")
        shop.record("B-2", "-1")
        assert len(shop.audit("payment/b-1")) == 1
        assert shop.audit("payment/b-2") == []


def test_the_log_names_no_customer(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """One line per outcome, without names."""
    with open_shop() as shop:
        shop.put_interface().done()
        shop.record("B-1", customer={"last_name": "Geheim", "first_name": "Gerda"}).done()
        shop.record("B-2", customer={"last_name": "Geheim\n"})
        shop.cancel("B-1", "S-1").done()
        shop.let_all_pass()
    printed = capsys.readouterr()
    assert "request answered" in printed.out + printed.err + caplog.text
    for name in ("Geheim", "Gerda"):
        assert name not in printed.out + printed.err + caplog.text
