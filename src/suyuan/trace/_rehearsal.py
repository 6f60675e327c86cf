"""A genealogy without a journal, for measuring: facts come as they are. 试演"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints
from suyuan.trace._facts import PIECE, Batch
from suyuan.trace._graph import Graph
from suyuan.trace._index import Index
from suyuan.trace._portions import portions_forward
from suyuan.trace._reach import reach_back, reach_forward

__all__ = ["Rehearsal", "Story"]


class Story(Protocol):
    """What a record would say, as flat arrays: events in order, and their mentions."""

    @property
    def times(self) -> Ints:
        """Give the time of each event, in microseconds since 1970."""

    @property
    def types(self) -> Ints:
        """Give the type of each event."""

    @property
    def actions(self) -> Ints:
        """Give the action of each event."""

    @property
    def starts(self) -> Ints:
        """Tell where the mentions of each event begin."""

    @property
    def roles(self) -> Ints:
        """Give the role of each mention."""

    @property
    def objects(self) -> Ints:
        """Give the object of each mention."""

    @property
    def quantities(self) -> npt.NDArray[np.float64]:
        """Give the quantity of each mention in kilograms, not-a-number where none is told."""

    @property
    def classes(self) -> Ints:
        """Give the class of each object."""


class Rehearsal:
    """Builds the genealogy of a story, and answers with how many objects are reached."""

    def __init__(self, story: Story, *, pieces: int = 1) -> None:
        self.index = Index()
        cuts = np.linspace(0, len(story.times), pieces + 1).astype(int).tolist()
        for first, end in pairwise(cuts):
            self.index.take(_batch(story, first, end))
        if pieces == 1:
            self.index.sort()
        self.known = self.index.known()

    @property
    def graph(self) -> Graph:
        """Give the graph that is asked."""
        return self.known.graph

    def save(self, folder: Path) -> None:
        """Write a snapshot."""
        self.index.save(folder)

    @classmethod
    def mapped(cls, folder: Path) -> Rehearsal:
        """Map a snapshot."""
        self = cls.__new__(cls)
        self.index = Index.mapped(folder)
        self.known = self.index.known()
        return self

    @property
    def bytes(self) -> int:
        """Give the size of everything that stays in memory."""
        return self.index.columns.bytes

    def forward(self, start: int) -> int:
        """Track forward from one object."""
        return len(reach_forward(self.graph, np.array([start], np.int64)).objects)

    def back(self, start: int) -> int:
        """Trace back from one object."""
        return len(reach_back(self.graph, np.array([start], np.int64)).objects)

    def certain(self, start: int) -> int:
        """Count what is reached from one object for certain."""
        reach = reach_forward(self.graph, np.array([start], np.int64))
        return int(reach.is_certain.sum())

    def open_books(self) -> None:
        """Get ready to work out portions."""
        assert self.known.books is not None

    def portions(self, start: int) -> tuple[int, int]:
        """Work out how much of one object is in each that it reaches: how many, how many known."""
        amounts = portions_forward(self.known.books, start).amounts
        return len(amounts), int((~np.isnan(amounts)).sum())


def _batch(story: Story, first: int, end: int) -> Batch:
    """Give some events of a story; with the first of them come all classes."""
    here, rows = slice(first, end), slice(int(story.starts[first]), int(story.starts[end]))
    numbers = np.arange(len(story.classes) if first == 0 else 0)
    return Batch(
        sequences=np.arange(first + 1, end + 1),
        times=story.times[here],
        types=story.types[here].astype(np.int8),
        actions=story.actions[here].astype(np.int8),
        steps=np.zeros(end - first, np.int8),
        event_of=np.repeat(np.arange(end - first), np.diff(story.starts[first : end + 1])),
        roles=story.roles[rows].astype(np.int8),
        objects=story.objects[rows],
        quantities=story.quantities[rows],
        units=np.where(np.isnan(story.quantities[rows]), 1, 0).astype(np.int16),
        uoms=("KGM", PIECE),
        belonging=np.zeros((0, 2), np.int64),
        classes=np.stack((numbers, story.classes[numbers]), axis=1),
        position=end,
    )
