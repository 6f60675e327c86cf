"""Shapes out of GeoJSON: points, lines and areas, with every fault at its place. 几何图形

Source: RFC 7946, section 3.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from suyuan.errors import Problem

__all__ = [
    "GEOMETRY_TYPES",
    "POSITIONS_MAX",
    "PROBLEMS_MAX",
    "Faults",
    "Position",
    "Shape",
    "read_geometry",
    "shown",
]

POSITIONS_MAX = 200_000  # More than any browser draws smoothly, and than any plan needs.
PROBLEMS_MAX = 1_000  # As many as an answer shows.
_COORDINATE_MAX = 1e9  # A plan in metres has room for the Earth many times over.
_NESTED_MAX = 8
_SHOWN_CHARACTERS = 80

Position = tuple[float, float]


class Shape(msgspec.Struct):
    """What a feature looks like."""

    points: list[Position] = []
    lines: list[list[Position]] = []
    areas: list[list[list[Position]]] = []
    """Each area is its outer ring, and after it those of its holes."""


class Faults:
    """Everything that is wrong with a text, as far as it can be shown."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.left = POSITIONS_MAX

    def say(self, code: str, where: str, *, expected: str = "", found: object = "") -> None:
        """Note a fault."""
        if len(self.problems) < PROBLEMS_MAX:
            text = found[:_SHOWN_CHARACTERS] if isinstance(found, str) else shown(found)
            self.problems.append(
                Problem(code=code, where=where or "/", expected=expected, found=text)
            )


def shown(value: object) -> str:
    """Give what was found as JSON, not all of it when it is long."""
    if value is msgspec.UNSET:
        return "—"
    # What is deep or long is not written out only to be cut off.
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list) and (
        len(value) > 4 or any(isinstance(one, list | dict) for one in value)
    ):
        return f"[…] ({len(value)})"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def read_geometry(value: object, where: str, faults: Faults, shape: Shape, depth: int = 0) -> None:
    """Add what a geometry draws to a shape. Never raises: what is wrong goes to `faults`."""
    if not isinstance(value, dict):
        faults.say("place_map.member_wrong", where, expected="a geometry", found=value)
        return
    kind = value.get("type", msgspec.UNSET)
    if kind == "GeometryCollection":
        _read_collection(value, where, faults, shape, depth)
        return
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        expected = ", ".join(GEOMETRY_TYPES)
        faults.say("place_map.type_wrong", f"{where}/type", expected=expected, found=kind)
        return
    read(value.get("coordinates", msgspec.UNSET), f"{where}/coordinates", faults, shape)


def _read_collection(
    value: dict[str, Any], where: str, faults: Faults, shape: Shape, depth: int
) -> None:
    if depth >= _NESTED_MAX:
        faults.say("place_map.nested_too_deep", where, expected=str(_NESTED_MAX))
        return
    geometries = value.get("geometries", msgspec.UNSET)
    for at, geometry in enumerate(_list(geometries, f"{where}/geometries", faults)):
        read_geometry(geometry, f"{where}/geometries/{at}", faults, shape, depth + 1)


def _list(value: object, where: str, faults: Faults) -> list[Any]:
    if isinstance(value, list):
        return value
    faults.say("place_map.member_wrong", where, expected="a list", found=value)
    return []


def _position(value: object, where: str, faults: Faults) -> Position:
    """Read a position; a third number, the height, may stand there and is not drawn."""
    faults.left -= 1
    if faults.left == -1:
        faults.say("place_map.positions_too_many", where, expected=str(POSITIONS_MAX))
    if isinstance(value, list) and len(value) in (2, 3) and all(map(_is_number, value)):
        return float(value[0]), float(value[1])
    faults.say("place_map.position_wrong", where, expected="[x, y]", found=value)
    return 0.0, 0.0


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) <= _COORDINATE_MAX
    )


def _positions(value: object, where: str, faults: Faults) -> list[Position]:
    return [
        _position(one, f"{where}/{at}", faults)
        for at, one in enumerate(_list(value, where, faults))
    ]


def _point(value: object, where: str, faults: Faults, shape: Shape) -> None:
    shape.points.append(_position(value, where, faults))


def _line(value: object, where: str, faults: Faults, shape: Shape) -> None:
    line = _positions(value, where, faults)
    if isinstance(value, list) and len(line) < 2:
        faults.say("place_map.line_short", where, expected="2", found=str(len(line)))
    shape.lines.append(line)


def _area(value: object, where: str, faults: Faults, shape: Shape) -> None:
    rings = [
        _ring(one, f"{where}/{at}", faults) for at, one in enumerate(_list(value, where, faults))
    ]
    if isinstance(value, list) and not rings:
        faults.say("place_map.member_wrong", where, expected="a ring", found="—")
    shape.areas.append(rings)


def _ring(value: object, where: str, faults: Faults) -> list[Position]:
    before = len(faults.problems)
    ring = _positions(value, where, faults)
    if len(faults.problems) > before:
        return ring
    if len(ring) < 4:
        faults.say("place_map.ring_short", where, expected="4", found=str(len(ring)))
    elif ring[0] != ring[-1]:
        faults.say(
            "place_map.ring_open",
            f"{where}/{len(ring) - 1}",
            expected=shown(ring[0]),
            found=shown(ring[-1]),
        )
    return ring


_Read = Callable[[object, str, Faults, Shape], None]


def _many(read: _Read) -> _Read:
    def read_all(value: object, where: str, faults: Faults, shape: Shape) -> None:
        for at, one in enumerate(_list(value, where, faults)):
            read(one, f"{where}/{at}", faults, shape)

    return read_all


_READERS: dict[str, _Read] = {
    "Point": _point,
    "MultiPoint": _many(_point),
    "LineString": _line,
    "MultiLineString": _many(_line),
    "Polygon": _area,
    "MultiPolygon": _many(_area),
}
GEOMETRY_TYPES = (*_READERS, "GeometryCollection")
"""What a geometry may be (RFC 7946, 1.4)."""
