"""Readiness: of how much that was shipped the whole way back is in the record. 追溯就绪度"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np

from suyuan.errors import Language
from suyuan.event import EventType, Role
from suyuan.trace._columns import Ints
from suyuan.trace._entries import Kind
from suyuan.trace._facts import PIECE, base_unit, measure
from suyuan.trace._gap_scene import Found, GapLimits, Scene
from suyuan.trace._gaps import check_gap_question, find_gaps, gap_text, wanted_kinds
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._mass_balance import objects_of_code
from suyuan.trace._names import uris_of
from suyuan.trace._reach import reach_forward
from suyuan.trace._said import Mask, is_named
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._tally import Flow
from suyuan.trace._times import microseconds

__all__ = ["GapCost", "Readiness", "ReadyShare", "WorstGap", "readiness"]

_NO_ORIGIN = "not_received"
_WORST_MAX = 20
_WEIGHED_MAX = 200  # Each is followed forward on its own.
_ARRIVALS = (int(Kind.ARRIVED), int(Kind.ARRIVED_BACK), int(Kind.TAKEN_IN))


class ReadyShare(msgspec.Struct, frozen=True, kw_only=True):
    """How much was shipped, measured in one unit, and how much of it is ready.

    `unknown` counts the lots of which it is not known how much was shipped.
    """

    uom: str
    shipped: float
    ready: float
    share: float | None
    unknown: int


class GapCost(msgspec.Struct, frozen=True, kw_only=True):
    """Of how many shipped units a kind of gap breaks the way back.

    The kind `not_received` stands for what the way back ends at that was never received.
    """

    kind: str
    name: str
    units: int


class WorstGap(msgspec.Struct, frozen=True, kw_only=True):
    """An object with a gap, and of how many shipped units that breaks the way back."""

    kind: str
    uri: str
    units: int


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """The share of shipped units whose trace back reaches received lots without a gap.

    A unit is a shipped instance, or a shipped lot; `by_uom` weighs them by quantity.
    `worst` are the most costly objects; where there are too many with gaps to follow each,
    `is_weighed` is false and only the costs by kind are told.
    """

    position: int
    as_of: datetime | None
    shipped: int
    ready: int
    not_ready: int
    share: float | None
    by_uom: list[ReadyShare]
    costs: list[GapCost]
    worst: list[WorstGap]
    is_weighed: bool


def readiness(
    genealogy: Genealogy,
    *,
    product: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[str] = (),
    limits: GapLimits | None = None,
    language: Language = "en",
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> Readiness:
    """Tell of how much that was shipped the whole way back is in the record. 追溯就绪度

    `product` and the period say which shipments; the way back is followed whatever it leads
    through. A shipment that did not arrive breaks no way back. Raises as `gaps` does.
    """
    chosen = limits or GapLimits()
    check_gap_question(since, until, kinds, chosen)
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        tenant_id = genealogy.tenant_id
        known = genealogy.known(connection, as_of=as_of, not_before=not_before)
        asked = None
        if product is not None:
            _, _, asked = objects_of_code(connection, tenant_id, known, product)
        wanted = [kind for kind in wanted_kinds(kinds) if kind != "never_received"]
        scene, found = find_gaps(connection, tenant_id, known, None, kinds=wanted, limits=chosen)
        shipped = _shipped(scene, asked, since, until)
        bad = {one.kind: _touched(scene, one) for one in found}
        if not kinds:
            bad[_NO_ORIGIN] = _never_received_roots(scene)
        broken = {kind: _reached(scene, objects) for kind, objects in bad.items()}
        is_broken = np.zeros(len(scene.is_asked), bool)
        for mask in broken.values():
            is_broken |= mask
        worst, is_weighed = _worst(scene, bad, shipped)
        names = uris_of(connection, tenant_id, [number for _, number, _ in worst])
    ready = int((~is_broken[shipped.objects]).sum())
    count = len(shipped.objects)
    costs = [
        GapCost(kind=kind, name=gap_text(kind, language), units=int(mask[shipped.objects].sum()))
        for kind, mask in broken.items()
    ]
    return Readiness(
        position=known.position,
        as_of=as_of,
        shipped=count,
        ready=ready,
        not_ready=count - ready,
        share=ready / count if count else None,
        by_uom=_by_uom(scene, shipped, is_broken),
        costs=sorted((cost for cost in costs if cost.units), key=lambda cost: -cost.units),
        worst=[WorstGap(kind=kind, uri=names[at], units=units) for kind, at, units in worst],
        is_weighed=is_weighed,
    )


@dataclass(frozen=True)
class _Shipped:
    """The units that left and did not come back; amounts are in base units."""

    objects: Ints
    amounts: np.ndarray[tuple[int], np.dtype[np.float64]]
    dimensions: Ints


def _shipped(
    scene: Scene, asked: Ints | None, since: datetime | None, until: datetime | None
) -> _Shipped:
    """Find the products that left in a period and did not come back in it."""
    tally, said, count = scene.tally, scene.said, len(scene.is_asked)
    low = LONG_AGO if since is None else microseconds(since)
    high = FOREVER if until is None else microseconds(until)
    times = said.times[tally.events]
    rows = np.flatnonzero((times >= low) & (times <= high) & (tally.flows[:, Flow.SHIPPED] != 0))
    if asked is not None:
        rows = rows[is_named(count, asked)[tally.objects[rows]]]
    # What belongs to no product is a carrier.
    rows = rows[scene.known.facts.classes[tally.objects[rows]] > 0]
    amounts = np.zeros(count)
    np.add.at(amounts, tally.objects[rows], tally.flows[rows, Flow.SHIPPED])
    dimensions = np.array(scene.dimension_of)
    instances = np.unique(scene.instances.objects)
    dimensions[instances] = measure(PIECE)[0]
    objects = np.unique(tally.objects[rows])
    objects = objects[~(amounts[objects] <= 1e-9)]
    return _Shipped(objects, amounts[objects], dimensions[objects])


def _touched(scene: Scene, found: Found) -> Ints:
    """Give the objects from which a gap spreads to what came of them.

    Not from containers to what else was ever inside: where one was used with unknown contents,
    from what came out.
    """
    objects = np.unique(found.objects)
    objects = objects[~scene.is_container[objects]]
    if found.kind != "unknown_contents":
        return objects
    said = scene.said
    is_hit = np.zeros(said.events, bool)
    is_hit[found.events[:, 1]] = True
    is_hit &= said.types == EventType.TRANSFORMATION
    groups = np.unique(scene.transformations[is_hit])
    is_out = np.isin(said.roles, (int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY)))
    is_out &= np.isin(scene.transformations, groups)[said.event_of]
    is_out &= (said.types == EventType.TRANSFORMATION)[said.event_of]
    result: Ints = np.unique(np.concatenate((objects, said.objects[is_out]))).astype(np.int64)
    return result


def _never_received_roots(scene: Scene) -> Ints:
    """Find what the way back ends at, and what was never received."""
    said, count = scene.said, len(scene.is_asked)
    event_types = said.types[said.event_of]
    is_thing = np.isin(said.roles, (int(Role.EPC), int(Role.QUANTITY), int(Role.CHILD_QUANTITY)))
    is_thing &= event_types != EventType.TRANSACTION
    is_thing |= np.isin(said.roles, (int(Role.INPUT), int(Role.INPUT_QUANTITY), int(Role.CHILD)))
    is_root = is_named(count, said.objects[is_thing]) & ~scene.is_container
    is_out = np.isin(said.roles, (int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY)))
    is_root[said.objects[is_out]] = False
    for entries in (scene.account.lots, scene.instances):
        is_root[entries.objects[np.isin(entries.kinds, _ARRIVALS)]] = False
    is_root[scene.pairs.instances] = False  # The way goes on to the lot.
    is_root[scene.known.facts.classes == 0] = False
    # A lot that no event names is known by its instances alone.
    lots = np.unique(scene.pairs.lots)
    is_named_lot = is_named(count, said.objects[is_thing | is_out])
    result: Ints = np.flatnonzero(is_root)
    bare = lots[~is_named_lot[lots] & ~_are_received(scene, lots)]
    return np.unique(np.concatenate((result, bare)))


def _are_received(scene: Scene, lots: Ints) -> Mask:
    """Tell of which lots an instance was received or made: the way back goes on through it."""
    entries = scene.instances
    is_begun = np.isin(entries.kinds, (*_ARRIVALS, int(Kind.MADE))) & (
        entries.is_output | np.isin(entries.kinds, _ARRIVALS)
    )
    has = is_named(len(scene.is_asked), entries.objects[is_begun])
    good = np.unique(scene.pairs.lots[has[scene.pairs.instances]])
    result: Mask = np.isin(lots, good)
    return result


def _reached(scene: Scene, objects: Ints) -> Mask:
    """Mark what came of some objects, and these themselves."""
    mask = is_named(len(scene.is_asked), objects)
    if len(objects):
        mask[reach_forward(scene.known.graph, objects).objects] = True
    return mask


def _worst(
    scene: Scene, bad: dict[str, Ints], shipped: _Shipped
) -> tuple[list[tuple[str, int, int]], bool]:
    """Give the objects whose gaps cost most, by kind, and whether each was followed."""
    if sum(len(objects) for objects in bad.values()) > _WEIGHED_MAX:
        return [], False
    costs = [
        (kind, number, int(_reached(scene, np.array([number]))[shipped.objects].sum()))
        for kind, objects in bad.items()
        for number in objects.tolist()
    ]
    costs = sorted((one for one in costs if one[2]), key=lambda one: -one[2])
    return costs[:_WORST_MAX], True


def _by_uom(scene: Scene, shipped: _Shipped, is_broken: Mask) -> list[ReadyShare]:
    found = []
    for dimension in np.unique(shipped.dimensions).tolist():
        mine = shipped.dimensions == dimension
        amounts = shipped.amounts[mine]
        is_known = ~np.isnan(amounts)
        ready = math.fsum(amounts[is_known & ~is_broken[shipped.objects[mine]]].tolist())
        every = math.fsum(amounts[is_known].tolist())
        found.append(
            ReadyShare(
                uom=base_unit(dimension),
                shipped=float(f"{every:.12g}"),
                ready=float(f"{ready:.12g}"),
                share=ready / every if every else None,
                unknown=int((~is_known).sum()),
            )
        )
    return found
