"""Stays: what was inside what, and fixed to what, from when to when. 在内与固定

Folded from the events in their order. An instance is inside one container at a time, and
fixed to one thing at a time; being put elsewhere, consumed or destroyed ends the stay, and
what is inside something that is consumed is consumed with it. Lots may be in many containers,
by quantity. Both ends of a stay belong to it. See docs/design/trace.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Facts, Ints

__all__ = ["FOREVER", "LONG_AGO", "Stays", "fold_stays"]

FOREVER = np.iinfo(np.int64).max
LONG_AGO = np.iinfo(np.int64).min + 1

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


@dataclass(frozen=True)
class Stays:
    """One row a stay, in the order in which they were opened. Events by their place in facts."""

    children: Ints
    parents: Ints
    is_fixed: npt.NDArray[np.bool_]
    is_lot: npt.NDArray[np.bool_]
    starts: Ints
    ends: Ints
    opened_by: Ints
    closed_by: Ints
    """-1 while it is open."""
    changed: Ints
    """Stays of lots, once for each event that changed how much was there, in their order."""
    changed_by: Ints
    changed_to: npt.NDArray[np.float64]
    """How much there was from then on, not-a-number where it can't be known."""
    changed_in: npt.NDArray[np.int16]
    """What that measures."""


class _Said(NamedTuple):
    """The events and their mentions, as `Facts` has them."""

    times: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    starts: Ints
    roles: npt.NDArray[np.int8]
    objects: Ints
    quantities: npt.NDArray[np.float64]
    dimensions: npt.NDArray[np.int16]


class _Fold(NamedTuple):
    """The stays so far, and which of them are open."""

    child: Ints
    parent: Ints
    is_fixed: npt.NDArray[np.bool_]
    is_lot: npt.NDArray[np.bool_]
    start: Ints
    end: Ints
    opened_by: Ints
    closed_by: Ints
    left: npt.NDArray[np.float64]
    """How much of a lot is there still; not-a-number where that can't be known."""
    dimension: npt.NDArray[np.int16]
    current: Ints
    """The open stay of each instance, inside (row 0) and fixed (row 1); -1 for none."""
    first: Ints
    """The first of the open stays in each container, linked by `before` and `after`."""
    before: Ints
    after: Ints
    changed: Ints
    changed_by: Ints
    changed_to: npt.NDArray[np.float64]
    total: Ints
    """Two elements: how many stays there are, and how many changes of lots."""


def fold_stays(facts: Facts) -> Stays:
    """Find every stay that the events tell of."""
    is_child = (facts.roles == _CHILD) | (facts.roles == _CHILD_QUANTITY)
    most, objects = int(is_child.sum()), len(facts.classes)
    changes = int((facts.roles == _CHILD_QUANTITY).sum())
    said = _Said(
        *(facts.times, facts.types, facts.actions, facts.starts),
        *(facts.roles, facts.objects, facts.quantities, facts.dimensions),
    )
    none = np.full(most, -1, np.int64)
    fold = _Fold(
        *(none.copy(), none.copy(), np.zeros(most, bool), np.zeros(most, bool)),
        *(none.copy(), np.full(most, FOREVER, np.int64), none.copy(), none.copy()),
        *(np.zeros(most, np.float64), np.zeros(most, np.int16)),
        *(np.full((2, objects), -1, np.int64), np.full(objects, -1, np.int64)),
        *(none.copy(), none.copy(), np.zeros(changes, np.int64), np.zeros(changes, np.int64)),
        *(np.zeros(changes, np.float64), np.zeros(2, np.int64)),
    )
    _fold(said, fold)
    count, changes = fold.total.tolist()
    order = np.argsort(fold.changed[:changes], kind="stable")
    return Stays(
        *(fold.child[:count].copy(), fold.parent[:count].copy()),
        *(fold.is_fixed[:count].copy(), fold.is_lot[:count].copy()),
        *(fold.start[:count].copy(), fold.end[:count].copy()),
        *(fold.opened_by[:count].copy(), fold.closed_by[:count].copy()),
        *(fold.changed[order], fold.changed_by[order]),
        fold.changed_to[order],
        fold.dimension[fold.changed[order]],
    )


@compiled
def _fold(said: _Said, fold: _Fold) -> None:
    for event in range(len(said.types)):
        kind, action = said.types[event], said.actions[event]
        if kind in (_AGGREGATION, _ASSOCIATION):
            fixed = 1 if kind == _ASSOCIATION else 0
            container = _container(said, event)
            if container >= 0 and action == _DELETE:
                _take_out(said, fold, event, container, fixed)
            elif container >= 0:
                _put_in(said, fold, event, container, fixed, action == _ADD)
        elif kind == _TRANSFORMATION:
            for at in range(said.starts[event], said.starts[event + 1]):
                if said.roles[at] == _INPUT:
                    _consume(said, fold, event, said.objects[at])
        elif kind == _OBJECT and action == _DELETE:
            for at in range(said.starts[event], said.starts[event + 1]):
                if said.roles[at] == _EPC:
                    _leave(said, fold, event, said.objects[at])


@compiled
def _container(said: _Said, event: int) -> int:
    for at in range(said.starts[event], said.starts[event + 1]):
        if said.roles[at] == _PARENT:
            return int(said.objects[at])
    return -1


@compiled
def _put_in(
    said: _Said, fold: _Fold, event: int, container: int, fixed: int, is_added: bool
) -> None:
    """Open stays: what is put in, or is seen inside, is inside."""
    for at in range(said.starts[event], said.starts[event + 1]):
        thing = said.objects[at]
        if said.roles[at] == _CHILD:
            stay = fold.current[fixed, thing]
            if stay >= 0 and fold.parent[stay] == container:
                continue
            if stay >= 0:
                _close(said, fold, event, stay)
            fold.current[fixed, thing] = fold.total[0]
            _open(said, fold, event, thing, container, fixed)
        elif said.roles[at] == _CHILD_QUANTITY:
            stay = _open_lot(fold, thing, container, fixed)
            if stay < 0:
                stay = fold.total[0]
                fold.is_lot[stay] = True
                fold.left[stay] = said.quantities[at]
                fold.dimension[stay] = said.dimensions[at]
                _open(said, fold, event, thing, container, fixed)
            elif is_added and said.dimensions[at] == fold.dimension[stay]:
                fold.left[stay] += said.quantities[at]
            elif is_added:
                fold.left[stay] = np.nan
            _note(fold, event, stay)


@compiled
def _open(said: _Said, fold: _Fold, event: int, thing: int, container: int, fixed: int) -> None:
    stay = fold.total[0]
    fold.child[stay] = thing
    fold.parent[stay] = container
    fold.is_fixed[stay] = fixed == 1
    fold.start[stay] = said.times[event]
    fold.opened_by[stay] = event
    following = fold.first[container]
    fold.after[stay] = following
    if following >= 0:
        fold.before[following] = stay
    fold.first[container] = stay
    fold.total[0] = stay + 1


@compiled
def _note(fold: _Fold, event: int, stay: int) -> None:
    """Note how much of a lot there is in a container from now on."""
    at = fold.total[1]
    fold.changed[at] = stay
    fold.changed_by[at] = event
    fold.changed_to[at] = fold.left[stay]
    fold.total[1] = at + 1


@compiled
def _take_out(said: _Said, fold: _Fold, event: int, container: int, fixed: int) -> None:
    is_everything = True
    for at in range(said.starts[event], said.starts[event + 1]):
        role, thing = said.roles[at], said.objects[at]
        if role == _CHILD:
            is_everything = False
            stay = fold.current[fixed, thing]
            if stay >= 0 and fold.parent[stay] == container:
                _close(said, fold, event, stay)
        elif role == _CHILD_QUANTITY:
            is_everything = False
            stay = _open_lot(fold, thing, container, fixed)
            if stay >= 0:
                if _draw(said, fold, at, stay):
                    _close(said, fold, event, stay)
                _note(fold, event, stay)
    if is_everything:
        stay = fold.first[container]
        while stay >= 0:
            following = fold.after[stay]
            if fold.is_fixed[stay] == (fixed == 1):
                _close(said, fold, event, stay)
            stay = following


@compiled
def _draw(said: _Said, fold: _Fold, at: int, stay: int) -> bool:
    """Take some of a lot out of a container; tell whether nothing is left."""
    amount, had = said.quantities[at], fold.left[stay]
    if np.isnan(amount):
        return True
    if said.dimensions[at] != fold.dimension[stay] or np.isnan(had):
        fold.left[stay] = np.nan
        return False
    fold.left[stay] = had - amount
    return bool(had - amount <= _NOTHING_LEFT * max(had, amount))


@compiled
def _consume(said: _Said, fold: _Fold, event: int, thing: int) -> None:
    """End the stays of an instance that is used up, and of all that is inside, however deep."""
    waiting = [thing]
    while len(waiting) > 0:
        container = waiting.pop()
        stay = fold.first[container]
        while stay >= 0:
            following = fold.after[stay]
            if not fold.is_lot[stay]:
                waiting.append(fold.child[stay])
            _close(said, fold, event, stay)
            stay = following
        _leave(said, fold, event, container)


@compiled
def _leave(said: _Said, fold: _Fold, event: int, thing: int) -> None:
    """End the stays of an instance, inside and fixed."""
    for fixed in range(2):
        if fold.current[fixed, thing] >= 0:
            _close(said, fold, event, fold.current[fixed, thing])


@compiled
def _close(said: _Said, fold: _Fold, event: int, stay: int) -> None:
    """End a stay, and take it out of the open stays of its container."""
    fold.end[stay] = said.times[event]
    fold.closed_by[stay] = event
    if not fold.is_lot[stay]:
        fold.current[1 if fold.is_fixed[stay] else 0, fold.child[stay]] = -1
    before, after = fold.before[stay], fold.after[stay]
    if before >= 0:
        fold.after[before] = after
    else:
        fold.first[fold.parent[stay]] = after
    if after >= 0:
        fold.before[after] = before


@compiled
def _open_lot(fold: _Fold, lot: int, container: int, fixed: int) -> int:
    """Find the open stay of a lot in a container; -1 for none."""
    stay = fold.first[container]
    while stay >= 0:
        if fold.is_lot[stay] and fold.child[stay] == lot and fold.is_fixed[stay] == (fixed == 1):
            return int(stay)
        stay = fold.after[stay]
    return -1
