"""Stays: what was inside what, and fixed to what, from when to when. 在内与固定

Folded from the events in their order. An instance is inside one container at a time, and
fixed to one thing at a time; being put elsewhere, consumed or destroyed ends the stay, and
what is inside something that is consumed is consumed with it. Lots may be in many containers,
by quantity. Both ends of a stay belong to it. See docs/design/trace.md.

The fold goes on where it stopped. An event that comes late is folded in as it comes, if
nothing that it touches was touched by a later event; else it says so, and all is folded anew.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._columns import Arrays, Bytes, Codes, Floats, Ints, Marks, Small
from suyuan.trace._compiled import compiled, inlined

__all__ = ["FOREVER", "IS_FIXED", "IS_LOT", "LONG_AGO", "Folded", "fold_stays"]

FOREVER = np.iinfo(np.int64).max
LONG_AGO = np.iinfo(np.int64).min + 1
IS_FIXED, IS_LOT = 1, 2

_OBJECT, _AGGREGATION, _TRANSFORMATION, _ASSOCIATION = (
    int(EventType.OBJECT),
    int(EventType.AGGREGATION),
    int(EventType.TRANSFORMATION),
    int(EventType.ASSOCIATION),
)
_ADD, _DELETE = int(Action.ADD), int(Action.DELETE)
_EPC, _PARENT, _CHILD, _INPUT, _CHILD_QUANTITY = (
    int(Role.EPC),
    int(Role.PARENT),
    int(Role.CHILD),
    int(Role.INPUT),
    int(Role.CHILD_QUANTITY),
)
_NOTHING_LEFT = 1e-9  # Of what there was: decimal fractions are not exact in binary.
_STAYS, _CHANGES, _CONFLICTS, _TIES, _USES = range(5)


class Folded(NamedTuple):
    """What a fold of some events came to.

    `uses` are things inside containers that went into transformations: thing, event, whether
    it is a lot. `ties` are pairs of events at one moment whose order their IDs decide: as it
    was folded, the first came first.
    """

    stays: int
    changes: int
    is_in_order: bool
    uses: Ints
    ties: Ints


class _Fold(NamedTuple):
    times: Ints
    types: Bytes
    actions: Bytes
    starts: Ints
    roles: Bytes
    objects: Small
    quantities: Floats
    dimensions: Codes
    """By mention of this fold's events, from the first on."""
    children: Small
    parents: Small
    kinds: Marks
    opened_by: Small
    closed_by: Small
    next_inside: Small
    next_outside: Small
    open_before: Small
    open_after: Small
    last_change: Small
    change_stays: Small
    change_events: Small
    change_amounts: Floats
    change_dimensions: Codes
    change_before: Small
    first_inside: Small
    first_outside: Small
    first_open: Small
    touched_by: Small
    totals: Ints
    """How many stays, changes, conflicts, ties and uses there are."""
    ties: Ints
    first: int
    """The first event of this fold, and its first mention."""
    first_mention: int
    latest: int
    """The latest time of the events before."""


def fold_stays(
    arrays: Arrays,
    counts: dict[str, int],
    first: int,
    dimensions: npt.NDArray[np.int16],
    latest: int,
) -> Folded:
    """Fold the events from `first` on, which stand in the order of time and event ID.

    There is room for as many stays and changes as there are mentions. `dimensions` say what
    the quantities of these mentions measure; `latest` is the latest time of what was folded
    before.
    """
    totals = np.array([counts["stays"], counts["changes"], 0, 0, 0], np.int64)
    fold = _Fold(
        **{name: getattr(arrays, name) for name in _Fold._fields if hasattr(arrays, name)},
        dimensions=dimensions,
        totals=totals,
        ties=np.zeros((64, 2), np.int64),
        first=first,
        first_mention=int(arrays.starts[first]),
        latest=latest,
    )
    uses = _fold(fold, counts["events"])
    stays, changes, conflicts, ties, _ = totals.tolist()
    is_whole = ties <= len(fold.ties)
    return Folded(
        stays, changes, is_whole and not conflicts, uses.reshape(-1, 3), fold.ties[:ties].copy()
    )


@compiled
def _fold(fold: _Fold, last: int) -> Ints:
    types, actions, times = fold.types, fold.actions, fold.times
    starts, roles, objects = fold.starts, fold.roles, fold.objects
    uses = [np.int64(0) for _ in range(0)]
    opened = [(np.int64(0), np.int64(0)) for _ in range(0)]  # Containers used, by which events.
    for event in range(fold.first, last):
        kind, action = types[event], actions[event]
        if len(opened) > 0 and times[event] != times[opened[0][1]]:
            # What is put in at the very moment of use is used too, so all of it comes first.
            _open_up(fold, opened, uses)
        if kind in (_AGGREGATION, _ASSOCIATION):
            fixed = IS_FIXED if kind == _ASSOCIATION else 0
            container = _container(fold, event)
            if container >= 0:
                _touch(fold, event, container)
            if container >= 0 and action == _DELETE:
                _take_out(fold, event, container, fixed)
            elif container >= 0:
                _put_in(fold, event, container, fixed, action == _ADD)
        elif kind == _TRANSFORMATION:
            for at in range(starts[event], starts[event + 1]):
                if roles[at] == _INPUT:
                    opened.append((np.int64(objects[at]), np.int64(event)))
                    _consume(fold, event, objects[at])
        elif kind == _OBJECT and action == _DELETE:
            for at in range(starts[event], starts[event + 1]):
                if roles[at] == _EPC:
                    _touch(fold, event, objects[at])
                    _leave(fold, event, objects[at])
    if len(opened) > 0:
        _open_up(fold, opened, uses)
    return np.array(uses)


@compiled
def _touch(fold: _Fold, event: int, thing: int) -> None:
    """Note that an event changes the stays around a thing; find out whether it came too late."""
    before = fold.touched_by[thing] - 1
    if 0 <= before < fold.first:
        if fold.times[before] > fold.times[event]:
            fold.totals[_CONFLICTS] += 1
        elif fold.times[before] == fold.times[event]:
            # All that goes on at the moment of a use belongs to it.
            if fold.types[before] == _TRANSFORMATION:
                fold.totals[_CONFLICTS] += 1
            at = fold.totals[_TIES]
            if at < len(fold.ties):
                fold.ties[at, 0], fold.ties[at, 1] = before, event
            fold.totals[_TIES] = at + 1
    fold.touched_by[thing] = event + 1


@compiled
def _container(fold: _Fold, event: int) -> int:
    for at in range(fold.starts[event], fold.starts[event + 1]):
        if fold.roles[at] == _PARENT:
            return int(fold.objects[at])
    return -1


@compiled
def _put_in(fold: _Fold, event: int, container: int, fixed: int, is_added: bool) -> None:
    """Open stays: what is put in, or is seen inside, is inside."""
    # Taken out of the tuple once: most of what a fold does is done here.
    roles, objects, parent = fold.roles, fold.objects, fold.parents
    first_outside, touched_by = fold.first_outside, fold.touched_by
    for at in range(fold.starts[event], fold.starts[event + 1]):
        thing = objects[at]
        if roles[at] == _CHILD:
            if first_outside[thing] == 0 and touched_by[thing] == 0:
                touched_by[thing] = event + 1
                _open(fold, event, thing, container, fixed)
                continue
            stay = _stay_of(fold, thing, fixed)
            _touch(fold, event, thing)
            if stay != 0 and parent[stay] == container:
                continue
            if stay != 0:
                _close(fold, event, stay)
            _open(fold, event, thing, container, fixed)
        elif roles[at] == _CHILD_QUANTITY:
            _put_lot_in(fold, event, at, container, fixed, is_added)


@compiled
def _put_lot_in(
    fold: _Fold, event: int, at: int, container: int, fixed: int, is_added: bool
) -> None:
    amount, dimension = fold.quantities[at], fold.dimensions[at - fold.first_mention]
    stay = _open_lot(fold, fold.objects[at], container, fixed)
    if stay == 0:
        stay = _open(fold, event, fold.objects[at], container, fixed | IS_LOT)
        _note(fold, event, stay, amount, dimension)
        return
    last = fold.last_change[stay]
    left, measured = fold.change_amounts[last], fold.change_dimensions[last]
    if is_added:
        left = left + amount if measured == dimension else np.nan
    _note(fold, event, stay, left, measured)


@compiled
def _stay_of(fold: _Fold, thing: int, fixed: int) -> int:
    """Find the open stay of an instance, inside something or fixed to it; 0 for none."""
    stay = fold.first_outside[thing]
    while stay != 0:
        if fold.kinds[stay] == fixed:
            # The newest is the only one that may be open.
            return int(stay) if fold.closed_by[stay] < 0 else 0
        stay = fold.next_outside[stay]
    return 0


@inlined
def _open(fold: _Fold, event: int, thing: int, container: int, kind: int) -> int:
    stay = fold.totals[_STAYS]
    fold.children[stay] = thing
    fold.parents[stay] = container
    fold.kinds[stay] = kind
    fold.opened_by[stay] = event
    fold.closed_by[stay] = -1
    fold.next_inside[stay] = fold.first_inside[container]
    fold.next_outside[stay] = fold.first_outside[thing]
    following = fold.first_open[container]
    fold.open_before[stay] = 0
    fold.open_after[stay] = following
    if following != 0:
        fold.open_before[following] = stay
    fold.first_open[container] = stay
    fold.first_inside[container] = stay
    fold.first_outside[thing] = stay
    fold.totals[_STAYS] = stay + 1
    return int(stay)


@compiled
def _note(fold: _Fold, event: int, stay: int, left: float, dimension: int) -> None:
    """Note how much of a lot there is in a container from now on."""
    at = fold.totals[_CHANGES]
    fold.change_stays[at] = stay
    fold.change_events[at] = event
    fold.change_amounts[at] = left
    fold.change_dimensions[at] = dimension
    fold.change_before[at] = fold.last_change[stay]
    fold.last_change[stay] = at
    fold.totals[_CHANGES] = at + 1


@compiled
def _take_out(fold: _Fold, event: int, container: int, fixed: int) -> None:
    is_everything = True
    for at in range(fold.starts[event], fold.starts[event + 1]):
        role, thing = fold.roles[at], fold.objects[at]
        if role == _CHILD:
            is_everything = False
            _touch(fold, event, thing)
            stay = _stay_of(fold, thing, fixed)
            if stay != 0 and fold.parents[stay] == container:
                _close(fold, event, stay)
        elif role == _CHILD_QUANTITY:
            is_everything = False
            stay = _open_lot(fold, thing, container, fixed)
            if stay != 0 and _draw(fold, event, at, stay):
                _close(fold, event, stay)
    if is_everything:
        _look_for_later(fold, event, container)
        stay = fold.first_open[container]
        while stay != 0:
            following = fold.open_after[stay]
            if fold.kinds[stay] & IS_FIXED == fixed:
                if fold.kinds[stay] & IS_LOT == 0:
                    _touch(fold, event, fold.children[stay])
                _close(fold, event, stay)
            stay = following


@compiled
def _look_for_later(fold: _Fold, event: int, container: int) -> None:
    """Find out whether something left a container later than an event that comes too late."""
    moment = fold.times[event]
    if moment > fold.latest:
        return
    stay = fold.first_inside[container]
    while stay != 0:
        closed = fold.closed_by[stay]
        is_before = fold.times[fold.opened_by[stay]] <= moment
        if 0 <= closed < fold.first and is_before and fold.times[closed] >= moment:
            fold.totals[_CONFLICTS] += 1
        stay = fold.next_inside[stay]


@compiled
def _draw(fold: _Fold, event: int, at: int, stay: int) -> bool:
    """Take some of a lot out of a container; tell whether nothing is left."""
    last = fold.last_change[stay]
    had, measured = fold.change_amounts[last], fold.change_dimensions[last]
    amount = fold.quantities[at]
    is_empty = False
    if np.isnan(amount):
        is_empty = True
    elif fold.dimensions[at - fold.first_mention] != measured or np.isnan(had):
        had = np.nan
    else:
        is_empty = had - amount <= _NOTHING_LEFT * max(had, amount)
        had -= amount
    _note(fold, event, stay, had, measured)
    return bool(is_empty)


@compiled
def _consume(fold: _Fold, event: int, thing: int) -> None:
    """End the stays of an instance that is used up, and of all that is inside, however deep."""
    if fold.first_inside[thing] == 0:
        _touch(fold, event, thing)
        _leave(fold, event, thing)
        return
    waiting = [thing]
    while len(waiting) > 0:
        container = waiting.pop()
        _touch(fold, event, container)
        _look_for_later(fold, event, container)
        stay = fold.first_open[container]
        while stay != 0:
            following = fold.open_after[stay]
            if fold.kinds[stay] & IS_LOT == 0:
                waiting.append(fold.children[stay])
            _close(fold, event, stay)
            stay = following
        _leave(fold, event, container)


@compiled
def _leave(fold: _Fold, event: int, thing: int) -> None:
    """End the stays of an instance, inside and fixed."""
    for fixed in range(2):
        stay = _stay_of(fold, thing, fixed)
        if stay != 0:
            _close(fold, event, stay)


@compiled
def _close(fold: _Fold, event: int, stay: int) -> None:
    """End a stay, and take it out of the open stays of its container."""
    fold.closed_by[stay] = event
    before, after = fold.open_before[stay], fold.open_after[stay]
    if before != 0:
        fold.open_after[before] = after
    else:
        fold.first_open[fold.parents[stay]] = after
    if after != 0:
        fold.open_before[after] = before


@compiled
def _open_lot(fold: _Fold, lot: int, container: int, fixed: int) -> int:
    """Find the open stay of a lot in a container; 0 for none."""
    stay = fold.first_open[container]
    while stay != 0:
        if fold.children[stay] == lot and fold.kinds[stay] == fixed | IS_LOT:
            return int(stay)
        stay = fold.open_after[stay]
    return 0


@compiled
def _open_up(fold: _Fold, opened: list[tuple[np.int64, np.int64]], uses: list[np.int64]) -> None:
    """Give what was inside each container at the moment of its use, however deep."""
    for container, event in opened:
        if fold.first_inside[container] == 0:
            continue
        moment = fold.times[event]
        seen = {container}
        waiting = [container]
        while len(waiting) > 0:
            stay = fold.first_inside[waiting.pop()]
            while stay != 0:
                thing = np.int64(fold.children[stay])
                closed = fold.closed_by[stay]
                is_there = fold.times[fold.opened_by[stay]] <= moment and (
                    closed < 0 or fold.times[closed] >= moment
                )
                is_lot = fold.kinds[stay] & IS_LOT != 0
                stay = fold.next_inside[stay]
                if not is_there or thing in seen:
                    continue
                uses.append(thing)
                uses.append(event)
                uses.append(np.int64(is_lot))
                if not is_lot:
                    seen.add(thing)
                    waiting.append(thing)
    opened.clear()
