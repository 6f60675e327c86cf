"""The picture of a genealogy: few boxes and steps, laid out, however much was reached. 谱系图

The answer is folded here and not where it is drawn, so that a million objects travel as a few
hundred boxes. What is folded is counted, what is counted can be opened.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import parse
from suyuan.store import Connection
from suyuan.trace._answer import Trace, first_lots
from suyuan.trace._columns import Ints
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._index import Known
from suyuan.trace._names import numbers_of_uris, plant_bases
from suyuan.trace._neighbourhood import KnownAround
from suyuan.trace._picture_boxes import (
    BACK,
    FORWARD,
    ITEMS_OF_LOT,
    ITEMS_OF_PRODUCT,
    LOTS,
    Folding,
    GroupName,
)
from suyuan.trace._picture_edges import Gone, edges_gone
from suyuan.trace._picture_fold import Folded, Part, fold
from suyuan.trace._picture_layers import lay_out
from suyuan.trace._picture_nodes import PictureNode, told_nodes
from suyuan.trace._questions import trace_back, track_forward
from suyuan.trace._reach import Reach, reach_forward
from suyuan.trace._stays import LONG_AGO
from suyuan.trace._times import microseconds
from suyuan.trace._titles import names_in, titles_of

__all__ = ["DIRECTIONS", "Directions", "Picture", "PictureCount", "picture"]

_OPENED_MAX = 100
_TRIES = 5
_CARRIED_MAX = 50_000
_SIDES = {"back": BACK, "forward": FORWARD}
_KINDS = {"lots": LOTS, "items": ITEMS_OF_LOT, "all_items": ITEMS_OF_PRODUCT}
Directions = Literal["both", "back", "forward"]
DIRECTIONS: tuple[Directions, ...] = ("both", "back", "forward")


class PictureCount(msgspec.Struct, frozen=True, kw_only=True):
    """How much was reached in one direction, whether it is drawn on its own or folded.

    Of very many objects the carriers are not counted: that takes longer than all the rest.
    """

    direction: Literal["back", "forward"]
    objects: int
    certain: int
    carriers: int | None


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """An answer folded and laid out.

    `edges` are triples: the places of two nodes in `nodes`, and how many there are between
    them. `names` are those of the master data: URI → language → name. `hidden` are the codes
    that were to be shown, and are no part of the answer.
    """

    position: int
    complete: bool
    starts: list[str]
    counts: list[PictureCount]
    nodes: list[PictureNode]
    edges: list[tuple[int, int, int]]
    names: dict[str, dict[str, str]]
    hidden: list[str]
    seconds: float


class _Asked(NamedTuple):
    """The bounds of a question."""

    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    not_before: int | None


def picture(
    genealogy: Genealogy,
    codes: Sequence[str],
    *,
    direction: Directions = "both",
    opened: Sequence[str] = (),
    shown: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> Picture:
    """Draw up the genealogy of some objects, folded and laid out. 谱系图

    `opened` are the keys of groups that show some of their members one by one, each time as
    many more; `shown` are codes that stand on their own in any case. Raises as `trace_back`
    does, and InvalidInput `trace.group_wrong` for keys of no group.
    """
    started = time.perf_counter()
    keys = [_group(key) for key in opened]
    if len(keys) > _OPENED_MAX:
        problem = Problem(
            code="trace.groups_too_many", expected=str(_OPENED_MAX), found=str(len(keys))
        )
        raise InvalidInput(problem)
    asked = _Asked(since, until, as_of, not_before)
    traces = _traces(genealogy, codes, direction, asked)
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        uris = [*(uri for *_, uri in keys), *_canonical(connection, genealogy.tenant_id, shown)]
        numbers = numbers_of_uris(connection, genealogy.tenant_id, filter(None, uris))
        names: list[GroupName] = [
            (_SIDES[side], _KINDS[kind], numbers.get(uri, -1 if uri else 0))
            for side, kind, uri in keys
        ]
        wanted = uris[len(keys) :]
        folding = Folding(
            {name: names.count(name) for name in names},
            np.array([numbers.get(uri, -1) for uri in wanted], np.int64),
        )
        known = traces[0].known
        parts = [part_of(trace.known, trace.reach) for trace in traces]
        folded = fold(parts, starts_of(known, traces[0].reach.seeds), folding)
        layers, order = lay_out(ends_of(folded))
        nodes = told_nodes(connection, genealogy.tenant_id, known, folded, layers, order)
        told = {uri for node in nodes for uri in (node.uri, node.product, _place(node)) if uri}
        titles = titles_of(connection, genealogy.tenant_id, told)
    there = folded.things.numbers
    return Picture(
        position=traces[0].position,
        complete=all(trace.is_complete for trace in traces),
        starts=list(traces[0].starts),
        counts=[_count(trace) for trace in traces],
        nodes=nodes,
        edges=list(
            zip(folded.tails.tolist(), folded.heads.tolist(), folded.counts.tolist(), strict=True)
        ),
        names=names_in(titles),
        hidden=[uri for uri in wanted if not np.isin(numbers.get(uri, -1), there)],
        seconds=time.perf_counter() - started,
    )


def _group(key: str) -> tuple[str, str, str]:
    """Read the key of a group: direction, what its members are, what they share."""
    side, _, rest = key.partition(" ")
    kind, _, uri = rest.partition(" ")
    if side not in _SIDES or kind not in _KINDS:
        raise InvalidInput(Problem(code="trace.group_wrong", where="open", found=key[:200]))
    return side, kind, uri


def _traces(
    genealogy: Genealogy, codes: Sequence[str], direction: Directions, asked: _Asked
) -> list[Trace]:
    """Ask one direction or both, at one position of the journal."""
    for attempt in range(_TRIES):
        traces = _ask(genealogy, codes, direction, asked)
        if len({trace.position for trace in traces}) == 1:
            return traces
        # Only what stands around the objects was read, twice, and the journal grew between.
        if attempt == _TRIES - 2:
            genealogy.get_ready()
    return traces[:1]


def _ask(
    genealogy: Genealogy, codes: Sequence[str], direction: Directions, asked: _Asked
) -> list[Trace]:
    def back() -> Trace:
        return trace_back(
            genealogy,
            codes,
            until=asked.until,
            as_of=asked.as_of,
            not_before=asked.not_before,
        )

    def forward() -> Trace:
        return track_forward(
            genealogy,
            codes,
            since=asked.since,
            as_of=asked.as_of,
            not_before=asked.not_before,
        )

    if direction != "both":
        return [back() if direction == "back" else forward()]
    first = back()
    if isinstance(first.known, KnownAround):
        return [first, forward()]
    low = LONG_AGO if asked.since is None else microseconds(asked.since)
    reach = reach_forward(first.known.graph, first.reach.seeds, low)
    second = Trace(
        *(genealogy, first.known, reach, first.starts, asked.since, asked.as_of, False, 0.0)
    )
    return [first, second]


def part_of(known: Known, reach: Reach) -> Part:
    """Give what one direction says, as it is folded."""
    graph, facts = known.graph, known.facts
    return Part(
        is_back=reach.direction == "back",
        objects=reach.objects,
        is_certain=reach.is_certain,
        moments=reach.moments,
        lots=first_lots(graph, reach.objects),
        products=facts.classes[reach.objects].astype(np.int64),
        is_lot=graph.is_lot(reach.objects),
        gone=edges_gone(graph, reach),
        times=facts.times,
        sequences=facts.sequences,
    )


def starts_of(known: Known, starts: Ints) -> Part:
    """Give the starts as if something had reached them."""
    graph, facts, seeds = known.graph, known.facts, np.unique(starts)
    nothing = np.zeros(0, np.int64)
    return Part(
        is_back=False,
        objects=seeds,
        is_certain=np.ones(len(seeds), bool),
        moments=np.zeros(len(seeds), np.int64),
        lots=first_lots(graph, seeds),
        products=facts.classes[seeds].astype(np.int64),
        is_lot=graph.is_lot(seeds),
        gone=Gone(nothing, nothing, nothing),
        times=facts.times,
        sequences=facts.sequences,
    )


def ends_of(folded: Folded) -> list[list[int]]:
    """Give by box and step where its edges lead."""
    ends: list[list[int]] = [[] for _ in range(len(folded.boxes.kinds) + len(folded.steps.counts))]
    for tail, head in zip(folded.tails.tolist(), folded.heads.tolist(), strict=True):
        ends[tail].append(head)
    return ends


def _place(node: PictureNode) -> str | None:
    return node.event.place if node.event else None


def _count(trace: Trace) -> PictureCount:
    return PictureCount(
        direction=trace.direction,
        objects=trace.count,
        certain=trace.certain,
        carriers=len(trace.carriers.objects) if trace.count <= _CARRIED_MAX else None,
    )


def _canonical(connection: Connection, tenant_id: int, codes: Iterable[str]) -> list[str]:
    """Give the canonical URIs of codes. Raises InvalidInput with all that is wrong."""
    bases: list[str] | None = None
    found, problems = list[str](), list[Problem]()
    for code in codes:
        bases = plant_bases(connection, tenant_id) if bases is None else bases
        try:
            found.append(str(parse(code, plant_bases=bases).canonical))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return found
