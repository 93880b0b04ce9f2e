"""Which function serves which addresses."""

from __future__ import annotations

from functions.access_api.app import handler as access_api
from functions.books_api.app import handler as books_api
from functions.devices_api.app import handler as devices_api
from functions.imports_api.app import handler as imports_api
from functions.ledger_api.app import handler as ledger_api
from functions.payments_api.app import handler as payments_api

FUNCTIONS = {
    **dict.fromkeys(("payments", "payment-files", "interfaces"), payments_api),
    **dict.fromkeys(("branches", "users", "audit-entries", "me"), access_api),
    **dict.fromkeys(
        ("enrolment-codes", "enrolments", "agents", "devices", "jobs", "job-results", "file-sightings",
         "health-reports", "queue-credentials"),
        devices_api,
    ),
    **dict.fromkeys(
        ("branch-clients", "chain-settings", "charts", "clients", "number-series", "vat-codes"), books_api
    ),
    **dict.fromkeys(("documents", "customers", "orders", "journal-entries"), ledger_api),
    **dict.fromkeys(("import-profiles", "imports", "mapping-trials"), imports_api),
}  # fmt: skip
"""First part of the path -> the function behind it."""
