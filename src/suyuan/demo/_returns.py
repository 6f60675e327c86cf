"""What comes back: unsold crates into the rework tank, the rest away. 退货与返工

Only yoghurt that never left the cold chain is reworked, and only once: a lot that holds rework
is never reworked again, so a mistake cannot go round for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from suyuan.demo._containers import Container, Pallet
from suyuan.demo._crates import CratePool
from suyuan.demo._floor import Floor
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._places import DAIRY
from suyuan.demo._products import DAIRY_PREFIX, REWORK_BASE
from suyuan.demo._stations import Station, own_step, trade_data
from suyuan.demo._tanks import Tanks
from suyuan.demo._times import HOUR, MINUTE, SECOND

__all__ = ["REWORK_EVERY_DAYS", "Returns"]

REWORK_EVERY_DAYS = 4
RETURN_AUTHORISATION = 3
_WHOLE_CRATES = 2


class Returns:
    """The returns area, the rework tank and the skip."""

    def __init__(self, floor: Floor, tanks: Tanks, crates: CratePool) -> None:
        self._floor = floor
        self._tanks = tanks
        self._crates = crates
        self._desk = floor.station("returns")
        self._rework_tank = floor.station("rework", "rework_tank")
        self._waiting: list[Container] = []
        self._rejects: list[tuple[Lot, int]] = []
        self.rework_lot: Lot | None = None

    def is_rework_day(self, day: int) -> bool:
        """Tell whether the rework tank runs on a day."""
        plan_day = self._floor.plan.rework
        return day > 1 and (day - plan_day) % REWORK_EVERY_DAYS == 0

    def morning(self, moment: int) -> None:
        """Run the rework tank on its days, and empty it at night."""
        floor = self._floor
        day = floor.day_of(moment)
        if self.is_rework_day(day):
            floor.at(floor.moment(day, 5.0), self._rework)
            floor.at(floor.moment(day, 21.2), self._empty_rework_tank)

    def keep_for_rework(self, lot: Lot, pieces: int) -> None:
        """Keep rejects of the cup line until the rework tank runs."""
        self._rejects.append((lot, pieces))

    # Coming back

    def authorise(
        self, station: Station, source: tuple[str, str], moment: int
    ) -> tuple[dict[str, object], dict[str, object]]:
        """Give the papers of a return, as its sender and as the plant write them."""
        floor = self._floor
        documents = [("rma", floor.numbering.document(DAIRY_PREFIX, RETURN_AUTHORISATION))]
        home = (DAIRY.uri, floor.region.places["returns"].uri)
        order = floor.order("RMA", moment, "receive_return", "warehouse")
        sent = trade_data(station, documents=documents, source=source, destination=home)
        here = trade_data(self._desk, documents=documents, source=source, destination=home)
        return sent, here | order

    def receive(
        self,
        containers: Sequence[Container],
        moment: int,
        more: dict[str, object],
        *,
        for_rework: bool,
    ) -> None:
        """Receive returned cases and crates, and decide what becomes of them."""
        self._desk.record_object(
            moment,
            "OBSERVE",
            "receiving",
            "returned",
            epcs=[container.uri for container in containers],
            more=more,
        )
        if for_rework:
            self._waiting.extend(containers)
            return
        emptied = []
        for place, container in enumerate(containers):
            self._destroy(container, moment + HOUR + place * 3 * MINUTE)
            if container.is_crate:
                emptied.append(container.uri)
        if emptied:
            self._floor.at(moment + 3 * HOUR, partial(self._crates.wash, emptied))

    def receive_pallet(self, pallet: Pallet, moment: int, more: dict[str, object]) -> None:
        """Receive a refused pallet, and destroy all that is on it."""
        order = self._floor.order("RMA", moment, "destroy_return", "warehouse")
        self._desk.record_object(
            moment, "OBSERVE", "receiving", "returned", epcs=[pallet.uri], more=more
        )
        everything = [pallet.uri]
        for container in pallet.containers:
            everything += [container.uri, *container.cartons]
            container.lot.take(container.count)
        self._desk.record_object(
            moment + 2 * HOUR, "DELETE", "destroying", "disposed", epcs=everything, more=order
        )
        pallet.containers.clear()

    def receive_empties(self, crates: list[str], moment: int, more: dict[str, object]) -> None:
        """Receive empty crates and wash them in the afternoon."""
        self._desk.record_object(moment, "OBSERVE", "receiving", "returned", epcs=crates, more=more)
        self._floor.at(moment + 3 * HOUR, partial(self._crates.wash, crates))

    def _destroy(self, container: Container, moment: int) -> None:
        order = self._floor.order("RMA", moment, "destroy_return", "warehouse")
        lot = container.lot
        measure = lot.measure(container.count)
        lot.take(container.count)
        if container.cartons:
            self._desk.record_object(
                moment,
                "DELETE",
                "destroying",
                "disposed",
                epcs=[*container.cartons, container.uri],
                more=order,
            )
            return
        self._desk.record_aggregation(
            moment, "DELETE", "unpacking", container.uri, quantities=[measure], more=order
        )
        self._desk.record_object(
            moment + MINUTE, "DELETE", "destroying", "disposed", quantities=[measure], more=order
        )

    # Rework

    def _rework(self, moment: int) -> None:
        """Tip what waits into the rework tank; on one day, two crates as they stand."""
        floor = self._floor
        waiting, self._waiting = self._waiting, []
        rejects, self._rejects = self._rejects, []
        if not waiting and not rejects:
            return
        order = floor.order("REW", moment, "rework", "fermentation")
        mixing = Mixing()
        is_story_day = floor.day_of(moment) == floor.plan.rework
        whole = waiting[:_WHOLE_CRATES] if is_story_day else []
        emptied = []
        inputs = []
        for place, container in enumerate(waiting):
            measure = mixing.pour(container.lot, container.count, moment)
            if container in whole:
                continue
            inputs.append(measure)
            emptied.append(container.uri)
            self._desk.record_aggregation(
                moment - (len(waiting) - place) * 20 * SECOND,
                "DELETE",
                "unpacking",
                container.uri,
                quantities=[measure],
                more=order,
            )
        inputs += [mixing.pour(lot, pieces, moment) for lot, pieces in rejects]
        lot = Lot(REWORK_BASE, floor.lot_number(moment, 1))
        floor.notebook.note_lot(lot, moment)
        floor.notebook.note_tank(floor.region.equipment["rework_tank"].uri, lot, moment)
        self._rework_tank.record_transformation(
            moment,
            own_step("reworking"),
            inputs=_merged(inputs),
            input_epcs=[container.uri for container in whole],
            outputs=[mixing.draw(lot, mixing.grams, moment)],
            disposition="in_progress",
            more=order,
        )
        self.rework_lot = lot
        self._clear_crates(whole, emptied, moment, order)

    def _clear_crates(
        self, whole: list[Container], emptied: list[str], moment: int, order: dict[str, object]
    ) -> None:
        """Wash the empty crates; those that went in whole are cracked and thrown away."""
        for container in whole:
            if container.is_affected:
                self._crates.remember(container.uri)
        if whole:
            self._desk.record_object(
                moment + 9 * MINUTE,
                "DELETE",
                "decommissioning",
                "inactive",
                epcs=[container.uri for container in whole],
                more=order,
            )
        if emptied:
            self._floor.at(moment + HOUR, partial(self._crates.wash, emptied))

    def _empty_rework_tank(self, moment: int) -> None:
        lot, self.rework_lot = self.rework_lot, None
        if lot is not None and lot.left:
            self._tanks.destroy(lot, lot.left, moment)


def _merged(quantities: list[dict[str, object]]) -> list[dict[str, object]]:
    """Add up the amounts of one lot, in the order in which the lots came."""
    total: dict[str, dict[str, object]] = {}
    for element in quantities:
        name = str(element["epcClass"])
        known = total.get(name)
        if known is None:
            total[name] = dict(element)
        else:
            old, new = known["quantity"], element["quantity"]
            assert isinstance(old, int)
            assert isinstance(new, int)
            known["quantity"] = old + new
    return list(total.values())
