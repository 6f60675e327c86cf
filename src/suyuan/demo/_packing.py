"""Cartons into cases, cups into cases and crates, all of them onto pallets. 包装

Three ways of keeping track, as in real plants. A milk carton has a serial number, given when
the coder prints it, with its lot beside it. A plain yoghurt cup has none: a case holds so many
of a lot. Fruit yoghurt goes into crates that come back and are used again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial

from suyuan.demo._agenda import EventBody
from suyuan.demo._cold_store import ColdStore
from suyuan.demo._containers import Container, Pallet
from suyuan.demo._crates import CratePool
from suyuan.demo._floor import Floor
from suyuan.demo._keys import serial_uri
from suyuan.demo._lots import Lot
from suyuan.demo._products import DAIRY_PREFIX, LOW_FAT_MILK, WHOLE_MILK, Product
from suyuan.demo._stations import carton_lot_data
from suyuan.demo._times import DAY, HOUR, MINUTE, SECOND

__all__ = ["CONTAINERS_ON_A_PALLET", "Packing"]

CONTAINERS_ON_A_PALLET = 20
_CODER_TO_PACKER = 7 * SECOND
_DAYS_UNTIL_PALLETS_CORRECTED = 2


@dataclass(slots=True)
class _Misread:
    """A case that was scanned onto the next pallet, until the two records are corrected."""

    case: Container
    first: Pallet
    first_event: EventBody


class Packing:
    """The packers behind the filling lines, and the palletising robot."""

    def __init__(self, floor: Floor, crates: CratePool, cold_store: ColdStore) -> None:
        self._floor = floor
        self._crates = crates
        self._cold_store = cold_store
        self._coder = floor.station("carton_line", "carton_filler")
        self._carton_packer = floor.station("carton_packer", "carton_packer")
        self._cup_packer = floor.station("cup_packer", "cup_packer")
        self._palletiser = floor.station("palletiser", "palletiser")
        self._serials: dict[str, int] = {}
        self._case_serials: dict[str, int] = {}
        self._labels: dict[str, deque[str]] = {}
        self._open: dict[str, Pallet] = {}
        self._misread: _Misread | None = None
        self._was_misread = False

    def pack_cartons(self, lot: Lot, moment: int, order: dict[str, object]) -> int:
        """Code twelve cartons, put them into a case, stack it; give when the case is closed."""
        product = lot.product
        first = self._serials.get(product.key, 0) + 1
        self._serials[product.key] = first + product.per_case - 1
        head = serial_uri(product.gtin, self._floor.region.letter)
        cartons = [f"{head}{number:08d}" for number in range(first, first + product.per_case)]
        self._coder.record_object(
            moment,
            "ADD",
            "commissioning",
            "active",
            epcs=cartons,
            more=order | carton_lot_data(lot.number, lot.expiry),
        )
        closed = moment + _CODER_TO_PACKER
        case = self._case_label(product, moment)
        self._carton_packer.record_aggregation(
            closed, "ADD", "packing", case, cartons, disposition="container_closed", more=order
        )
        container = Container(case, lot, product.per_case, closed, cartons=cartons)
        self._stack(product, container, closed)
        return closed

    def pack_cups(
        self, lot: Lot, count: int, moment: int, order: dict[str, object], *, in_crate: bool
    ) -> None:
        """Put cups into a case or a crate, by count, and stack it."""
        floor = self._floor
        if in_crate:
            parent = self._crates.take(moment, lot)
        else:
            parent = self._case_label(lot.product, moment)
        shown, arrival = moment, None
        if floor.day_of(moment) == floor.plan.wrong_clock:
            # The packer's clock is slow: it writes the wrong time, and sends at the right one.
            shown, arrival = moment - HOUR, moment + SECOND
        self._cup_packer.record_aggregation(
            shown,
            "ADD",
            "packing",
            parent,
            quantities=[lot.measure(count)],
            disposition="container_closed",
            more=order,
            arrival=arrival,
        )
        container = Container(parent, lot, count, moment, is_crate=in_crate)
        self._stack(lot.product, container, moment)

    def _case_label(self, product: Product, moment: int) -> str:
        """Take a case label off the roll; a new roll is made known as a whole."""
        labels = self._labels.setdefault(product.key, deque())
        if not labels:
            first = self._case_serials.get(product.key, 0) + 1
            self._case_serials[product.key] = first + CONTAINERS_ON_A_PALLET - 1
            head = serial_uri(product.case_gtin, self._floor.region.letter)
            labels.extend(f"{head}{first + n:07d}" for n in range(CONTAINERS_ON_A_PALLET))
            self._palletiser.record_object(
                moment - 30 * SECOND,
                "ADD",
                "commissioning",
                "active",
                epcs=list(labels),
                more=self._floor.order("LABEL", moment, "print_case_labels", "packing"),
            )
        return labels.popleft()

    def _stack(self, product: Product, container: Container, moment: int) -> None:
        floor = self._floor
        floor.notebook.note_packed(container)
        pallet = self._open.get(product.key)
        if pallet is None:
            pallet = Pallet(floor.numbering.sscc(DAIRY_PREFIX), 0)
            self._open[product.key] = pallet
        pallet.put([container])
        if len(pallet.containers) == CONTAINERS_ON_A_PALLET:
            self.close_pallet(product, moment)

    def close_pallet(self, product: Product, moment: int) -> None:
        """Wrap the pallet that stands open for a product, if there is one, and store it."""
        pallet = self._open.pop(product.key, None)
        if pallet is None:
            return
        floor = self._floor
        wrapped = moment + 50 * SECOND
        order = floor.order("PAL", wrapped, "palletise", "packing")
        children = pallet.children()
        is_story_day = floor.day_of(moment) == floor.plan.wrong_pallet
        if is_story_day and product in (WHOLE_MILK, LOW_FAT_MILK) and not self._was_misread:
            self._record_misread(pallet, wrapped, order)
        else:
            self._palletiser.record_aggregation(
                wrapped,
                "ADD",
                "packing",
                pallet.uri,
                children,
                disposition="in_progress",
                more=order,
            )
        floor.notebook.note_pallet(pallet, moment)
        self._note_for_story(pallet, product, moment)
        self._cold_store.put(pallet, product, wrapped + floor.seconds(360, 900))

    def _note_for_story(self, pallet: Pallet, product: Product, moment: int) -> None:
        floor = self._floor
        day = floor.day_of(moment)
        if day == floor.plan.contamination and product is LOW_FAT_MILK:
            affected = {container.is_affected for container in pallet.containers}
            if len(affected) == 2:
                floor.story.note("mixed_pallet", pallet.uri)
        elif day == floor.plan.wrong_clock and product.key == "plain_yoghurt":
            floor.story.note("wrong_clock_pallet", pallet.uri)

    def _record_misread(self, pallet: Pallet, moment: int, order: dict[str, object]) -> None:
        """Leave the last case out of this record, and put it into the next pallet's."""
        station = self._palletiser
        signed = order | {"eventID": station.uuid()}
        if self._misread is None:
            case = pallet.containers[-1]
            event = station.record_aggregation(
                moment,
                "ADD",
                "packing",
                pallet.uri,
                pallet.children()[:-1],
                disposition="in_progress",
                more=signed,
            )
            self._misread = _Misread(case, pallet, event)
            return
        misread, self._misread = self._misread, None
        self._was_misread = True
        event = station.record_aggregation(
            moment,
            "ADD",
            "packing",
            pallet.uri,
            [*pallet.children(), misread.case.uri],
            disposition="in_progress",
            more=signed,
        )
        floor = self._floor
        floor.story.note("wrong_pallet", pallet.uri)
        pairs = (
            (misread.first_event, [*_children(misread.first_event), misread.case.uri]),
            (event, _children(event)[:-1]),
        )
        floor.at(
            moment + _DAYS_UNTIL_PALLETS_CORRECTED * DAY,
            partial(self._correct, pairs),
        )

    def _correct(self, pairs: tuple[tuple[EventBody, list[str]], ...], moment: int) -> None:
        for place, (event, children) in enumerate(pairs):
            at = moment + place * 2 * MINUTE
            right_id = self._palletiser.uuid()
            self._palletiser.declare_error(event, at, "incorrect_data", [right_id])
            right = {**event, "eventID": right_id, "childEPCs": children}
            self._palletiser.send(right, at + 15 * SECOND)


def _children(event: EventBody) -> list[str]:
    children = event["childEPCs"]
    assert isinstance(children, list)
    return children
