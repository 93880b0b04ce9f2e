"""Runs in a fresh process: prints the processor time of one function's start, or of its floor's, as JSON.

    python -P bench/cold_start.py '{"connects": ["tillbridge.wiring:payments"]}'
    python -P bench/cold_start.py '{"clients": ["dynamodb"], "resolver": true}'

Nothing but the standard library is loaded before the clock starts.
"""

from __future__ import annotations

import importlib
import json
import sys
import time


def start_function(connects: list[str]) -> dict[str, float]:
    """Import the handler and make what it makes before its first event; `warm` also builds its routes."""
    started_s = time.process_time()
    app = importlib.import_module("app")
    imported_s = time.process_time()
    for place in connects:
        module, name, *arguments = place.split(":")
        getattr(importlib.import_module(module), name)(*arguments)
    connected_s = time.process_time()
    if hasattr(app, "app"):
        app.app.warm()
    return {
        "imported_s": imported_s - started_s,
        "ready_s": connected_s - started_s,
        "warm_s": time.process_time() - started_s,
    }


def start_floor(clients: list[str], *, resolver: bool) -> dict[str, float]:
    """The least that such a function needs: its AWS clients, a logger, metrics, and a validating resolver."""
    started_s = time.process_time()
    if clients:
        boto3 = importlib.import_module("boto3")
        for name in clients:
            boto3.client(name)
    powertools = importlib.import_module("aws_lambda_powertools")
    powertools.Logger(service="floor")
    powertools.Metrics(namespace="Floor", service="floor")
    if resolver:
        event_handler = importlib.import_module("aws_lambda_powertools.event_handler")
        event_handler.APIGatewayHttpResolver(enable_validation=True)
    return {"ready_s": time.process_time() - started_s}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    if "connects" in asked:
        taken = start_function(asked["connects"])
    else:
        taken = start_floor(asked["clients"], resolver=asked["resolver"])
    print(json.dumps(taken))
