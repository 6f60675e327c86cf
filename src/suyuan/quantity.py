"""Quantities and their units: codes of UN/ECE Recommendation 20, exact conversion. 数量与单位

EPCIS 2.0 gives every quantity and sensor value its unit as such a code (`KGM`, `CEL`). A
unit belongs to a dimension, and is tied to that dimension's base unit by a straight line:
base = value · factor + offset. Factors are exact fractions, so that nothing is lost on the
way there and back. The table is `units.csv` beside this module: the codes that a plant
meets, not all of the two thousand. What is not in it can be stored, but not converted.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from suyuan.errors import InvalidInput, Problem

__all__ = ["Quantity", "Unit", "convert", "find_unit", "units", "units_like"]

_DIGITS = Context(prec=34)  # As IEEE 754 decimal128: more than any instrument shows.


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its code, what it measures, and the line to the base unit of that dimension."""

    code: str
    dimension: str
    factor: Fraction
    offset: Fraction
    symbol: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """So much of a unit. `uom` is a code of UN/ECE Recommendation 20."""

    value: Decimal
    uom: str

    def to(self, uom: str) -> Quantity:
        """Say the same in another unit. Raises InvalidInput as `convert` does."""
        return Quantity(convert(self.value, self.uom, uom), uom)


@cache
def units() -> Mapping[str, Unit]:
    """Give every unit that can be converted, by its code."""
    page = files("suyuan").joinpath("units.csv").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            row["code"]: Unit(
                row["code"],
                row["dimension"],
                Fraction(row["factor"]),
                Fraction(row["offset"] or 0),
                row["symbol"],
            )
            for row in csv.DictReader(page.splitlines())
        }
    )


def find_unit(uom: str) -> Unit:
    """Give the unit of a code. Raises InvalidInput `quantity.unit_unknown`."""
    unit = units().get(uom)
    if unit is None:
        raise InvalidInput(
            Problem(
                code="quantity.unit_unknown",
                rule="UN/ECE Recommendation 20",
                found=uom,
            )
        )
    return unit


@cache
def units_like(uom: str) -> tuple[Unit, ...]:
    """Give every unit of the same dimension, this one among them.

    Raises InvalidInput `quantity.unit_unknown`.
    """
    dimension = find_unit(uom).dimension
    return tuple(unit for unit in units().values() if unit.dimension == dimension)


def convert(value: Decimal, uom: str, wanted: str, *, is_difference: bool = False) -> Decimal:
    """Say a value in another unit of the same dimension, to 34 digits.

    `is_difference` leaves the offset out: a spread of 1 °C is one of 1.8 °F, not of 33.8.
    Raises InvalidInput `quantity.unit_unknown`, `quantity.units_incompatible`.
    """
    if uom == wanted:
        return value
    here, there = find_unit(uom), find_unit(wanted)
    if here.dimension != there.dimension:
        raise InvalidInput(
            Problem(
                code="quantity.units_incompatible",
                expected=here.dimension,
                found=there.dimension,
                values={"uom": uom, "wanted": wanted},
            )
        )
    base = Fraction(value) * here.factor
    if not is_difference:
        base += here.offset - there.offset
    result = base / there.factor
    return _DIGITS.divide(Decimal(result.numerator), Decimal(result.denominator))
