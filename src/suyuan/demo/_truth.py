"""What really happened to the planted contamination, from the demo's own notebook. 真相

A generator knows what a tracer has to find out. While the plant runs, every tank, lot, case
and load notes by itself whether the contaminated milk is in it (see `_lots`). Nothing here
reads an event, so this can judge any code that does.

A lot counts as affected as a whole as soon as any part of it is: that is how a recall works,
and what design section 7 says of lots and their instances. The grade follows the same section:
*certain* when everything that made the lot carried the contamination, else *possible*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

from suyuan.demo._containers import Container, Pallet
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._times import as_datetime

__all__ = ["AffectedLot", "Notebook", "Truth"]

Grade = Literal["certain", "possible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedLot:
    """One lot that has any of the contamination: how sure, since when, how much of it.

    `contaminated_kg` is how much of the contaminated delivery went into the lot in all, by
    perfect mixing, to the gram.
    """

    uri: str
    product: str
    grade: Grade
    since: datetime
    contaminated_kg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything that the planted contamination reached, as canonical URIs in sorted order.

    `lots` are all lots made of it, from the silo draws to the goods; `finished_lots` are
    those that are sold. `cartons` and `samples` are instances. `cases`, `crates`, `pallets` and
    `vehicles` carried affected goods at some time; for a crate see `crate_trips`, since its other
    trips are clean. `shops` and `centres` are places that received affected goods, with the loads
    that brought them in `loads`; `buyers` received affected by-products or material in bulk.
    `known_after_correction` are the lots that could not be found before the late correction
    was recorded. `clean_twins` look affected and are not.
    """

    raw_lot: str
    farm: str
    delivered_at: datetime
    result_at: datetime
    corrected_at: datetime
    tanks: tuple[str, ...]
    lots: tuple[AffectedLot, ...]
    finished_lots: tuple[str, ...]
    samples: tuple[str, ...]
    cartons: tuple[str, ...]
    cases: tuple[str, ...]
    crates: tuple[str, ...]
    crate_trips: tuple[tuple[str, datetime, str], ...]
    pallets: tuple[str, ...]
    vehicles: tuple[str, ...]
    centres: tuple[str, ...]
    shops: tuple[str, ...]
    loads: tuple[tuple[str, str], ...]
    buyers: tuple[str, ...]
    in_stock: tuple[str, ...]
    known_after_correction: tuple[str, ...]
    clean_twins: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Give the plain form, times as ISO 8601 text."""

        def plain(value: object) -> object:
            if isinstance(value, datetime):
                return value.isoformat()
            if isinstance(value, dict):
                return {key: plain(part) for key, part in value.items()}
            if isinstance(value, list | tuple):
                return [plain(part) for part in value]
            return value

        return {key: plain(value) for key, value in asdict(self).items()}


@dataclass(slots=True)
class Notebook:
    """What the plant writes down as it goes; empty where nothing is planted."""

    watch_from: int | None = None
    raw_lot: Lot | None = None
    farm: str = ""
    tanker: str = ""
    result_at: int = 0
    corrected_at: int = 0
    lots: list[Lot] = field(default_factory=list)
    tanks: dict[str, list[Mixing | Lot]] = field(default_factory=dict)
    samples: list[tuple[str, Lot, int]] = field(default_factory=list)
    pallets: list[Pallet] = field(default_factory=list)
    vehicles: list[tuple[str, list[Pallet]]] = field(default_factory=list)
    received: list[tuple[str, str, Pallet]] = field(default_factory=list)
    bulk_sales: list[tuple[str, Lot]] = field(default_factory=list)
    hidden: list[Mixing] = field(default_factory=list)
    clean_twins: list[Lot] = field(default_factory=list)
    stock: Callable[[], Iterable[Pallet]] = field(default=lambda: ())

    def is_watching(self, moment: int) -> bool:
        """Tell whether what happens now may have to do with the contamination."""
        return self.watch_from is not None and moment >= self.watch_from

    def note_lot(self, lot: Lot, moment: int) -> Lot:
        """Remember a lot, if it may become affected."""
        if self.is_watching(moment):
            self.lots.append(lot)
        return lot

    def note_packed(self, container: Container) -> None:
        """Remember what a lot was packed in."""
        if self.is_watching(container.packed_at):
            container.lot.containers.append(container)

    def note_pallet(self, pallet: Pallet, moment: int) -> None:
        """Remember a pallet or a load."""
        if self.is_watching(moment):
            self.pallets.append(pallet)

    def note_tank(self, tank: str, content: Mixing | Lot, moment: int) -> None:
        """Remember what was in a tank."""
        if self.is_watching(moment):
            self.tanks.setdefault(tank, []).append(content)

    def note_sample(self, uri: str, lot: Lot, moment: int) -> None:
        """Remember that a sample was drawn."""
        if self.is_watching(moment):
            self.samples.append((uri, lot, moment))

    def note_loaded(self, vehicle: str, pallets: list[Pallet], moment: int) -> None:
        """Remember what a vehicle carried."""
        if self.is_watching(moment):
            self.vehicles.append((vehicle, list(pallets)))

    def note_received(self, kind: str, place: str, pallet: Pallet, moment: int) -> None:
        """Remember that a pallet or load reached a place (`kind`: centre or shop)."""
        if self.is_watching(moment):
            self.received.append((kind, place, pallet))

    def truth(self) -> Truth:
        """Close the notebook and say what was affected."""
        raw = self.raw_lot
        assert raw is not None, "no contamination was planted"
        assert raw.reached_at is not None, "the contaminated lot was never delivered"
        affected = [lot for lot in self.lots if lot.reached_at is not None]
        trips = [trip for lot in affected for trip in lot.containers]
        pallets = [pallet for pallet in self.pallets if pallet.is_affected]
        arrived = [(kind, place, load) for kind, place, load in self.received if load.is_affected]
        grades = _Grades(raw)
        return Truth(
            raw_lot=raw.uri,
            farm=self.farm,
            delivered_at=as_datetime(raw.reached_at),
            result_at=as_datetime(self.result_at),
            corrected_at=as_datetime(self.corrected_at),
            tanks=_sorted(
                tank
                for tank, contents in self.tanks.items()
                if any(content.reached_at is not None for content in contents)
            ),
            lots=tuple(sorted((_affected(lot, grades) for lot in affected), key=lambda a: a.uri)),
            finished_lots=_sorted(lot.uri for lot in affected if lot.product.kind == "finished"),
            samples=_sorted(
                uri
                for uri, lot, moment in self.samples
                if lot.reached_at is not None and lot.reached_at <= moment
            ),
            cartons=_sorted(carton for trip in trips for carton in trip.cartons),
            cases=_sorted(trip.uri for trip in trips if not trip.is_crate),
            crates=_sorted(trip.uri for trip in trips if trip.is_crate),
            crate_trips=tuple(
                sorted(
                    (trip.uri, as_datetime(trip.packed_at), trip.lot.uri)
                    for trip in trips
                    if trip.is_crate
                )
            ),
            pallets=_sorted(pallet.uri for pallet in pallets),
            vehicles=_sorted(
                [
                    self.tanker,
                    *(
                        vehicle
                        for vehicle, loaded in self.vehicles
                        if any(pallet.is_affected for pallet in loaded)
                    ),
                ]
            ),
            centres=_sorted(place for kind, place, _ in arrived if kind == "centre"),
            shops=_sorted(place for kind, place, _ in arrived if kind == "shop"),
            loads=tuple(sorted((load.uri, place) for _, place, load in arrived)),
            buyers=_sorted(place for place, lot in self.bulk_sales if lot.reached_at is not None),
            in_stock=_sorted(pallet.uri for pallet in self.stock() if pallet.is_affected),
            known_after_correction=_sorted(lot.uri for lot in _only_by(self.hidden, raw, affected)),
            clean_twins=_sorted(lot.uri for lot in self.clean_twins),
        )


def _sorted(uris: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(uris)))


def _affected(lot: Lot, grades: _Grades) -> AffectedLot:
    assert lot.reached_at is not None
    return AffectedLot(
        uri=lot.uri,
        product=lot.product.gtin,
        grade="certain" if grades.is_certain(lot) else "possible",
        since=as_datetime(lot.reached_at),
        contaminated_kg=round(lot.contaminated_in_mg / 1_000_000, 3),
    )


class _Grades:
    """Which lots carry the contamination for certain."""

    def __init__(self, raw: Lot) -> None:
        self._raw = raw
        self._known: dict[int, bool] = {}

    def is_certain(self, lot: Lot) -> bool:
        """Tell whether all that made a lot carried it, back to the delivery itself."""
        if lot is self._raw:
            return True
        known = self._known.get(id(lot))
        if known is None:
            # A lot that is among its own sources (milk returned from the line) is not proved
            # certain by itself, so the answer while we look is no.
            self._known[id(lot)] = False
            known = bool(lot.sources) and all(map(self._is_mixing_certain, lot.sources))
            self._known[id(lot)] = known
        return known

    def _is_mixing_certain(self, mixing: Mixing) -> bool:
        return any(map(self.is_certain, mixing.reached_by))


def _only_by(hidden: list[Mixing], raw: Lot, affected: list[Lot]) -> list[Lot]:
    """Give the lots that are affected by way of the wrongly recorded mixings alone."""
    open_lots = {id(raw)}
    while True:
        found = {
            id(lot)
            for lot in affected
            if id(lot) not in open_lots
            and any(
                source not in hidden and any(id(i) in open_lots for i in source.reached_by)
                for source in lot.sources
            )
        }
        if not found:
            return [lot for lot in affected if id(lot) not in open_lots]
        open_lots |= found
