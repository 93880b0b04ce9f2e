"""Imports of which nobody has heard for too long: whatever they wait for is asked for again.

So nothing depends on a message having come: a reading that died, a worker that died between a step and what
should follow it, a report that was not written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from tillbridge.aws.work_queue import WorkQueue

from .import_model import Import, ImportState
from .progress import ProgressService
from .store import ImportStore

MOST_AT_ONCE = 20


class OverdueImports:
    """Finds overdue imports, and asks again."""

    def __init__(
        self,
        store: ImportStore,
        progress: ProgressService,
        uploads: WorkQueue,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._progress = progress
        self._uploads = uploads
        self._clock = clock

    def sweep(self) -> int:
        """See to what is overdue; how many imports that were.

        Each is put off first, so that not every sweep asks again until somebody is done.
        """
        now = self._clock()
        seen_to = 0
        for import_id in self._store.due(now, MOST_AT_ONCE):
            one = self._store.get(import_id)
            if one is None or one.due_at is None or one.due_at > now:
                continue
            after = self._progress.asked_again(one, now)
            if self._store.write(after, one):
                self._ask(after)
                seen_to += 1
        return seen_to

    def _ask(self, one: Import) -> None:
        if one.state is ImportState.READING:
            self._uploads.send([_told_again(one)])
        else:
            self._progress.send_open_chunks(one)


def _told_again(one: Import) -> dict[str, Any]:
    """What S3 told of the upload, as far as anybody reads it."""
    file = {"key": quote_plus(one.inbox_key), "versionId": one.inbox_version}
    return {"Records": [{"userIdentity": {"principalId": "sweep"}, "s3": {"object": file}}]}
