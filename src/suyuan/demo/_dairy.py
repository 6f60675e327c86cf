"""The demo dairy as a whole: its size, its events, its master data, its story. 演示乳品厂"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import sqrt
from operator import itemgetter
from typing import BinaryIO

import msgspec

from suyuan.demo._agenda import Arrival, EventBody
from suyuan.demo._incidents import DAYS_MIN, IncidentPlan
from suyuan.demo._map import map_of
from suyuan.demo._master_data import as_vocabularies, master_data_of
from suyuan.demo._places import DAIRY, REGIONS_MAX, Region
from suyuan.demo._plant import Plant
from suyuan.demo._stations import CONTEXT
from suyuan.demo._story import StoryCode
from suyuan.demo._times import DAY, ZONE, as_datetime, local_text, moment_of
from suyuan.demo._truth import Truth
from suyuan.errors import InvalidInput, Problem

__all__ = ["DAYS_DEFAULT", "DEFAULT_END", "DairyPlant"]

DEFAULT_END = datetime(2026, 11, 1, tzinfo=ZONE)
DAYS_DEFAULT = 30
_DAYS_MAX = 365
# Events of one plant and day: so many whatever it makes, and so many for each unit of activity.
_EVENTS_FIXED, _EVENTS_PER_ACTIVITY = 355, 750
_DAYS_TO_START = 1.1  # before yoghurt is made and shops have goods, there is less to tell
_ACTIVITY_MIN, _ACTIVITY_MAX = 0.14, 1.45
_EVENTS_ONE_PLANT_MAX = 43_000
_EVENTS_MIN = 6_000
# Plants are not of one size; what one makes more, the others make less.
_DEVIATIONS = (0.0, 0.12, -0.12, 0.05, -0.05)
_CHUNK_BYTES = 1 << 18


class DairyPlant:
    """A dairy that never was, told by its events; the same for the same seed, to the byte.

    `end` is the midnight at which the last day ends, in any time zone; the plant itself lives
    at +08:00, and its last day is the last whole one there before `end`. Without `events`, one
    plant lives through `days` days (30 by default, about 33,000 events). `events` asks for
    about that many: a longer time, and, past some tens of thousands, more plants, each with
    farms, lorries and shops of its own, so that a large demo is a large company and not a small
    one again and again. The story and its contamination are at the first plant, at the end.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        days: int | None = None,
        events: int | None = None,
        end: datetime = DEFAULT_END,
    ) -> None:
        if end.tzinfo is None:
            raise InvalidInput(
                Problem(code="demo.end_without_zone", where="end", found=end.isoformat())
            )
        if days is not None and not DAYS_MIN <= days <= _DAYS_MAX:
            expected = f"{DAYS_MIN} to {_DAYS_MAX} days"
            raise _size_invalid("days", expected, days)
        self.seed = seed
        self.days, plants, self._activity = _plan_size(days, events)
        if plants > REGIONS_MAX:
            raise _size_invalid("events", f"at most {REGIONS_MAX} plants", events)
        self._end = moment_of(end)
        # Days begin at midnight of the plant's zone.
        self._end -= (self._end - moment_of(DEFAULT_END)) % DAY
        self._regions = [Region(index) for index in range(plants)]
        self._told: Plant | None = None

    @property
    def plants(self) -> int:
        """Give the number of plants."""
        return len(self._regions)

    @property
    def start(self) -> datetime:
        """Give the first moment of the first day."""
        return self.end - timedelta(days=self.days)

    @property
    def end(self) -> datetime:
        """Give the moment at which the last day ends."""
        return as_datetime(self._end)

    @property
    def events_expected(self) -> int:
        """Give about how many events there will be, without making them."""
        day = _EVENTS_FIXED + _EVENTS_PER_ACTIVITY * self._activity
        return round(day * (self.days - _DAYS_TO_START) * self.plants)

    # Events

    def iter_arrivals(self) -> Iterator[tuple[datetime, EventBody]]:
        """Give each event with the time at which it reached the record, in that order.

        Some events arrive hours or days after they happened, and a few arrive twice.
        """
        for moment, _, event in self._arrivals():
            yield as_datetime(moment), event

    def iter_events(self) -> Iterator[EventBody]:
        """Give the events in order of arrival, each an EPCIS 2.0 event on its own.

        Numbers that are not whole are `Decimal`. Events share parts with one another (the
        `@context`, for example): read them, do not change them.
        """
        for _, _, event in self._arrivals():
            yield event

    def iter_ndjson(self, *, chunk_bytes: int = _CHUNK_BYTES) -> Iterator[bytes]:
        """Give the events as JSON, one a line, in chunks of about `chunk_bytes`."""
        encoder = msgspec.json.Encoder(decimal_format="number")
        chunk = bytearray()
        line = bytearray()
        for _, _, event in self._arrivals():
            encoder.encode_into(event, line)
            chunk += line
            chunk += b"\n"
            if len(chunk) >= chunk_bytes:
                yield bytes(chunk)
                chunk.clear()
        if chunk:
            yield bytes(chunk)

    def write_document(self, file: BinaryIO, *, with_master_data: bool = True) -> int:
        """Write all as one EPCIS 2.0 document, flat in memory, and give the number of events."""
        encoder = msgspec.json.Encoder(decimal_format="number")
        head: dict[str, object] = {
            "@context": CONTEXT,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": local_text(self._end),
        }
        if with_master_data:
            vocabularies = as_vocabularies(self.master_data())
            head["epcisHeader"] = {"epcisMasterData": {"vocabularyList": vocabularies}}
        file.write(encoder.encode(head)[:-1] + b',"epcisBody":{"eventList":[')
        number = 0
        for _, _, event in self._arrivals():
            inside = {key: value for key, value in event.items() if key != "@context"}
            file.write((b",\n" if number else b"\n") + encoder.encode(inside))
            number += 1
        file.write(b"\n]}}\n")
        return number

    # What is behind them

    def master_data(self) -> list[dict[str, object]]:
        """Give products, parties, places, equipment and persons, named in both languages.

        Each entry has `kind`, `id` (the canonical URI that events use) and `name` with `en`
        and `zh`. Places have an ISA-95 `level` and what they are `part_of`.
        """
        return master_data_of(self._regions)

    @property
    def own_party(self) -> str:
        """Give the URI of the company whose demo it is."""
        return DAIRY.uri

    def vocabularies(self) -> list[dict[str, object]]:
        """Give the master data as EPCIS vocabularies, as they stand in a document's header."""
        return as_vocabularies(self.master_data())

    def map(self) -> dict[str, object]:
        """Give a map of all places, as GeoJSON: a plan in metres."""
        return map_of(self._regions)

    def story(self) -> list[StoryCode]:
        """Give the codes worth trying, each with a sentence in both languages."""
        return self._tell().floor.story.codes()

    def truth(self) -> Truth:
        """Say what the planted contamination reached, from the plant's own bookkeeping."""
        return self._tell().floor.notebook.truth()

    # Inside

    def _plant(self, region: Region) -> Plant:
        deviations = [_DEVIATIONS[index % len(_DEVIATIONS)] for index in range(self.plants)]
        deviation = deviations[region.index] - sum(deviations) / self.plants
        return Plant(
            region,
            seed=self.seed,
            start=self._end - self.days * DAY,
            days=self.days,
            activity=self._activity * (1 + deviation),
            plan=IncidentPlan.for_days(self.days) if region.index == 0 else IncidentPlan(),
        )

    def _tell(self) -> Plant:
        """Let the first plant live through its days once, if nobody has yet."""
        if self._told is None:
            plant = self._plant(self._regions[0])
            for _ in plant.run():
                pass
            self._told = plant
        return self._told

    def _arrivals(self) -> Iterator[Arrival]:
        plants = [self._plant(region) for region in self._regions]
        runs = [plant.run() for plant in plants]
        yield from runs[0] if len(runs) == 1 else heapq.merge(*runs, key=itemgetter(0))
        self._told = plants[0]


def _size_invalid(where: str, expected: str, found: object) -> InvalidInput:
    return InvalidInput(
        Problem(code="demo.size_invalid", where=where, expected=expected, found=str(found))
    )


def _plan_size(days: int | None, events: int | None) -> tuple[int, int, float]:
    """Choose days, plants and how busy a plant is for a number of events."""
    if events is None:
        return days or DAYS_DEFAULT, 1, 1.0
    if events < _EVENTS_MIN:
        raise _size_invalid("events", f"at least {_EVENTS_MIN} events", events)
    one_plant_day = _EVENTS_FIXED + _EVENTS_PER_ACTIVITY
    if days is None:
        if events <= _EVENTS_ONE_PLANT_MAX:
            days = max(DAYS_MIN, min(DAYS_DEFAULT, events // 550))
        else:
            growth = events / (one_plant_day * DAYS_DEFAULT)
            days = min(_DAYS_MAX, round(DAYS_DEFAULT * sqrt(growth)))
    full_days = days - _DAYS_TO_START
    plants = max(1, round(events / (full_days * one_plant_day)))
    activity = _activity(events, full_days, plants)
    if activity > _ACTIVITY_MAX:
        plants += 1
        activity = _activity(events, full_days, plants)
    if activity < _ACTIVITY_MIN:
        least = round((_EVENTS_FIXED + _EVENTS_PER_ACTIVITY * _ACTIVITY_MIN) * full_days)
        raise _size_invalid("events", f"at least {least} events for {days} days", events)
    return days, plants, activity


def _activity(events: int, full_days: float, plants: int) -> float:
    """Tell how busy each plant has to be."""
    return (events / (full_days * plants) - _EVENTS_FIXED) / _EVENTS_PER_ACTIVITY
