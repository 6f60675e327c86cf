"""The fast implementation asked in the oracle's words, so that both can be compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property

import msgspec
import numpy as np

from suyuan.event import Event, read_json
from suyuan.identifier import canonical_uri, class_of
from suyuan.trace._carriers import find_carriers
from suyuan.trace._facts import batch_of_events
from suyuan.trace._graph import Graph
from suyuan.trace._index import Known, known_of
from suyuan.trace._reach import Reach, reach_back, reach_forward
from suyuan.trace._stays import FOREVER, LONG_AGO
from tests.trace.facts import Entry, Record
from tests.trace.oracle import NeverSeen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Reached = dict[str, tuple[str, datetime | None]]


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(number: int) -> datetime | None:
    if number in (FOREVER, LONG_AGO):
        return None
    return _EPOCH + timedelta(microseconds=int(number))


class Fast:
    """The genealogy of a record, as of a record time."""

    def __init__(self, record: Record, as_of: datetime | None = None) -> None:
        first: dict[tuple[str, bool], tuple[int, Entry]] = {}
        for sequence, entry in enumerate(record.entries, 1):
            key = entry.event["eventID"], "errorDeclaration" in entry.event
            first.setdefault(key, (sequence, entry))  # The journal takes an ID once.
        taken = [
            (sequence, entry)
            for sequence, entry in first.values()
            if as_of is None or entry.record_time <= as_of
        ]
        document = read_json(msgspec.json.encode([entry.event for _, entry in taken]))
        assert not document.problems, document.problems
        self.numbered: list[tuple[int, Event]] = [
            (sequence, event) for (sequence, _), event in zip(taken, document.events, strict=True)
        ]
        self.numbers: dict[str, int] = {}
        for _, event in self.numbered:
            for mention in event.mentions:
                for uri in (mention[1], class_of(mention[1])):
                    if uri is not None:
                        self.numbers.setdefault(uri, len(self.numbers) + 1)
        self.uris = {number: uri for uri, number in self.numbers.items()}

    @cached_property
    def known(self) -> Known:
        classes = [
            (number, self.numbers.get(class_of(uri) or "", 0))
            for uri, number in self.numbers.items()
        ]
        pairs = np.array(classes, np.int64)
        return known_of(batch_of_events(self.numbered, self.numbers, pairs, position=0))

    @property
    def graph(self) -> Graph:
        return self.known.graph

    def forward(self, starts: list[str], since: datetime | None = None) -> Reached:
        bound = LONG_AGO if since is None else microseconds(since)
        return self._said(reach_forward(self.graph, self.of(starts), bound))

    def back(self, starts: list[str], until: datetime | None = None) -> Reached:
        bound = FOREVER if until is None else microseconds(until)
        return self._said(reach_back(self.graph, self.of(starts), bound))

    def carriers(
        self, direction: str, starts: list[str], bound: datetime | None = None
    ) -> dict[str, tuple[str, datetime | None, frozenset[tuple[str, object, object]]]]:
        limit = LONG_AGO if direction == "forward" else FOREVER
        number = limit if bound is None else microseconds(bound)
        ask = reach_forward if direction == "forward" else reach_back
        found = find_carriers(self.graph, ask(self.graph, self.of(starts), number))
        rows: dict[int, set[tuple[str, object, object]]] = {}
        for asker, thing, first, last, _ in zip(*map(list, found.held), strict=True):
            stay = (self.uris[int(found.carried[asker])], moment(first), moment(last))
            rows.setdefault(int(thing), set()).add(stay)
        return {
            self.uris[number]: (
                "certain" if found.is_certain[at] else "possible",
                moment(found.moments[at]),
                frozenset(rows[number]),
            )
            for at, number in enumerate(found.objects.tolist())
        }

    def check(self, uris: tuple[str, ...]) -> None:
        """Refuse what no event known names."""
        named = {mention[1] for _, event in self.numbered for mention in event.mentions}
        missing = [uri for uri in uris if canonical_uri(uri) not in named]
        if missing:
            raise NeverSeen(*missing)

    def of(self, uris: list[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([self.numbers[canonical_uri(uri)] for uri in uris], np.int64)

    def _said(self, reach: Reach) -> Reached:
        return {
            self.uris[int(number)]: ("certain" if certain else "possible", moment(int(time)))
            for number, time, certain in zip(
                reach.objects, reach.moments, reach.is_certain, strict=True
            )
        }
