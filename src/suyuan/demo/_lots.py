"""Lots by quantity, and what happens between going in and coming out. 批次与混合

A lot knows what is left of it, in whole steps (grams, millilitres, pieces). A mixing is one
transformation while it runs: a silo between two cleanings, a pasteuriser run, a filling order.
What is poured in mixes perfectly with what is there; what is drawn takes its share.

Both carry the planted contamination along, as a person with a notebook beside the machine
would: which lot has any of it, since when, how much. This is the demo's own bookkeeping and
owes nothing to any code that traces events. See `truth`.
"""

from __future__ import annotations

from suyuan.demo._containers import Container
from suyuan.demo._keys import lot_uri
from suyuan.demo._products import Product

__all__ = ["Lot", "Mixing"]


class Lot:
    """A quantity of one product under one lot number.

    `contaminated_mg` is how much of the planted contamination is in what is left;
    `reached_at` is the moment its first bit came in.
    """

    __slots__ = (
        "containers",
        "contaminated_in_mg",
        "contaminated_mg",
        "expiry",
        "holds_rework",
        "left",
        "number",
        "product",
        "reached_at",
        "sources",
        "uri",
    )

    def __init__(self, product: Product, number: str, *, expiry: str = "") -> None:
        self.product = product
        self.number = number
        self.uri = lot_uri(product.gtin, number)
        self.expiry = expiry
        self.holds_rework = False
        self.left = 0
        self.contaminated_mg = 0.0
        self.contaminated_in_mg = 0.0
        self.reached_at: int | None = None
        self.sources: list[Mixing] = []
        self.containers: list[Container] = []

    def measure(self, amount: int) -> dict[str, object]:
        """Write an amount of this lot as a quantity element."""
        element: dict[str, object] = {
            "epcClass": self.uri,
            "quantity": self.product.quantity(amount),
        }
        if self.product.uom is not None:
            element["uom"] = self.product.uom
        return element

    def take(self, amount: int) -> float:
        """Take an amount out and give the contamination that goes with it, in milligrams."""
        assert 0 < amount <= self.left, f"{self.uri}: {amount} wanted, {self.left} left"
        share = self.contaminated_mg * amount / self.left
        self.left -= amount
        self.contaminated_mg -= share
        return share

    def add(self, amount: int, source: Mixing | None = None, contaminated_mg: float = 0.0) -> None:
        """Put an amount in, from nowhere (received) or from a mixing (made)."""
        assert amount > 0, f"{self.uri}: nothing added"
        self.left += amount
        self.contaminated_mg += contaminated_mg
        self.contaminated_in_mg += contaminated_mg
        if source is not None and source not in self.sources:
            self.sources.append(source)


class Mixing:
    """One transformation while it runs: what has gone in and not yet come out."""

    __slots__ = ("contaminated_mg", "milligrams", "reached_at", "reached_by")

    def __init__(self) -> None:
        self.milligrams = 0
        self.contaminated_mg = 0.0
        self.reached_at: int | None = None
        self.reached_by: list[Lot] = []

    @property
    def grams(self) -> int:
        """Give what is inside, in whole grams."""
        return self.milligrams // 1000

    def pour(self, lot: Lot, amount: int, moment: int) -> dict[str, object]:
        """Let an amount of a lot go in, and give it as a quantity element."""
        self.contaminated_mg += lot.take(amount)
        self.milligrams += amount * lot.product.food_milligrams
        self.touch(lot, moment)
        return lot.measure(amount)

    def touch(self, lot: Lot, moment: int) -> None:
        """Note that a lot went in; after this, its contamination is in here as well."""
        if lot.reached_at is not None and lot.reached_at <= moment:
            if self.reached_at is None:
                self.reached_at = moment
            if lot not in self.reached_by:
                self.reached_by.append(lot)

    def draw(self, lot: Lot, amount: int, moment: int) -> dict[str, object]:
        """Let an amount come out into a lot, and give it as a quantity element."""
        milligrams = amount * lot.product.food_milligrams
        assert milligrams <= self.milligrams, f"{lot.uri}: more drawn than is inside"
        share = self.contaminated_mg * milligrams / self.milligrams
        self.milligrams -= milligrams
        self.contaminated_mg -= share
        lot.add(amount, self, share)
        if self.reached_at is not None and lot.reached_at is None:
            lot.reached_at = moment
        return lot.measure(amount)
