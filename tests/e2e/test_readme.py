"""The Python program of the README does what it says, against the deployed template."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from local.cloud import LocalCloud
from tests.e2e.people import sign_in_admin

README = Path(__file__).parents[2] / "README.md"
TILL = "till-01-1"


def test_the_program_of_the_readme_records_claims_and_cancels(cloud: LocalCloud) -> None:
    admin = sign_in_admin(cloud)
    admin.call("PUT", "/branches/01", {"name": "Hamburg Altona"})
    admin.call("PUT", "/branches/01/workstations/till-1", {"name": "Till by the door"})
    target = {"kind": "bucket", "id": "cloud", "prefix": "own-till/"}
    admin.call("PUT", "/interfaces/own-till", {"name": "Readme", "branch": "01", "targets": [target]})
    wanted = {"username": TILL, "kind": "till", "roles": ["till"], "branches": ["01"]}
    secret = admin.call("POST", "/users", {**wanted, "workstation": "01/till-1"})["secret"]
    program = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0]
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "API_URL": cloud.api_url,
            "COGNITO_URL": f"{cloud.endpoint_url}/",
            "TILL_CLIENT_ID": cloud.outputs["TillClientId"],
            "SECRET": secret,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("documentkey=Bon-01-0021-19\n")
    assert "amount=12.30\n" in run.stdout.splitlines(keepends=True)
    file = admin.call("GET", "/payment-files/own-till.cloud.Bon-01-0021-19.in")
    assert [event["what"] for event in file["history"]][-2:] == ["collected", "countered"]
    counter = admin.call("GET", "/payment-files/own-till.cloud.Bon-01-0022-19.out")
    assert counter["state"] in ("pending", "delivered")
