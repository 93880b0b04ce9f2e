"""The cloud's side of the agent protocol, kept small: makes jobs, hands them out, keeps the answers."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tillbridge_agent.model import Answered, DeviceNews, Sighting


def file_payload(name: str, content: bytes) -> dict[str, str]:
    return {
        "name": name,
        "content_base64": base64.b64encode(content).decode(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def content_of(name: str) -> bytes:
    """Content that belongs to the name alone and is long enough to be cut."""
    return (f"documentkey={name.rpartition('.')[0]}\r\n" + f"customer=Abele, {name}\r\n" * 40).encode()


@dataclass
class CloudTruth:
    """Jobs per device (sequences from 1), the first answer to each, sightings and health reports."""

    queues: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    results: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    health: list[dict[str, Any]] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.RLock)

    def add(
        self, device: str, kind: str, payload: dict[str, Any], *, inherited: bool = False
    ) -> dict[str, Any]:
        with self.lock:
            queue = self.queues.setdefault(device, [])
            job = {
                "device": device,
                "sequence": len(queue) + 1,
                "kind": kind,
                "made_at": "2026-11-20T08:00:00Z",
                "inherited": inherited,
                "payload": payload,
            }
            queue.append(job)
            return job

    def put(self, device: str, folder: object, name: str, *, inherited: bool = False) -> dict[str, Any]:
        payload = {"folder": str(folder), **file_payload(name, content_of(name))}
        return self.add(device, "put_file", payload, inherited=inherited)

    def withdraw(
        self, device: str, folder: object, name: str, otherwise: str, *, inherited: bool = False
    ) -> dict[str, Any]:
        other = file_payload(otherwise, content_of(otherwise))
        payload = {"folder": str(folder), "name": name, "otherwise": other}
        return self.add(device, "withdraw_file", payload, inherited=inherited)

    def answered(self, device: str) -> int:
        sequence = 0
        while (device, sequence + 1) in self.results:
            sequence += 1
        return sequence

    def outcome(self, job: dict[str, Any]) -> str | None:
        result = self.results.get((job["device"], job["sequence"]))
        return result[0] if result else None

    # What the agent asks (JobSource, ReportDesk)

    def devices(self) -> list[DeviceNews]:
        with self.lock:
            return [DeviceNews(name, len(queue), self.answered(name)) for name, queue in self.queues.items()]

    def jobs(self, device: str, after: int) -> list[object]:
        with self.lock:
            return list(self.queues.get(device, [])[after : after + 100])

    def send_results(self, results: Sequence[Answered]) -> list[tuple[str, int]]:
        with self.lock:
            for result in results:
                address = (result.device, result.sequence)
                known = self.results.setdefault(address, (result.outcome, result.detail))
                if known[0] != result.outcome:
                    self.contradictions.append(f"{address}: {known[0]}, then {result.outcome}")
            return [(result.device, result.sequence) for result in results]

    def send_sightings(self, sightings: Sequence[Sighting]) -> None:
        with self.lock:
            self.sightings.extend(sightings)

    def send_health(
        self, at: str, host_name: str, open_jobs: int, blocked: Sequence[tuple[str, str, str]]
    ) -> None:
        with self.lock:
            self.health.append(
                {"at": at, "host_name": host_name, "open_jobs": open_jobs, "blocked": list(blocked)}
            )
