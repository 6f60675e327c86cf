"""What every department of a plant shares: its region, its clock, its chance, its notebook. 车间

Also the small habits they have in common: who is on duty, how numbers are given out, how
plant facts get into events.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from suyuan.demo._agenda import Agenda, Outbox
from suyuan.demo._incidents import IncidentPlan
from suyuan.demo._keys import document_key, sscc_uri
from suyuan.demo._places import Region
from suyuan.demo._products import DAIRY_PREFIX
from suyuan.demo._stations import Station, order_data
from suyuan.demo._story import Story
from suyuan.demo._times import DAY, HOUR, SECOND, day_code
from suyuan.demo._truth import Notebook

__all__ = ["Floor", "Numbering"]

_MORNING = 6 * HOUR
_EVENING = 18 * HOUR


class Numbering:
    """Gives out serial numbers of documents and logistic units."""

    def __init__(self, region_index: int) -> None:
        self._region = region_index
        self._next: dict[tuple[str, int], int] = {}

    def next(self, prefix: str, series: int) -> int:
        """Give the next number of a series."""
        number = self._next.get((prefix, series), 0) + 1
        self._next[prefix, series] = number
        return number

    def sscc(self, prefix: str) -> str:
        """Name a new logistic unit; the plant's number keeps plants apart."""
        number = self.next(prefix, -1)
        return sscc_uri(prefix, number // 1_000_000, self._region * 1_000_000 + number % 1_000_000)

    def document(self, prefix: str, document_type: int) -> str:
        """Name a new document."""
        number = self.next(prefix, document_type)
        return document_key(prefix, document_type, f"{self._region + 1}{number:07d}")


class Floor:
    """The shared ground of one plant."""

    def __init__(
        self,
        region: Region,
        random: Random,
        *,
        start: int,
        days: int,
        activity: float,
        plan: IncidentPlan,
    ) -> None:
        self.region = region
        self.random = random
        self.start = start
        self.days = days
        self.activity = activity
        self.plan = plan
        self.agenda = Agenda()
        self.outbox = Outbox()
        self.notebook = Notebook()
        self.story = Story()
        self.numbering = Numbering(region.index)
        if plan.contamination >= 0:
            self.notebook.watch_from = start + plan.contamination * DAY

    # Time

    def day_of(self, moment: int) -> int:
        """Count the days since the start."""
        return (moment - self.start) // DAY

    def moment(self, day: int, hour: float) -> int:
        """Give a moment of a day; the hour may have a fraction."""
        return self.start + day * DAY + int(hour * 3600) * SECOND

    def at(self, moment: int, action: Callable[[int], None]) -> None:
        """Put something on the agenda."""
        self.agenda.at(moment, action)

    # Chance

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return low + int(self.random.random() * (high - low + 1))

    def happens(self, share: float) -> bool:
        """Let something happen in a share of the cases."""
        return self.random.random() < share

    def tenths(self, low: int, high: int) -> Decimal:
        """Draw a reading with one decimal; the ends are given in tenths."""
        return Decimal(self.whole(low, high)) / 10

    def seconds(self, low: int, high: int) -> int:
        """Draw a span of whole seconds: partners write no finer times."""
        return self.whole(low, high) * SECOND

    # Habits

    def station(
        self, place: str, equipment: str | None = None, *, has_location: bool = True
    ) -> Station:
        """Set up one of the plant's own stations; one that travels has no location."""
        region = self.region
        return Station(
            self.outbox,
            self.random,
            read_point=region.places[place].uri,
            location=region.places[place].uri if has_location else None,
            equipment=region.equipment[equipment].uri if equipment else None,
        )

    def partner(
        self, place: str, *, uploads_nightly: bool = False, signs_events: bool = False
    ) -> Station:
        """Set up a station of another company."""
        return Station(
            self.outbox,
            self.random,
            read_point=place,
            location=place,
            is_partner=True,
            uploads_nightly=uploads_nightly,
            signs_events=signs_events,
        )

    def on_duty(self, role: str, moment: int) -> str:
        """Name the operator: one from six to six, the other by night."""
        clock = (moment - self.start) % DAY
        first, second = self.region.people[role]
        return (first if _MORNING <= clock < _EVENING else second).uri

    def order(self, kind: str, moment: int, operation: str, role: str) -> dict[str, object]:
        """Open a work order for an operation and give its plant facts."""
        number = self.numbering.next(DAIRY_PREFIX, -2)
        text = f"WO-{self.region.letter}-{day_code(moment)}-{kind}-{number:04d}"
        return order_data(text, operation, self.on_duty(role, moment))

    def lot_number(self, moment: int, sequence: int) -> str:
        """Give a lot number as the plant prints it; only with the product is it a name."""
        return f"{day_code(moment)}{self.region.letter}{sequence}"
