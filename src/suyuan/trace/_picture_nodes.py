"""What is told of each box and step of a picture: names, times, events, holds. 谱系图节点"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
import numpy as np

from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._details import Details
from suyuan.trace._distinct import distinct
from suyuan.trace._history import decode_place
from suyuan.trace._index import Known
from suyuan.trace._names import uris_of
from suyuan.trace._picture_boxes import (
    ITEMS_OF_LOT,
    LOTS,
    OBJECT,
    REST,
    Boxes,
    GroupName,
    Things,
)
from suyuan.trace._picture_fold import Folded
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import moment_of

__all__ = ["PictureEvent", "PictureNode", "told_nodes"]

Side = Literal["start", "back", "forward"]
_SIDES: tuple[Side, ...] = ("start", "back", "forward")
_WORDS = ("", "lots", "items", "all_items", "rest")
_HOLDS_MAX = 1_000  # Of so many objects it is looked up whether they are on hold.


class PictureEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The first event of a step."""

    sequence: int
    event_id: str
    event_time: datetime
    business_step: str | None = None
    place: str | None = None


class PictureNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One box or step of a picture, in the layer and at the place in it where it stands.

    `count` are the objects of a box and the transformations of a step, `certain` those reached
    for certain; `first` and `last` the earliest and the latest moment. A group is opened by its
    key. A `pool` is all that was drawn from a lot of which only an instance was reached.
    """

    key: str
    kind: Literal["object", "group", "step", "pool"]
    side: Side
    layer: int
    order: int
    count: int
    certain: int = 0
    uri: str | None = None
    """Of an object; of a group the lot or product that its members share."""
    product: str | None = None
    members: Literal["lots", "items", "rest"] | None = None
    first: datetime | None = None
    last: datetime | None = None
    opened_from: str | None = None
    """The group out of which it is shown one by one."""
    is_rest: bool = False
    """Whether it is what an opened group still holds."""
    held: int = 0
    """How many of them are on hold, themselves or by their lot."""
    hold: list[str] = []
    """Why, as `/api/whereabouts` says."""
    is_hold_known: bool = True
    """Whether all of them were looked at: of very many, only some lots are."""
    event: PictureEvent | None = None


def told_nodes(
    connection: Connection,
    tenant_id: int,
    known: Known,
    folded: Folded,
    layers: Sequence[int],
    order: Sequence[int],
) -> list[PictureNode]:
    """Tell of every box and every step, in this order."""
    boxes, steps, things = folded.boxes, folded.steps, folded.things
    named = [one for one in boxes.opened_from if one]
    numbers = np.concatenate(
        (
            *(boxes.numbers, boxes.products, steps.products),
            np.array([number for *_, number in named], np.int64),
        )
    )
    uris = uris_of(connection, tenant_id, np.unique(numbers[numbers > 0]).tolist())
    held = _Held(connection, tenant_id, known, things, boxes)
    certain = np.bincount(boxes.of_thing, things.is_certain, len(boxes.kinds)).astype(int)
    spans = _spans(things, boxes)
    nodes = []
    for at, (kind, side, number, product, count) in enumerate(
        zip(*(column.tolist() for column in boxes[1:6]), strict=True)
    ):
        name = (side, kind, number)
        origin = boxes.opened_from[at]
        nodes.append(
            PictureNode(
                key=uris[number] if kind == OBJECT else _key(name, uris),
                kind="object" if kind == OBJECT else "group",
                side=_SIDES[side],
                layer=layers[at],
                order=order[at],
                count=count,
                certain=int(certain[at]),
                uri=uris.get(number),
                product=uris.get(product),
                members=_members(kind),
                first=moment_of(spans[0][at]),
                last=moment_of(spans[1][at]),
                opened_from=_key(origin, uris) if origin and origin != name else None,
                is_rest=bool(origin) and origin == name,
                held=held.counts[at],
                hold=held.words[at],
                is_hold_known=held.is_known[at],
            )
        )
    return nodes + _step_nodes(connection, tenant_id, folded, uris, layers, order)


def _members(kind: int) -> Literal["lots", "items", "rest"] | None:
    if kind == OBJECT:
        return None
    return "lots" if kind == LOTS else "rest" if kind == REST else "items"


def _key(name: GroupName, uris: dict[int, str]) -> str:
    side, kind, number = name
    return f"{_SIDES[side]} {_WORDS[kind]} {uris.get(number, '')}"


def _spans(things: Things, boxes: Boxes) -> tuple[list[int], list[int]]:
    """Give the earliest and the latest moment of each box, where there are any."""
    firsts = np.full(len(boxes.kinds), FOREVER)
    lasts = np.full(len(boxes.kinds), LONG_AGO)
    has_moment = (things.sides > 0) & (things.moments != FOREVER) & (things.moments != LONG_AGO)
    rows = np.flatnonzero(has_moment)
    np.minimum.at(firsts, boxes.of_thing[rows], things.moments[rows])
    np.maximum.at(lasts, boxes.of_thing[rows], things.moments[rows])
    return firsts.tolist(), lasts.tolist()


class _Held:
    """What is on hold in each box: looked up for what stands alone, and for lots."""

    def __init__(
        self, connection: Connection, tenant_id: int, known: Known, things: Things, boxes: Boxes
    ) -> None:
        kinds = boxes.kinds[boxes.of_thing]
        alone = np.flatnonzero(kinds == OBJECT)
        lots = np.flatnonzero(kinds == LOTS)
        items = np.flatnonzero(kinds >= ITEMS_OF_LOT)
        wanted = np.concatenate(
            (
                *(things.numbers[alone], things.lots[alone], things.numbers[lots]),
                *(things.lots[items], things.numbers[items]),
            )
        )
        wanted = wanted[wanted > 0]
        _, first = np.unique(wanted, return_index=True)
        looked_at = np.unique(wanted[np.sort(first)[:_HOLDS_MAX]])
        found = Details(connection, tenant_id, known).of(looked_at, np.zeros_like(looked_at))
        words = {
            number: detail.hold
            for number, detail in zip(looked_at.tolist(), found, strict=True)
            if detail.hold
        }
        on_hold = np.array(sorted(words), np.int64)
        by_own = np.isin(things.numbers, on_hold)
        by_lot = np.isin(things.lots, on_hold)
        is_looked = np.isin(things.numbers, looked_at) | (
            (kinds >= ITEMS_OF_LOT) & np.isin(things.lots, looked_at)
        )
        total = len(boxes.kinds)
        counts = np.bincount(boxes.of_thing, by_own | by_lot, total)
        self.counts: list[int] = counts.astype(int).tolist()
        self.is_known: list[bool] = (np.bincount(boxes.of_thing, ~is_looked, total) == 0).tolist()
        said: list[set[str]] = [set() for _ in range(total)]
        for is_held, column in ((by_own, things.numbers), (by_lot, things.lots)):
            rows = np.flatnonzero(is_held)
            span = int(column.max(initial=0)) + 1
            for pair in distinct(boxes.of_thing[rows] * span + column[rows]).tolist():
                said[pair // span].update(words[pair % span])
        self.words = [sorted(one) for one in said]


_EVENTS = """
    SELECT sequence, event_id, event_time, business_step, body FROM journal.event
    WHERE tenant_id = %s AND sequence = ANY(%s::bigint[])
"""


def _step_nodes(
    connection: Connection,
    tenant_id: int,
    folded: Folded,
    uris: dict[int, str],
    layers: Sequence[int],
    order: Sequence[int],
) -> list[PictureNode]:
    steps, first = folded.steps, len(folded.boxes.kinds)
    events = _events(connection, tenant_id, steps.sequences[~steps.is_pool])
    nodes = []
    columns = (column.tolist() for column in steps)
    for at, (side, is_pool, count, sequence, begun, ended, shared) in enumerate(
        zip(*columns, strict=True), first
    ):
        where, uri = _SIDES[side], uris.get(shared)
        nodes.append(
            PictureNode(
                key=f"pool {where} {uri or ''}" if is_pool else f"step {where} {sequence}",
                kind="pool" if is_pool else "step",
                side=where,
                layer=layers[at],
                order=order[at],
                count=count,
                uri=uri,
                first=None if is_pool else moment_of(begun),
                last=None if is_pool else moment_of(ended),
                event=None if is_pool else events[sequence],
            )
        )
    return nodes


def _events(connection: Connection, tenant_id: int, sequences: Ints) -> dict[int, PictureEvent]:
    rows = connection.execute(_EVENTS, (tenant_id, sequences.tolist()))
    return {
        sequence: PictureEvent(
            sequence=sequence,
            event_id=event_id,
            event_time=event_time,
            business_step=step,
            place=decode_place(body),
        )
        for sequence, event_id, event_time, step, body in rows
    }
