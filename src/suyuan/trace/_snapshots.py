"""Snapshots: the index on the disk, with the journal position that it stands for. 谱系快照

Durability: none is needed, for everything follows from the journal; but what is taken for
whole is whole: a snapshot is written beside the others and then given its name. Several
processes may map one at once, and share its memory until they take in more of the journal.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

from suyuan.store import Connection, locked
from suyuan.trace._index import Index
from suyuan.trace._name_book import NameBook

__all__ = ["Snapshots", "forget_index", "index_folder"]

_FORM = 1
"""Goes up when what the columns say changes: older snapshots are passed over."""
_ABOUT = "about.json"


def index_folder(data: Path) -> Path:
    """Give the folder within a data folder where snapshots are kept."""
    return data / "index"


def forget_index(data: Path, tenant_id: int) -> None:
    """Drop the snapshots of a tenant: what they say no longer follows from the journal's index."""
    shutil.rmtree(index_folder(data) / str(tenant_id), ignore_errors=True)


class Snapshots:
    """The snapshots of one tenant in a folder; only the newest is kept."""

    def __init__(self, folder: Path, tenant_id: int) -> None:
        self.folder = folder / str(tenant_id)
        self.tenant_id = tenant_id

    def alone(self) -> AbstractContextManager[None]:
        """Let no other process make a snapshot meanwhile: what it made then need not be made."""
        return locked(self.folder.with_suffix(".lock"))

    def newest(self, connection: Connection, position: int) -> Index | None:
        """Map the newest snapshot that belongs to this journal and is not ahead of a position."""
        for place in sorted(self._places(), key=lambda one: -int(one.name)):
            if int(place.name) <= position and self._is_of(connection, place):
                with contextlib.suppress(OSError, ValueError, KeyError):
                    return Index.mapped(place)
        return None

    def save(
        self, connection: Connection, index: Index, names: NameBook | None = None
    ) -> Path | None:
        """Write a snapshot, and drop older ones. None where it can't be written: it must not be.

        `names` is a book of names that was written before, from which they need not be read.
        """
        place = self.folder / str(index.position)
        waiting = self.folder / f"new-{uuid4().hex}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            index.save(waiting)
            objects = index.columns.counts["objects"]
            NameBook.write(connection, self.tenant_id, waiting, objects, names)
            about = json.dumps(self._about(connection, index.position))
            (waiting / _ABOUT).write_text(about, encoding="utf-8")
            if place.exists() and not self._is_of(connection, place):
                shutil.rmtree(place)  # It tells of another journal.
            if not place.exists():
                waiting.rename(place)
        except OSError:
            return None
        finally:
            shutil.rmtree(waiting, ignore_errors=True)
        self._drop_before(index.position)
        return place

    def _drop_before(self, position: int) -> None:
        # Whoever has mapped one goes on with it: the pages stay as long as they are mapped.
        for place in self._places():
            if int(place.name) < position:
                shutil.rmtree(place, ignore_errors=True)
        for place in self.folder.glob("new-*"):
            if not _is_fresh(place):
                shutil.rmtree(place, ignore_errors=True)

    def _places(self) -> list[Path]:
        return [place for place in self.folder.glob("[0-9]*") if place.name.isdecimal()]

    def _about(self, connection: Connection, position: int) -> dict[str, object]:
        row = connection.execute(
            "SELECT encode(event_hash, 'hex') FROM journal.event "
            "WHERE tenant_id = %s AND sequence = %s",
            (self.tenant_id, position),
        ).fetchone()
        return {"form": _FORM, "hash": row and row[0]}

    def _is_of(self, connection: Connection, place: Path) -> bool:
        """Tell whether the journal has this very event at this position."""
        try:
            about = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(about == self._about(connection, int(place.name)))


def _is_fresh(place: Path) -> bool:
    """Tell whether somebody may still be writing it."""
    with contextlib.suppress(OSError):
        return place.stat().st_mtime > os.stat(place.parent).st_mtime - 3600
    return True
