"""Large files: 100,000 rows are booked for real, a million pass in bounded memory (RI-37)."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import pytest

from local import many_rows
from local.cloud import LocalCloud
from local.finance import Finance
from tests.e2e.people import sign_in_admin

MOST_MB = 512
BOOKED_ROWS = 100_000
PASSING_ROWS = 1_000_000


def peak_mb(cloud: LocalCloud, function: str) -> float:
    """The most memory that any process of a function of this cloud has had."""
    peaks = [0.0]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mine = f"AWS_ENDPOINT_URL={cloud.endpoint_url}\0".encode() in (process / "environ").read_bytes()
            folder = (process / "cwd").resolve().name
            status = (process / "status").read_text()
        except OSError:  # it has ended, or is not ours to look at
            continue
        if mine and folder == function:
            line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
            peaks.append(int(line.split()[1]) / 1024)
    return max(peaks)


@pytest.fixture
def finance(cloud: LocalCloud) -> Finance:
    """Finance with open books and a profile that takes good rows."""
    admin = sign_in_admin(cloud)
    admin.call("PUT", "/branches/01", {"name": "Hamburg Altona"})
    finance = Finance(cloud, admin, "e2e-finance")
    finance.open_books(admin)
    finance.put_profile("many", "Many rows")
    return finance


def _pays(cloud: LocalCloud, finance: Finance, count: int) -> None:
    prefix = f"MANY-{secrets.token_hex(3).upper()}"
    recorded = finance.upload("many", f"{prefix}-invoices.csv", many_rows.invoices(prefix, count))
    assert recorded["totals"]["booked"] == count, recorded["stops"]
    began_s = time.monotonic()
    booked = finance.upload("many", f"{prefix}-payments.csv", many_rows.payments(prefix, count))
    took_s = time.monotonic() - began_s
    print(f"{count:,} rows in {took_s:.0f} s, {count / took_s:,.0f} a second")
    applied = sum(int(many_rows.paid_amount(place).replace(",", "")) for place in range(count))
    assert booked["state"] == "finished"
    assert booked["totals"]["booked"] == booked["totals"]["rows"] == count
    assert booked["totals"]["applied"] == f"{applied // 100}.{applied % 100:02}"
    for place in (0, 1, 10, count // 2, count - 1):
        document = finance.document(f"{prefix}-{place:07}")
        paid = many_rows.paid_amount(place).replace(",", ".")
        assert document["paid"] == paid, document
        assert len(document["bookings"]) == 2
    for function in ("import_file", "settle_rows"):
        assert 0 < peak_mb(cloud, function) <= MOST_MB, function


def test_a_thousand_rows_are_booked_by_the_deployed_functions(cloud: LocalCloud, finance: Finance) -> None:
    _pays(cloud, finance, 1_000)


@pytest.mark.long
def test_a_hundred_thousand_rows_are_booked_for_real(cloud: LocalCloud, finance: Finance) -> None:
    _pays(cloud, finance, BOOKED_ROWS)


@pytest.mark.long
def test_a_million_rows_pass_in_bounded_memory(cloud: LocalCloud, finance: Finance) -> None:
    """Of invoices that nobody knows: all are read, looked up and reported; none may be booked."""
    prefix = f"NONE-{secrets.token_hex(3).upper()}"
    began_s = time.monotonic()
    one = finance.upload("many", f"{prefix}.csv", many_rows.payments(prefix, PASSING_ROWS))
    print(f"{PASSING_ROWS:,} rows in {time.monotonic() - began_s:.0f} s")
    for function in ("import_file", "settle_rows"):
        peak = peak_mb(cloud, function)
        print(f"{function}: {peak:.0f} MB at most")
        assert 0 < peak <= MOST_MB, function
    assert one["state"] == "refused"
    assert one["totals"]["rows"] == one["totals"]["refused"] == PASSING_ROWS
    report = finance.report(one["id"])
    assert report.count("\n") == PASSING_ROWS + 1
