"""Lays boxes out from left to right: layers, and the order inside each. 谱系图布局

Pure. There are never more boxes than a reader can look at, so plain loops will do.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["lay_out"]

_SWEEPS = 6
Ends = Sequence[Sequence[int]]
"""By box, the boxes that it leads to."""


def lay_out(ends: Ends) -> tuple[list[int], list[int]]:
    """Give each box its layer and its place in the layer, from edges that may close circles."""
    kept = without_circles(ends)
    layers = layers_of(kept)
    return layers, _order_of(layers, kept)


def without_circles(ends: Ends) -> list[list[int]]:
    """Give every edge that closes no circle: rework leads back to where it came from."""
    count = len(ends)
    is_entered = [False] * count
    for some in ends:
        for one in some:
            is_entered[one] = True
    is_open, is_done = [False] * count, [False] * count
    kept: list[list[int]] = [[] for _ in range(count)]
    # What nothing leads to comes first, so that a circle is opened where it comes back.
    for root in sorted(range(count), key=lambda one: is_entered[one]):
        if is_done[root]:
            continue
        path = [(root, iter(ends[root]))]
        is_open[root] = True
        while path:
            here, rest = path[-1]
            following = next(rest, None)
            if following is None:
                is_open[here], is_done[here] = False, True
                path.pop()
            elif not is_open[following]:
                kept[here].append(following)
                if not is_done[following]:
                    is_open[following] = True
                    path.append((following, iter(ends[following])))
    return kept


def layers_of(kept: Ends) -> list[int]:
    """Give each box its layer: one more than the last of those that lead to it.

    What leads to something then stands just before it, not at the far left: edges stay short.
    """
    waiting = [0] * len(kept)
    for some in kept:
        for one in some:
            waiting[one] += 1
    layers = [0] * len(kept)
    ready = [one for one, left in enumerate(waiting) if not left]
    for here in ready:  # It grows as we go.
        for one in kept[here]:
            layers[one] = max(layers[one], layers[here] + 1)
            waiting[one] -= 1
            if not waiting[one]:
                ready.append(one)
    for here in reversed(ready):
        if kept[here]:
            layers[here] = max(layers[here], min(layers[one] for one in kept[here]) - 1)
    return layers


def _order_of(layers: Sequence[int], kept: Ends) -> list[int]:
    """Order each layer by the middle of the neighbours on the one side, then on the other."""
    columns: list[list[int]] = [[] for _ in range(max(layers, default=-1) + 1)]
    before: list[list[int]] = [[] for _ in kept]
    for one, layer in enumerate(layers):
        columns[layer].append(one)
        for other in kept[one]:
            before[other].append(one)
    place = [0.0] * len(kept)
    for column in columns:
        _note(column, place)
    for sweep in range(_SWEEPS):
        is_forward = sweep % 2 == 0
        neighbours = before if is_forward else kept
        for column in columns if is_forward else reversed(columns):
            middles = {
                one: sum(place[other] for other in neighbours[one]) / len(neighbours[one])
                if neighbours[one]
                else place[one]
                for one in column
            }
            column.sort(key=middles.__getitem__)
            _note(column, place)
    order = [0] * len(kept)
    for column in columns:
        for at, one in enumerate(column):
            order[one] = at
    return order


def _note(column: Sequence[int], place: list[float]) -> None:
    for at, one in enumerate(column):
        place[one] = (at + 0.5) / len(column)
