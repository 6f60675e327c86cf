"""What is still to happen, and what was seen but has not arrived yet. 日程与到达顺序

Two queues in the order of time. The agenda holds things to do; each runs at its own moment,
so two machines that share a tank see it as it is then. The outbox holds events until they
reach the record: a scanner in the plant takes half a second, a phone without network takes
hours. Events leave in order of arrival, which is not always the order of happening.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

__all__ = ["Agenda", "Arrival", "EventBody", "Outbox"]

EventBody = dict[str, object]
"""An EPCIS 2.0 event in its JSON form."""

Arrival = tuple[int, int, EventBody]
"""When an event reaches the record, a number that breaks ties, and the event."""


class Agenda:
    """Things to do, earliest first; at one moment, in the order they were put down."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Callable[[int], None]]] = []
        self._number = 0

    def at(self, moment: int, action: Callable[[int], None]) -> None:
        """Put something down; `action` is called with the moment."""
        self._number += 1
        heapq.heappush(self._heap, (moment, self._number, action))

    def run(self, end: int) -> Iterator[int]:
        """Do everything before `end`, and give each moment just before it comes."""
        heap = self._heap
        while heap and heap[0][0] < end:
            moment, _, action = heapq.heappop(heap)
            yield moment
            action(moment)


class Outbox:
    """Events on their way to the record."""

    def __init__(self) -> None:
        self._heap: list[Arrival] = []
        self._number = 0
        self._released_until = 0

    def put(self, arrival: int, event: EventBody) -> None:
        """Send an event that will arrive at a moment, but never before those that have left."""
        self._number += 1
        heapq.heappush(self._heap, (max(arrival, self._released_until), self._number, event))

    def release(self, until: int) -> Iterator[Arrival]:
        """Give what arrives before a moment, in order of arrival."""
        heap = self._heap
        self._released_until = until
        while heap and heap[0][0] < until:
            yield heapq.heappop(heap)
