"""The consumers of a chain: each books only after its rename, claim or delete succeeded (PF-9)."""

from __future__ import annotations

from contextlib import suppress

from tests.faults.chain import BUCKET_TARGETS, Chain
from tests.world import ERP
from tillbridge.kernel.errors import Conflict
from tillbridge.kernel.money import Money

PLAIN_READERS = ("read", "present")
"""Consumers that read, then delete, in one go."""


class Consumers:
    """One consumer for the folder and one for each kind of bucket target, with what each has booked."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._world = chain.world
        self.booked: dict[str, dict[str, int]] = {name: {} for name in ("folder", *BUCKET_TARGETS)}
        self.contents: dict[str, bytes] = {}
        self.claiming: list[str] = []
        self.read: list[tuple[str, str]] = []

    def take_from_folder(self, name: str) -> None:
        """Rename it away, then book it."""
        mine = self._chain.root / "taken" / name
        assert not mine.exists(), f"{name} came twice"
        (self._chain.root / "payments" / name).rename(mine)
        self._book("folder", name, mine.read_bytes())

    def waiting_claims(self) -> list[str]:
        """The files that wait to be claimed."""
        waiting, _ = self._world.files.open_files(ERP, "erp", "claimed", limit=100)
        return [file.id for file in waiting]

    def claim(self, file_id: str) -> None:
        """Ask for a file; the same answer again is no news, another one would be a fault."""
        if file_id not in self.claiming:
            self.claiming.append(file_id)
        with suppress(Conflict):
            file = self._world.files.claim(ERP, file_id)
            assert self.contents.setdefault(file.name, file.content) == file.content
            self.booked["claimed"][file.name] = amount_minor(file.content)

    def look(self, key: str) -> None:
        """Read what a key holds now, to delete it later on the condition that it is still that."""
        head = self._world.clients["s3"].head_object(Bucket=self._world.bucket.name, Key=key)
        self.read.append((key, head["ETag"]))

    def delete_if_match(self, key: str, etag: str) -> None:
        """Delete it if it is still what was read, then book it."""
        client = self._world.clients["s3"]
        if key not in self._chain.objects("deleted"):
            return
        content = self._content(key)
        with suppress(client.exceptions.ClientError):
            client.delete_object(Bucket=self._world.bucket.name, Key=key, IfMatch=etag)
            self._book("deleted", key, content)

    def read_and_delete(self) -> None:
        """The plain consumers take all that they see."""
        for place in PLAIN_READERS:
            for key in self._chain.objects(place):
                self._book(place, key, self._content(key))
                self._world.clients["s3"].delete_object(Bucket=self._world.bucket.name, Key=key)

    def take_everything(self) -> None:
        """All take what there is; who asked for a claim and never got an answer asks until it knows."""
        for name in self._chain.shop.consumer.visible():
            self.take_from_folder(name)
        for file_id in [*self.claiming, *self.waiting_claims()]:
            self.claim(file_id)
        for key in self._chain.objects("deleted"):
            self.look(key)
            self.delete_if_match(*self.read.pop())
        self.read_and_delete()

    def sums(self) -> dict[str, int]:
        """Place -> what was booked there, in cents."""
        return {place: sum(booked.values()) for place, booked in self.booked.items()}

    def _content(self, key: str) -> bytes:
        got = self._world.clients["s3"].get_object(Bucket=self._world.bucket.name, Key=key)
        return bytes(got["Body"].read())

    def _book(self, place: str, key: str, content: bytes) -> None:
        name = key.rsplit("/", 1)[-1]
        assert name not in self.booked[place], f"{name} was taken twice at {place}"
        self.booked[place][name] = amount_minor(content)


def amount_minor(content: bytes) -> int:
    """The cents of a payment file, which must be whole."""
    lines = content.decode().split("\r\n")
    assert len(lines) == 9, "a file is not whole"
    assert lines[7].startswith("staff=")
    return Money.parse(lines[1].removeprefix("amount="), "EUR").amount_minor
