"""The rules of gaps: what a whole record would have said. Each is defined in docs/design/trace.md.

Every rule goes over flat arrays, never over events one by one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from suyuan.event import Action, EventType, Role
from suyuan.trace._columns import Ints
from suyuan.trace._entries import Kind
from suyuan.trace._gap_places import never_received, seen_elsewhere
from suyuan.trace._gap_scene import Found, Scene, each, grouped
from suyuan.trace._said import Mask

__all__ = ["GAP_KINDS", "RULES"]

_HOUR_US = 3_600_000_000
_NOTHING = 1e-9  # Of what there was: decimal fractions are not exact in binary.
_PACKED = 20  # A kind of its own, after all others.
_ENDINGS = (Kind.USED, Kind.SAMPLED, Kind.SCRAPPED, Kind.MISSING)
_ORIGINS = (Kind.MADE, Kind.TAKEN_IN, Kind.FOUND, Kind.ARRIVED, Kind.ARRIVED_BACK)
_SSCC = "https://id.gs1.org/00/"


def _are(kinds: np.ndarray[tuple[int], np.dtype[np.int8]], *wanted: int) -> Mask:
    result: Mask = np.isin(kinds, [int(kind) for kind in wanted])
    return result


def output_without_input(scene: Scene) -> Found:
    """Find what came out of a transformation before anything had gone in."""
    said = scene.said
    group = scene.transformations[said.event_of]
    is_made = (said.types == EventType.TRANSFORMATION)[said.event_of]
    is_in = is_made & np.isin(said.roles, (int(Role.INPUT), int(Role.INPUT_QUANTITY)))
    is_out = is_made & np.isin(said.roles, (int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY)))
    first = np.full(int(group.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, group[is_in], said.times[said.event_of[is_in]])
    rows = np.flatnonzero(is_out & (said.times[said.event_of] < first[group]))
    events = said.event_of[rows]
    return grouped("output_without_input", said.objects[rows], (np.full(len(rows), -1), events))


def more_used(scene: Scene) -> Found:
    """Find lots of which more went out than came in, and instances used that never came in."""
    tally, parts = scene.tally, []
    rows = np.arange(len(tally.objects) - len(scene.instances.objects))  # Those of lots.
    if len(rows):
        objects, levels = tally.objects[rows], tally.levels[rows]
        begins = np.flatnonzero(np.append(True, objects[1:] != objects[:-1]))
        ends = np.append(begins[1:], len(rows)) - 1
        sizes = np.maximum.reduceat(np.nan_to_num(np.abs(tally.flows[rows]).max(axis=1)), begins)
        is_short = levels[ends] < -_NOTHING * sizes
        # It shows where the books went below nothing for good.
        limit = np.repeat(-_NOTHING * sizes, np.diff(np.append(begins, len(rows))))
        is_well = ~(levels < limit)
        last_well = np.maximum.accumulate(np.where(is_well, np.arange(len(rows)), -1))
        shown = np.maximum(last_well[ends] + 1, begins)[is_short]
        things = objects[begins[is_short]]
        parts.append((things, tally.events[rows[shown]], -levels[ends[is_short]]))
    entries = scene.instances
    has_origin = np.zeros(len(scene.is_asked), bool)
    has_origin[entries.objects[_are(entries.kinds, *_ORIGINS)]] = True
    is_bare = ~has_origin & (tally.lot_of == 0)
    rows = np.flatnonzero((entries.kinds == Kind.USED) & is_bare[entries.objects])
    rows = rows[~_are_containers(scene, entries.objects[rows])]
    things, first = np.unique(entries.objects[rows], return_index=True)
    parts.append((things, entries.events[rows[first]], np.ones(len(things))))
    objects, events, amounts = (np.concatenate(column) for column in zip(*parts, strict=True))
    return each(
        "more_used",
        (objects,),
        (np.full(len(events), -1), events),
        quantities=amounts,
        dimensions=scene.dimension_of[objects],
    )


def packed_twice(scene: Scene) -> Found:
    """Find things put elsewhere that had not been taken out of where they were."""
    said, stays = scene.said, scene.known.graph.stays
    opened, closed = scene.stay_events
    is_known = (opened >= 0) & (closed < said.events) & ~stays.is_lot
    rows = np.flatnonzero(is_known & (stays.closed_by >= 0))
    by = closed[rows]
    is_put = np.isin(said.types[by], (int(EventType.AGGREGATION), int(EventType.ASSOCIATION)))
    is_put &= said.actions[by] != Action.DELETE
    rows = rows[is_put & (scene.parents[by] != stays.parents[rows])]
    return each(
        "packed_twice",
        (stays.children[rows], stays.parents[rows], scene.parents[closed[rows]]),
        (opened[rows], closed[rows]),
    )


def used_after_end(scene: Scene) -> Found:
    """Find instances that were used, packed or shipped after they had been used up or ended."""
    said, entries, stays = scene.said, scene.instances, scene.known.graph.stays
    put = np.flatnonzero(~stays.is_lot & scene.is_asked[stays.children])
    put = put[scene.stay_events[0][put] >= 0]
    objects: Ints = np.concatenate((entries.objects, stays.children[put].astype(np.int64)))
    events = np.concatenate((entries.events, scene.stay_events[0][put]))
    kinds = np.concatenate((entries.kinds, np.full(len(put), _PACKED, np.int8)))
    order = np.lexsort((kinds, events, objects))
    objects, events, kinds = objects[order].astype(np.int64), events[order], kinds[order]
    # A container that goes in is emptied by that, and used again.
    is_ending = _are(kinds, *_ENDINGS) & ~((kinds == Kind.USED) & scene.is_container[objects])
    is_change = is_ending | _are(kinds, Kind.MADE, Kind.TAKEN_IN, Kind.FOUND)
    last = np.maximum.accumulate(np.where(is_change, np.arange(len(kinds)), -1))
    before = np.append(-1, last[:-1]) if len(last) else last
    is_after = (before >= 0) & (objects[before] == objects) & is_ending[before]
    is_after &= _are(kinds, Kind.USED, Kind.SAMPLED, Kind.LEFT, Kind.SENT_BACK, _PACKED)
    is_after &= ~((kinds == Kind.SAMPLED) & (kinds[before] == Kind.SAMPLED))
    is_used = _are(kinds, Kind.USED, Kind.SAMPLED)
    is_both = is_used & is_used[before]
    group = scene.transformations[events]
    is_same = is_both & (group == group[before])
    is_made = (said.types == EventType.TRANSFORMATION)[events]
    is_later = said.times[events] > said.times[events[before]]
    rows = np.flatnonzero(is_after & ~(is_same & is_made) & (is_later | (is_both & is_made)))
    return each("used_after_end", (objects[rows],), (events[before[rows]], events[rows]))


def before_origin(scene: Scene) -> Found:
    """Find what was used before the record knows that it existed."""
    said, parts = scene.said, []
    count, never = len(scene.is_asked), np.iinfo(np.int64).max
    first, by = np.full(count, never), np.full(count, -1, np.int64)
    for entries in (scene.account.lots, scene.instances):
        rows = np.flatnonzero(_are(entries.kinds, *_ORIGINS))[::-1]
        first[entries.objects[rows]] = said.times[entries.events[rows]]
        by[entries.objects[rows]] = entries.events[rows]
    of_lot = np.flatnonzero((scene.tally.lot_of > 0) & (first == never))
    first[of_lot], by[of_lot] = first[scene.tally.lot_of[of_lot]], by[scene.tally.lot_of[of_lot]]
    for entries in (scene.account.lots, scene.instances):
        is_used = _are(entries.kinds, Kind.USED, Kind.SAMPLED) & (first[entries.objects] != never)
        rows = np.flatnonzero(is_used & (said.times[entries.events] < first[entries.objects]))
        parts.append(
            (
                *(entries.objects[rows], entries.events[rows], entries.quantities[rows]),
                entries.dimensions[rows],
            )
        )
    objects, events, amounts, dimensions = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return each(
        "before_origin",
        (objects,),
        (by[objects], events),
        quantities=amounts,
        dimensions=dimensions,
        hours=(first[objects] - said.times[events]) / _HOUR_US,
    )


def back_dated(scene: Scene) -> Found:
    """Find events recorded long after they happened, or after a use of what they gave."""
    said, limits, recorded = scene.said, scene.limits, scene.recorded
    hours = (recorded - said.times) / _HOUR_US
    is_late = hours > limits.late_hours
    rows = np.flatnonzero(is_late[said.event_of] & (said.roles <= Role.OUTPUT_QUANTITY))
    parts = [(said.objects[rows], said.event_of[rows], np.full(len(rows), -1, np.int64))]
    for entries in (scene.account.lots, scene.instances):
        objects, events = entries.objects, entries.events
        when = recorded[events]
        is_use = _are(entries.kinds, Kind.USED, Kind.SAMPLED, Kind.LEFT, Kind.SENT_BACK)
        rows = np.flatnonzero(_are(entries.kinds, *_ORIGINS) | is_use)
        at = _earlier_recorded(objects[rows], np.where(is_use, when, _LAST)[rows])
        origin = rows[~is_use[rows] & (at >= 0)]
        use = rows[at[~is_use[rows] & (at >= 0)]]
        is_caused = (when[use] < when[origin]) & (hours[events[origin]] > limits.caused_hours)
        origin, use = origin[is_caused], use[is_caused]
        parts.insert(0, (objects[origin], events[origin], events[use]))
    objects, events, before = (np.concatenate(column) for column in zip(*parts, strict=True))
    rows = np.flatnonzero(scene.is_asked[objects])
    objects, events, before = objects[rows], events[rows], before[rows]
    return grouped("back_dated", objects, (before, events), hours=hours[events])


_LAST = np.iinfo(np.int64).max


def _earlier_recorded(objects: Ints, times: Ints) -> Ints:
    """Give for each row the one with the least time among those after it of its object.

    Rows are in the order of objects; -1 where there is none.
    """
    found = np.full(len(objects), -1, np.int64)
    if not len(objects):
        return found
    # From the end on: the least so far within the object, by one running minimum over keys
    # that fall from object to object.
    rank = np.argsort(np.argsort(times, kind="stable"), kind="stable")
    group = np.cumsum(np.append(0, objects[1:] != objects[:-1]))
    keys = (group * len(objects) + rank)[::-1]
    least = np.minimum.accumulate(keys)[::-1]
    place = np.empty(len(objects), np.int64)
    place[rank] = np.arange(len(objects))
    is_last = np.append(objects[1:] != objects[:-1], True)
    at = place[(np.append(least[1:], 0) % len(objects))]
    found[~is_last] = at[~is_last]
    found[found >= 0] = np.where(times[found[found >= 0]] == _LAST, -1, found[found >= 0])
    return found


def unknown_contents(scene: Scene) -> Found:
    """Find containers that were opened while the record knows of nothing inside."""
    said = scene.said
    is_parted = np.isin(said.types, (int(EventType.AGGREGATION), int(EventType.ASSOCIATION)))
    is_taken = is_parted & (said.actions == Action.DELETE) & (scene.parents >= 0)
    _, closed = scene.stay_events
    is_child = np.isin(said.roles, (int(Role.CHILD), int(Role.CHILD_QUANTITY)))
    has_child = np.zeros(said.events, bool)
    has_child[said.event_of[is_child]] = True
    has_emptied = np.zeros(said.events + 1, bool)
    has_emptied[closed] = True
    emptied = np.flatnonzero(is_taken & ~has_child & ~has_emptied[:-1])
    rows = np.flatnonzero(is_child & is_taken[said.event_of])
    events, children = said.event_of[rows], said.objects[rows]
    inside = _was_inside(scene, children, scene.parents[events], events)
    rows = rows[~inside]
    used = np.flatnonzero(
        (said.roles == Role.INPUT) & (scene.known.facts.classes == 0)[said.objects]
    )
    used = used[~scene.is_filled(said.objects[used], said.event_of[used])]
    used = used[_are_containers(scene, said.objects[used])]
    nobody = np.full(len(emptied) + len(used), -1)
    objects = (
        np.concatenate((scene.parents[emptied], said.objects[used], said.objects[rows])),
        np.concatenate((nobody, scene.parents[said.event_of[rows]])),
    )
    events = np.concatenate((emptied, said.event_of[used], said.event_of[rows]))
    return each("unknown_contents", objects, (np.full(len(events), -1), events))


def _was_inside(scene: Scene, children: Ints, parents: Ints, events: Ints) -> Mask:
    """Tell which things were in which containers when events came."""
    stays, span = scene.known.graph.stays, scene.said.events + 2
    opened, closed = scene.stay_events
    mine = np.stack((stays.children, stays.parents), axis=1).astype(np.int64)
    asked = np.stack((children, parents), axis=1)
    near = np.isin(stays.children, children)
    mine, opened, closed = mine[near], opened[near], closed[near]
    _, keys = np.unique(np.concatenate((mine, asked)), axis=0, return_inverse=True)
    one, other = np.split(keys.reshape(-1).astype(np.int64), [len(mine)])
    begun, ended = np.sort(one * span + opened), np.sort(one * span + closed)
    when = other * span + events
    result: Mask = (np.searchsorted(begun, when, "left") - np.searchsorted(ended, when, "left")) > 0
    return result


def _are_containers(scene: Scene, objects: Ints) -> Mask:
    """Tell which objects are logistic units by their keys, or were containers before."""
    result: Mask = scene.is_container[objects]  # A copy: `objects` are numbers.
    result[~result] = scene.named_like(objects[~result], _SSCC)
    return result


RULES: dict[str, Callable[[Scene], Found]] = {
    "output_without_input": output_without_input,
    "more_used": more_used,
    "seen_elsewhere": seen_elsewhere,
    "never_received": never_received,
    "packed_twice": packed_twice,
    "used_after_end": used_after_end,
    "before_origin": before_origin,
    "back_dated": back_dated,
    "unknown_contents": unknown_contents,
}
GAP_KINDS = tuple(RULES)
