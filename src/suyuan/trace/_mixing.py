"""Mixing: what each event moves, from heap to pot and from pot to heap. 逐事件混合

Events that move nothing of what is followed do nothing here.
"""

from __future__ import annotations

import numpy as np

from suyuan.event import Action, EventType, Role
from suyuan.trace._books import (
    BORN_MADE,
    MADE_HERE,
    RECEIVED,
    Around,
    Kin,
    Moves,
    Said,
    held,
    open_up,
)
from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Step
from suyuan.trace._heaps import (
    Ahead,
    Heap,
    Now,
    Pot,
    State,
    Thing,
    compared,
    draw,
    draw_instance,
    let_be,
    let_in,
    measured,
    own,
    pour,
    pour_out,
    put,
    take,
)

__all__ = ["happen", "look_ahead"]

_OBJECT, _TRANSFORMATION = int(EventType.OBJECT), int(EventType.TRANSFORMATION)
_ADD, _DELETE = int(Action.ADD), int(Action.DELETE)
_RECEIVING, _SHIPPING, _SELLING, _DESTROYING = (
    int(Step.RECEIVING),
    int(Step.SHIPPING),
    int(Step.RETAIL_SELLING),
    int(Step.DESTROYING),
)
_EPC, _INPUT, _OUTPUT = int(Role.EPC), int(Role.INPUT), int(Role.OUTPUT)
_QUANTITY, _INPUT_QUANTITY, _OUTPUT_QUANTITY = (
    int(Role.QUANTITY),
    int(Role.INPUT_QUANTITY),
    int(Role.OUTPUT_QUANTITY),
)


@compiled
def happen(said: Said, moves: Moves, around: Around, kin: Kin, state: State, event: int) -> None:
    """Let one event happen."""
    kind, action, step = said.types[event], said.actions[event], said.steps[event]
    _be_born(said, moves, kin, state, event)
    if kind == _TRANSFORMATION:
        pot = state.pot_of[moves.transformation_of[event]]
        _go_in(said, around, state, event, pot)
        _come_out(said, kin, state, event, pot)
    elif kind == _OBJECT:
        if action == _ADD:
            _commission(said, state, event)
        elif step in (_SHIPPING, _SELLING):
            _ship(said, around, state, event)
        elif action == _DELETE:
            _scrap(said, around, state, event)
        elif step == _RECEIVING:
            _receive(said, moves, around, state, event)


@compiled
def look_ahead(said: Said, moves: Moves, state: State, transformation: int) -> None:
    """Work out, from the last event of a transformation on, what is still to come out."""
    rest, kind, is_closed = 0.0, 0, True
    first, end = moves.runs_starts[transformation], moves.runs_starts[transformation + 1]
    for at in range(end - 1, first - 1, -1):
        event = moves.runs[at]
        ahead: Ahead = state.ahead[event]
        ahead.is_closed = is_closed
        for mention in range(said.starts[event], said.starts[event + 1]):
            role = said.roles[mention]
            if role in (_INPUT, _INPUT_QUANTITY):
                is_closed = False
            elif role in (_OUTPUT, _OUTPUT_QUANTITY):
                quantity, other = _out(said, state.now[0], mention)
                kind = other if kind == 0 else kind
                rest += quantity if other == kind else np.nan
        ahead.rest = rest


@compiled
def _out(said: Said, now: Now, mention: int) -> tuple[float, int]:
    """Give how much comes out, and what compares with it; an instance is one piece."""
    number = said.objects[mention]
    product = said.classes[number] if said.classes[number] > 0 else number
    if said.roles[mention] == _OUTPUT:
        return 1.0, compared(now, product, 1.0, now.piece)
    quantity, dimension = said.quantities[mention], said.dimensions[mention]
    return quantity, compared(now, product, quantity, dimension)


@compiled
def _be_born(said: Said, moves: Moves, kin: Kin, state: State, event: int) -> None:
    """Let the instances be there that are commissioned or first named here, out of their lots."""
    now: Now = state.now[0]
    place, things, here, time = state.place, state.things, state.here, said.times[event]
    starts, kin_lots, marks = kin.lots_starts, kin.lots, moves.marks
    roles, objects = said.roles, said.objects
    for mention in range(said.starts[event], said.starts[event + 1]):
        at = place[objects[mention]]
        thing: Thing = things[at]
        if thing.birth != event or roles[mention] > _OUTPUT:
            continue
        thing.birth = -1  # Once.
        number = thing.number
        if marks[number] & BORN_MADE:
            continue
        lots, lot, is_touched, share = 0, 0, False, 0.0
        for of_lot in range(starts[number], starts[number + 1]):
            lots += 1
            lot = kin_lots[of_lot]
            is_touched = is_touched or here[place[lot]].is_touched
        if lots > 1 and is_touched:
            # Out of which of them? Both may hold some of the start.
            share = np.nan
            own(kin, state, number)
        elif lots == 1 and marks[lot] & (MADE_HERE | RECEIVED):
            of = place[lot]
            share = draw(now, things[of], here[of], 1.0, now.piece, time, False)
        let_be(now, thing, here[at], share, time)


@compiled
def _commission(said: Said, state: State, event: int) -> None:
    """Let lots come into being by quantity."""
    for mention in range(said.starts[event], said.starts[event + 1]):
        at = state.place[said.objects[mention]]
        thing: Thing = state.things[at]
        if said.roles[mention] == _QUANTITY and thing.is_followed:
            heap: Heap = state.here[at]
            amount = measured(heap, said.quantities[mention], said.dimensions[mention])
            let_in(state.now[0], thing, heap, amount, 0.0, said.times[event])


@compiled
def _named(
    said: Said, around: Around, state: State, event: int, role: int, is_all: bool, is_opened: bool
) -> tuple[list[int], list[int]]:
    """Give the instances that an event names in a role, with all inside, and stays of lots.

    If not `is_all`, only what has a place here.
    """
    things = [0 for _ in range(0)]
    stays = [0 for _ in range(0)]
    for mention in range(said.starts[event], said.starts[event + 1]):
        number = int(said.objects[mention])
        if said.roles[mention] == role and (is_all or state.place[number] != 0):
            things.append(number)
    if is_opened and len(things) > 0:
        state.now[0].token += 1
        token = state.now[0].token
        open_up(around, event, things, stays, state.stamps, token, state.place, is_all)
    return things, stays


@compiled
def _go_in(said: Said, around: Around, state: State, event: int, pot_at: int) -> None:
    """Draw what goes into a transformation."""
    now: Now = state.now[0]
    pot: Pot = state.pots[pot_at]  # What is poured into the first is not looked at.
    place, time, classes = state.place, said.times[event], said.classes
    things, here = state.things, state.here
    named, stays = _named(said, around, state, event, _INPUT, pot_at > 0, True)
    for number in named:
        at = place[number]
        share = draw_instance(now, things[at], here[at], time, True)
        product = classes[number] if classes[number] > 0 else number
        pour(pot, share, compared(now, product, 1.0, now.piece), 1.0)
    for stay in stays:
        number = around.stays[stay].child
        at = place[number]
        quantity, dimension = held(around, stay, event)
        share = draw(now, things[at], here[at], quantity, dimension, time, True)
        product = classes[number] if classes[number] > 0 else number
        pour(pot, share, compared(now, product, quantity, dimension), quantity)
    for mention in range(said.starts[event], said.starts[event + 1]):
        if said.roles[mention] == _INPUT_QUANTITY:
            number = said.objects[mention]
            at = place[number]
            quantity, dimension = said.quantities[mention], said.dimensions[mention]
            share = draw(now, things[at], here[at], quantity, dimension, time, True)
            product = classes[number] if classes[number] > 0 else number
            pour(pot, share, compared(now, product, quantity, dimension), quantity)


@compiled
def _come_out(said: Said, kin: Kin, state: State, event: int, pot_at: int) -> None:
    """Share what is in a transformation among what comes out."""
    now: Now = state.now[0]
    pot: Pot = state.pots[pot_at]
    place, things, here, time = state.place, state.things, state.here, said.times[event]
    roles, objects, first, end = (
        said.roles,
        said.objects,
        said.starts[event],
        said.starts[event + 1],
    )
    each = 0.0
    if pot_at > 0:
        whole, outs, is_alike = 0.0, 0, True
        for mention in range(first, end):
            if roles[mention] == _OUTPUT or roles[mention] == _OUTPUT_QUANTITY:
                quantity, kind = _out(said, now, mention)
                whole, outs = whole + quantity, outs + 1
                is_alike = is_alike and kind == pot.kind
        if outs == 0:
            return
        each = pour_out(pot, state.ahead[event], whole, is_alike)
    for mention in range(first, end):
        at = place[objects[mention]]
        thing: Thing = things[at]
        if not thing.is_followed:
            continue
        if roles[mention] == _OUTPUT:
            if each != 0:
                own(kin, state, thing.number)
            let_be(now, thing, here[at], each, time)
        elif roles[mention] == _OUTPUT_QUANTITY:
            quantity = said.quantities[mention]
            share = 0.0 if each == 0 else each * quantity
            amount = measured(here[at], quantity, said.dimensions[mention])
            let_in(now, thing, here[at], amount, share, time)


@compiled
def _ship(said: Said, around: Around, state: State, event: int) -> None:
    """Let goods leave, those inside containers too."""
    sweep, time = state.now[0].sweep, said.times[event]
    things, stays = _named(said, around, state, event, _EPC, False, True)
    for number in things:
        state.things[state.place[number]].is_outside = True
    for stay in stays:
        if state.sent[stay] != sweep:
            state.sent[stay] = sweep
            quantity, dimension = held(around, stay, event)
            _send(state, around.stays[stay].child, quantity, dimension, time)
    for mention in range(said.starts[event], said.starts[event + 1]):
        if said.roles[mention] == _QUANTITY:
            quantity, dimension = said.quantities[mention], said.dimensions[mention]
            _send(state, said.objects[mention], quantity, dimension, time)


@compiled
def _send(state: State, number: int, quantity: float, dimension: int, time: int) -> None:
    at = state.place[number]
    thing: Thing = state.things[at]
    if thing.is_followed:
        share = draw(state.now[0], thing, state.here[at], quantity, dimension, time, False)
        away: Heap = state.away[at]
        put(away, measured(away, quantity, dimension), share)


@compiled
def _receive(said: Said, moves: Moves, around: Around, state: State, event: int) -> None:
    """Let goods arrive: back from where they were sent, or new to the record."""
    things, stays = _named(said, around, state, event, _EPC, False, True)
    for number in things:
        state.things[state.place[number]].is_outside = False
    time = said.times[event]
    for stay in stays:
        state.sent[stay] = 0
        quantity, dimension = held(around, stay, event)
        _arrive(moves, state, around.stays[stay].child, quantity, dimension, time)
    for mention in range(said.starts[event], said.starts[event + 1]):
        if said.roles[mention] == _QUANTITY:
            quantity, dimension = said.quantities[mention], said.dimensions[mention]
            _arrive(moves, state, said.objects[mention], quantity, dimension, time)


@compiled
def _arrive(
    moves: Moves, state: State, number: int, quantity: float, dimension: int, time: int
) -> None:
    at = state.place[number]
    thing: Thing = state.things[at]
    if not thing.is_followed:
        return
    here: Heap = state.here[at]
    away: Heap = state.away[at]
    amount = measured(here, quantity, dimension)
    if np.isnan(measured(away, quantity, dimension)):
        amount = np.nan
    is_unknown = np.isnan(away.quantity) or np.isnan(amount)
    back = np.nan if is_unknown else min(away.quantity, amount)
    if is_unknown or back > 0:
        put(here, back, take(away, back, away.is_touched))
    if not moves.marks[number] & MADE_HERE:
        let_in(state.now[0], thing, here, amount - back, 0.0, time)


@compiled
def _scrap(said: Said, around: Around, state: State, event: int) -> None:
    """Let goods end; those inside a container too, where it was destroyed."""
    now: Now = state.now[0]
    place, known, here = state.place, state.things, state.here
    time, is_opened = said.times[event], said.steps[event] == _DESTROYING
    things, stays = _named(said, around, state, event, _EPC, False, is_opened)
    for number in things:
        at = place[number]
        now.scrapped += draw_instance(now, known[at], here[at], time, False)
    for stay in stays:
        at = place[around.stays[stay].child]
        quantity, dimension = held(around, stay, event)
        now.scrapped += draw(now, known[at], here[at], quantity, dimension, time, False)
    for mention in range(said.starts[event], said.starts[event + 1]):
        if said.roles[mention] == _QUANTITY:
            at = place[said.objects[mention]]
            quantity, dimension = said.quantities[mention], said.dimensions[mention]
            now.scrapped += draw(now, known[at], here[at], quantity, dimension, time, False)
