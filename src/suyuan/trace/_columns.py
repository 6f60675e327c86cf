"""The arrays that the genealogy is kept in, and how they grow, are saved and mapped. 谱系列存

Everything is flat and numbered, and most of it is only ever added to, so that whoever is
reading goes on reading while more comes in: what is newer than his limits he leaves out.
Row 0 of edges, stays, changes, tellings and objects is nobody's, so that 0 can mean *none*.

Nodes are objects, by their numbers from 0 up, and *transformations* and *pools*, which count
down from -1: their columns grow at both ends, and no number ever changes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np
import numpy.typing as npt

__all__ = ["Arrays", "Bytes", "Codes", "Columns", "Floats", "Ints", "Marks", "Small"]

Small = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.int8]
Marks = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]

_ROOM = 4096  # Rows that fit at least, so that small records do not grow at each event.
_GROWTH = 1.5


class Arrays(NamedTuple):
    """All columns, with room behind their last rows. Which rows count, `Columns.counts` tells."""

    # By event that makes genealogy, in the order in which they were taken in.
    sequences: Ints
    times: Ints
    types: Bytes
    actions: Bytes
    steps: Bytes
    starts: Ints
    """Where its mentions begin; one more than there are events."""
    transformation_of: Small
    """The node of its transformation, or 0."""
    # By mention.
    roles: Bytes
    objects: Small
    quantities: Floats
    units: Codes
    # By edge: object into transformation or pool, those into object, lot to instance.
    tails: Small
    heads: Small
    edge_events: Small
    """The event by its place, -1 for belonging to a lot."""
    next_forward: Small
    """The next edge that leaves the same tail, or 0."""
    next_back: Small
    # By stay.
    children: Small
    parents: Small
    kinds: Marks
    """`IS_FIXED`, `IS_LOT`."""
    opened_by: Small
    closed_by: Small
    """-1 while it is open."""
    next_inside: Small
    """The next stay in the same container."""
    next_outside: Small
    """The next stay of the same child."""
    open_before: Small
    open_after: Small
    last_change: Small
    # By change of how much of a lot is in a container.
    change_stays: Small
    change_events: Small
    change_amounts: Floats
    change_dimensions: Codes
    change_before: Small
    # By telling: the unit in which a quantity of an object was first told, and when.
    told_units: Codes
    told_times: Ints
    told_by: Ints
    """The number of the event that tells it."""
    # By node, at both ends.
    first_forward: Small
    first_back: Small
    begun_by: Small
    """1 + the event from which the record knows of it, or 0."""
    traits: Marks
    # By object.
    first_inside: Small
    first_outside: Small
    first_open: Small
    touched_by: Small
    """1 + the last event that changed what it is inside of or what is inside it, or 0."""
    stands_for: Small
    """Of a lot its pool, of a transformation ID its transformation, or 0."""
    told: Small
    """Its telling, or 0."""
    classes: Small


_AXES: dict[str, tuple[str, ...]] = {
    "events": Arrays._fields[0:7],
    "mentions": Arrays._fields[7:11],
    "edges": Arrays._fields[11:16],
    "stays": Arrays._fields[16:26],
    "changes": Arrays._fields[26:31],
    "tellings": Arrays._fields[31:34],
    "nodes": Arrays._fields[34:38],
    "objects": Arrays._fields[38:],
}
_AXIS_OF = {name: axis for axis, names in _AXES.items() for name in names}
_KIND_OF: dict[str, np.dtype[Any]] = {
    name: np.dtype(get_args(get_args(kind)[1])[0]) for name, kind in get_type_hints(Arrays).items()
}
_COUNTED = ("events", "mentions", "edges", "stays", "changes", "tellings", "objects", "minus")


class Columns:
    """The arrays with their counts. One writer at a time; readers keep the arrays they got."""

    def __init__(self) -> None:
        one = {"edges": 1, "stays": 1, "changes": 1, "tellings": 1, "objects": 1}
        self.counts: dict[str, int] = {axis: one.get(axis, 0) for axis in _COUNTED}
        self.room: dict[str, int] = dict.fromkeys(_COUNTED, _ROOM)
        self.arrays = Arrays(**{name: self._zeros(name) for name in Arrays._fields})
        self.arrays.opened_by[0] = self.arrays.closed_by[0] = -1

    def _zeros(self, name: str) -> npt.NDArray[Any]:
        return np.zeros(self._length(name), _KIND_OF[name])

    def _length(self, name: str) -> int:
        axis = _AXIS_OF[name]
        if axis == "nodes":
            return self.room["objects"] + self.room["minus"]
        return self.room[axis] + (name == "starts")

    def reserve(self, **more: int) -> None:
        """Make room for so many more rows: `objects` and `minus` are the ends of nodes."""
        wanted = {axis: self.counts[axis] + rows for axis, rows in more.items()}
        self._lay(
            {
                axis: int(rows * _GROWTH) + _ROOM
                for axis, rows in wanted.items()
                if rows > self.room[axis]
            }
        )

    def _lay(self, room: dict[str, int]) -> None:
        """Lay columns anew, with so much room along some axes."""
        if not room:
            return
        short = set(room)
        self.room |= room
        grown = {}
        for name, axis in _AXIS_OF.items():
            if axis in short or (axis == "nodes" and short & {"objects", "minus"}):
                grown[name] = self._grown(name)
        self.arrays = self.arrays._replace(**grown)

    def reserve_ahead(self, events: int) -> None:
        """Make room for so many more events: like those that are here, or one row each of all.

        Whoever takes in one event too many lays whole columns anew while others wait. It is
        room for twice what is here at most: a walk makes marks for all of it.
        """
        events = min(events, self.counts["events"])
        share = events / max(self.counts["events"], 1)
        wanted = {axis: rows + max(int(rows * share), events) for axis, rows in self.counts.items()}
        self._lay({axis: rows for axis, rows in wanted.items() if rows > self.room[axis]})

    def _grown(self, name: str) -> npt.NDArray[Any]:
        old, new = getattr(self.arrays, name), self._zeros(name)
        used = self.used(name)
        new[: len(used)] = used
        if _AXIS_OF[name] == "nodes":
            minus = self.counts["minus"]
            new[len(new) - minus :] = old[len(old) - minus :]
        return new

    def used(self, name: str) -> npt.NDArray[Any]:
        """Give the rows of a column that count; of a column of nodes those of objects."""
        axis = _AXIS_OF[name]
        rows = self.counts["objects" if axis == "nodes" else axis] + (name == "starts")
        column: npt.NDArray[Any] = getattr(self.arrays, name)[:rows]
        return column

    @property
    def bytes(self) -> int:
        """Give the size of all rows that count."""
        minus = self.counts["minus"]
        sizes = ((self.used(name).nbytes, _KIND_OF[name].itemsize, name) for name in _AXIS_OF)
        return sum(
            size + (minus * item if _AXIS_OF[name] == "nodes" else 0) for size, item, name in sizes
        )

    def copied(self) -> Columns:
        """Give columns of their own that say the same."""
        other = Columns()
        other.counts, other.room = dict(self.counts), dict(self.room)
        other.arrays = Arrays(**{name: self._grown(name) for name in Arrays._fields})
        return other

    # Saved and mapped.

    def save(self, folder: Path) -> None:
        """Write every column to a file of its own. The room behind the rows is a hole."""
        folder.mkdir(parents=True)
        for name in Arrays._fields:
            with (folder / name).open("wb") as file:
                used = self.used(name)
                used.tofile(file)
                file.truncate(self._length(name) * used.itemsize)
                if _AXIS_OF[name] == "nodes" and self.counts["minus"]:
                    file.seek((self._length(name) - self.counts["minus"]) * used.itemsize)
                    getattr(self.arrays, name)[-self.counts["minus"] :].tofile(file)
                file.flush()
                os.fsync(file.fileno())
        sizes = json.dumps({"counts": self.counts, "room": self.room})
        (folder / "sizes.json").write_text(sizes, encoding="utf-8")

    @classmethod
    def mapped(cls, folder: Path) -> Columns:
        """Take saved columns as they lie on the disk: pages are shared until they are written to.

        Raises OSError or ValueError where they can't be read.
        """
        self = cls.__new__(cls)
        sizes = json.loads((folder / "sizes.json").read_text(encoding="utf-8"))
        self.counts, self.room = sizes["counts"], sizes["room"]
        arrays = {}
        for name in Arrays._fields:
            length = self._length(name)
            file = np.memmap(folder / name, _KIND_OF[name], mode="c", shape=(length,))
            arrays[name] = np.asarray(file)
        self.arrays = Arrays(**arrays)
        return self
