"""Sightings: a file that we put is no longer there, so its consumer has taken it.

A sighting is news for people (PF-14). Whether a cancellation comes in time is decided by the rename of the
withdrawing job alone; only where the folder was exchanged since, a sighting of before says that the file was
taken. A file that is missing from another folder than the one it was put into is not seen to be taken.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable

from tillbridge_agent.folders import Folders
from tillbridge_agent.model import WatchedFile
from tillbridge_agent.notebook import Notebook
from tillbridge_agent.words import Speaker

log = logging.getLogger(__name__)

_TOLD = 5


class Watch:
    """Looks after the files that wait for their consumer: one look per folder, none when nothing waits."""

    def __init__(
        self, notebook: Notebook, folders: Folders, now: Callable[[], str], speaker: Speaker
    ) -> None:
        self._notebook = notebook
        self._folders = folders
        self._now = now
        self._speaker = speaker

    def look(self) -> tuple[int, int]:
        """Look once; how many files still wait, how many were newly seen to be gone.

        The rows are read before the folder, so that a file put meanwhile is never taken for collected.
        """
        by_folder: dict[str, list[WatchedFile]] = defaultdict(list)
        for file in self._notebook.watched_files():
            by_folder[file.folder].append(file)
        waiting, collected = 0, 0
        for folder, files in by_folder.items():
            seen = self._folders.look(folder, [file.name for file in files])
            if seen is None:
                waiting += len(files)
                continue
            folder_id, missing = seen
            moved = [file for file in files if file.name not in missing and file.folder_id != folder_id]
            if moved:
                self._notebook.note_folder(moved, folder_id)
            gone = [file for file in files if file.name in missing and file.folder_id in {"", folder_id}]
            if gone:
                collected += self._notebook.note_collected(gone, self._now())
                names = ", ".join(file.name for file in gone[:_TOLD]) + (" …" if len(gone) > _TOLD else "")
                log.info(self._speaker.say("collected", files=names, folder=folder))
            waiting += len(files) - len(gone)
        return waiting, collected
