"""Where the mark of a place stands: a point in the middle of what is drawn for it. 标记点"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from suyuan.place_map._geometry import Position, Shape

__all__ = ["anchor_of"]

_Ring = Sequence[Position]


def anchor_of(shape: Shape) -> Position | None:
    """Give a point inside the largest area, else halfway along a line, else the first point."""
    outer = [area[0] for area in shape.areas if area]
    if outer:
        return _inside(max(outer, key=lambda ring: abs(_doubled_area(ring))))
    if shape.lines:
        return _halfway(max(shape.lines, key=_length))
    return shape.points[0] if shape.points else None


def _doubled_area(ring: _Ring) -> float:
    """Give twice the area, signed; measured from the first corner, so that digits last."""
    x, y = ring[0]
    return sum((a - x) * (d - y) - (c - x) * (b - y) for (a, b), (c, d) in itertools.pairwise(ring))


def _centroid(ring: _Ring) -> Position:
    x, y = ring[0]
    doubled = _doubled_area(ring)
    if not doubled:
        return sum(a for a, _ in ring) / len(ring), sum(b for _, b in ring) / len(ring)
    east = north = 0.0
    for (a, b), (c, d) in itertools.pairwise(ring):
        weight = (a - x) * (d - y) - (c - x) * (b - y)
        east += (a + c - 2 * x) * weight
        north += (b + d - 2 * y) * weight
    return x + east / (3 * doubled), y + north / (3 * doubled)


def _inside(ring: _Ring) -> Position:
    """Give the centre of an area; where that lies outside, the middle of the widest cut.

    The centre of an L lies in its bay; that of a ring that crosses itself may lie anywhere.
    """
    x, y = _centroid(ring)
    pairs = _cuts(ring, y)
    if any(left <= x <= right for left, right in pairs):
        return x, y
    heights = [height for _, height in ring]
    if not pairs:
        y = (min(heights) + max(heights)) / 2
        pairs = _cuts(ring, y)
    if not pairs:  # It has no area at all.
        return sum(east for east, _ in ring) / len(ring), sum(heights) / len(ring)
    left, right = max(pairs, key=lambda pair: pair[1] - pair[0])
    return (left + right) / 2, y


def _cuts(ring: _Ring, y: float) -> list[Position]:
    """Give where a level line goes into the area and out of it again."""
    crossings = sorted(
        a + (y - b) * (c - a) / (d - b)
        for (a, b), (c, d) in itertools.pairwise(ring)
        if (b > y) != (d > y)
    )
    return list(zip(crossings[::2], crossings[1::2], strict=False))


def _steps(line: _Ring) -> list[float]:
    return [((c - a) ** 2 + (d - b) ** 2) ** 0.5 for (a, b), (c, d) in itertools.pairwise(line)]


def _length(line: _Ring) -> float:
    return sum(_steps(line))


def _halfway(line: _Ring) -> Position:
    left = _length(line) / 2
    for (a, b), (c, d), step in zip(line, line[1:], _steps(line), strict=False):
        if step and left <= step:
            return a + (c - a) * left / step, b + (d - b) * left / step
        left -= step
    return line[0]
