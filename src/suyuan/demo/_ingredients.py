"""Cultures, syrup, fruit and packaging: ordered, delivered, stored, used first in first out. 辅料

One lot of an ingredient goes into many lots of product over many days. When that ingredient
turns out to be bad, this is what makes a trace wide.
"""

from __future__ import annotations

from collections import deque
from functools import partial

from suyuan.demo._floor import Floor
from suyuan.demo._lots import Lot, Mixing
from suyuan.demo._places import DAIRY, SUPPLIERS
from suyuan.demo._products import DAIRY_PREFIX, INGREDIENTS, Product
from suyuan.demo._stations import carton_lot_data, trade_data
from suyuan.demo._times import HOUR, MINUTE, day_code, day_text

__all__ = ["IngredientStore"]

PURCHASE_ORDER = 1
DESPATCH_ADVICE = 2
_DAYS_IN_STORE_MIN = 3

# What one day needs at activity 1, in whole steps, and for how many days one delivery lasts.
_DAILY_NEED = {
    "culture": (120, 14),
    "syrup": (12_500, 10),
    "strawberry": (30_000, 8),
    "blueberry": (30_000, 8),
    "carton_blank": (1_800, 7),
    "carton_cap": (1_800, 9),
    "cup": (4_200, 7),
    "lid": (4_200, 9),
}


class IngredientStore:
    """The store beside the filling hall."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._shelves: dict[str, deque[Lot]] = {key: deque() for key in INGREDIENTS}
        self._ordered: set[str] = set()
        self._desk = floor.station("ingredient_store")
        self._suppliers = {
            key: floor.partner(place.uri, signs_events=True)
            for key, place in floor.region.supplier_places.items()
        }

    def morning(self, moment: int) -> None:
        """Order what runs low; the first day fills the empty store before work begins."""
        floor = self._floor
        is_first_day = floor.day_of(moment) == 0
        for place, (key, (need, _)) in enumerate(_DAILY_NEED.items()):
            left = sum(lot.left for lot in self._shelves[key])
            wanted = int(need * floor.activity * _DAYS_IN_STORE_MIN)
            if left < wanted and key not in self._ordered:
                self._ordered.add(key)
                start = moment + place * 6 * MINUTE + (0 if is_first_day else 7 * HOUR)
                floor.at(start, partial(self._supply, INGREDIENTS[key]))

    def _supply(self, product: Product, moment: int) -> None:
        """Let the supplier make a lot, put it on a pallet and send it."""
        floor = self._floor
        supplier_key = _supplier_of(product)
        company = SUPPLIERS[supplier_key]
        station = self._suppliers[supplier_key]
        need, days = _DAILY_NEED[product.key]
        amount = max(1, int(need * floor.activity * days / 100)) * 100
        number = (
            f"{supplier_key[0].upper()}{day_code(moment)}-{floor.region.letter}{floor.whole(1, 9)}"
        )
        lot = Lot(product, number, expiry=day_text(moment, product.shelf_life_days))
        pallet = floor.numbering.sscc(company.prefix)
        measure = lot.measure(amount)
        station.record_object(
            moment,
            "ADD",
            "commissioning",
            "active",
            quantities=[measure],
            more=carton_lot_data(lot.number, lot.expiry),
        )
        station.record_aggregation(
            moment + 10 * MINUTE, "ADD", "packing", pallet, quantities=[measure]
        )
        documents = (
            ("po", floor.numbering.document(DAIRY_PREFIX, PURCHASE_ORDER)),
            ("desadv", floor.numbering.document(company.prefix, DESPATCH_ADVICE)),
        )
        here = floor.region.supplier_places[supplier_key]
        store = floor.region.places["ingredient_store"]
        source, destination = (company.uri, here.uri), (DAIRY.uri, store.uri)
        shipped = moment + 20 * MINUTE
        station.record_object(
            shipped,
            "OBSERVE",
            "shipping",
            "in_transit",
            epcs=[pallet],
            more=trade_data(station, documents=documents, source=source, destination=destination),
        )
        received = shipped + floor.seconds(40 * 60, 75 * 60)
        more = trade_data(self._desk, documents=documents, source=source, destination=destination)

        def receive(now: int) -> None:
            operator = floor.order("STO", now, "receive_ingredient", "warehouse")
            self._desk.record_object(
                now, "OBSERVE", "receiving", "in_progress", epcs=[pallet], more=operator | more
            )
            self._desk.record_aggregation(
                now + 5 * MINUTE, "DELETE", "unpacking", pallet, quantities=[measure], more=operator
            )
            self._desk.record_object(
                now + 8 * MINUTE,
                "OBSERVE",
                "storing",
                "sellable_not_accessible",
                quantities=[measure],
                more=operator,
            )
            floor.at(now + 10 * MINUTE, shelve)

        def shelve(_: int) -> None:
            lot.add(amount)
            self._shelves[product.key].append(lot)
            self._ordered.discard(product.key)

        floor.at(received, receive)

    def use(self, mixing: Mixing, needs: dict[str, int], moment: int) -> list[dict[str, object]]:
        """Let ingredients go into a mixing, oldest lot first."""
        quantities = []
        for key, amount in needs.items():
            shelf = self._shelves[key]
            while amount:
                assert shelf, f"no {key} in store"
                lot = shelf[0]
                part = min(amount, lot.left)
                quantities.append(mixing.pour(lot, part, moment))
                amount -= part
                if lot.left == 0:
                    shelf.popleft()
            self._note_syrup(key, quantities, moment)
        return quantities

    def _note_syrup(self, key: str, used: list[dict[str, object]], moment: int) -> None:
        floor = self._floor
        if key == "syrup" and floor.day_of(moment) == floor.plan.correction:
            floor.story.note("shared_syrup", str(used[-1]["epcClass"]))


def _supplier_of(product: Product) -> str:
    if product.key in ("culture", "syrup"):
        return product.key
    return "fruit" if product.key in ("strawberry", "blueberry") else "packaging"
