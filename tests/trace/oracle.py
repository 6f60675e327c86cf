"""The meaning of a trace by brute force: the oracle that fast implementations are held against.

Written from the design, section 7, alone. Slow and plain on purpose: the least set closed
under the rules is found by applying them again and again until nothing changes. The record is
read in `tests.trace.facts`, amounts are followed in `tests.trace.mixing`.

Where the design is silent or can be read in two ways, this is what we decided, and why. A
recall errs on the safe side; a portion is never guessed.

What counts

 1. An event ID counts once, as it first came: the same event by two doors is one event.
 2. As of a record time R an entry is known if its record time is at or before R; an error
    declaration known at R takes out every event of its ID, whichever of the two came first,
    and is no event itself: the order of arrival never matters.
 3. A name is known if any entry known at R says it, even one declared in error since; else
    the question is refused (`NeverSeen`): "never seen" is not "nothing recorded".
 4. What a name is, the list tells in which it stands: in a quantity list it is a lot (a bare
    product too: a lot without number and instances), elsewhere an instance, of one piece.
    TransactionEvents are seen in histories and make no genealogy.

Reach

 5. An object is reached from a moment on. A draw at t_i counts only when the lot was reached
    at or before t_i (closed: an equal time counts, whatever the event IDs); what was drawn
    before is clean. Each way that a lot is made adds a moment, and the earliest is carried.
 6. What goes in before the record knows that it exists (first output, commissioning or
    receipt) was seen by a wrong clock. It counts as reached if it is reached by that first
    moment, and what came out is reached at its own recorded time: trap 24 keeps such arrows.
    On the way back, the first moment is the latest that is carried.
 7. Rule 3 has no clock: an instance is reached when its lot is, even if it left the lot
    earlier, since a lot is recalled whole. A start without `since` has always been reached,
    even before it was made, so its instances have the moment None and rule 4 counts all uses
    of its lot; on the way back without `until` it is the same.
 8. Nothing is ever reset: neither commissioning again, nor receipt, nor an empty tank.
 9. Events of one transformationID are one transformation with all inputs and outputs; what
    is equal in time touches, so an input at t can be in an output at t.
10. ADD opens a stay, and OBSERVE does as well where none in that container is open: what is
    seen inside is inside. ADD of an instance to where it is already changes nothing.
11. DELETE of what is not inside changes nothing (a gap). DELETE of a lot with a quantity takes
    so much and closes the stay when nothing is left; without one it closes the stay. If what
    is left can't be known, the stay goes on: it may still be in there.
12. Inside and fixed to are kept apart: packing a thing does not unfasten it. Everything else
    holds for both: a fixed part goes in with the whole, and the whole is its carrier.
13. What is consumed or destroyed (ObjectEvent DELETE, any step) leaves where it was. What is
    inside an input is consumed with it, so its stays end too. What is inside something that is
    destroyed stays in it: a label may be dead and the goods alive.
14. Contents of an input are those of its moment, closed at both ends. The container itself
    is an input as well, and so are containers inside it.
15. Stays are opened and closed in the order of time and, where equal, of event IDs.
16. An instance is of the lot that ILMD names (ObjectEvent ADD, or output of a transformation)
    with the product of its own key, and of every lot that a key with both ever names; if
    sources disagree it is of both lots.
17. Rule 4 speaks of uses: inputs by quantity, those inside a container included. Packing and
    shipping by quantity are no uses. Whether the instance was consumed before does not matter.
18. A start that is a container (or has parts fixed to it) starts as itself and as all its
    contents; the contents are listed, certain, from when they were there. With `since`, only
    stays that end at or after it count. On the way back: stays that begin at or before
    `until`, each until it ends. Carriers of a start are carriers, though the start is not
    listed. So c is in the track forward of x, as object or carrier, if and only if x is in
    the trace back of c, and the other way round.

Grade

19. A lot "came out" where it stands in an output quantity list; events that share a
    transformationID are one transformation. It is certain if, of every transformation that
    it ever came out of, some output of it was reached for certain. The whole record counts
    (as of R), also what came after or before the time bounds: identity within a lot is lost
    in both directions. Receipts are no transformations, and an instance has no such rule.
    A certain moment has its own clock: what was drawn between the possible and the certain
    moment is possible. Several starts are one suspicion: where all sources of a lot are
    suspected, it is certain. On the way back x has the grade that y has in track forward of
    x, because the mirror leaves no other choice; of several y, the best.

Portions

20. Sharing: once nothing more goes into a transformation, what it holds is shared among this
    output and all that are still to come, by quantity: losses are spread, nothing vanishes.
    While inputs are still to come (a tank that is topped up), an output takes its share of the
    quantity that is inside, which needs inputs and outputs in one dimension and no more drawn
    than is inside; else unknown. Pieces compare only with pieces of the same product.
21. A portion is what went in, all in all: a lot that gave all away still has its portion, and
    what comes round by rework counts each time. The unit is that in which a quantity of the
    start is first told; of an instance, and of a lot that has none, the piece.
22. A lot is one heap, wherever it lies: containers only say where, so DELETE and ADD to a
    container move nothing. Goods shipped are a heap of their own, until they are received.
23. The heap grows by ObjectEvent ADD, by outputs, and by receipts of what was not sent before,
    the last only if the lot has no origin in the record. It shrinks by inputs, shipping or
    retail selling, ObjectEvent DELETE, and instances that are commissioned from it. What is
    made by a transformation as an instance was never in the heap; if no quantity of the lot is
    ever recorded, its instances are the lot.
24. Draws of more than there is: a quantity must be missing, so if the lot is reached by then,
    this and all later portions from it are unknown. The same for a draw without quantity, one
    in another dimension, a second use of an instance, and uses by a wrong clock (6). What is
    not reached yet gives nothing, whatever its quantities.
25. The start itself is all start, so what is drawn from it is known even when its heap is not.
    Its instances are one piece of it each. What comes back to it counts as portion of itself.
26. Amounts follow the order of time and event IDs, reach follows touch (5): at equal times a
    thing may be reached with a portion of nothing, or by a draw of more than there is yet.
27. What is reached by rule 4 has an unknown portion: nobody knows which pieces were drawn.
28. A container that goes in, is shipped, received or destroyed (step `destroying`) does so
    with everything inside; the container is one piece itself. Carriers have no portions.
29. With several starts, each has its own portions, as if it were alone; the contents of a
    start by 18 are starts of their own.
30. In stock + shipped + scrapped + unexplained = all, over everything the start went into.
    Scrapped is any ObjectEvent DELETE but for shipping and selling; unexplained is what went
    into transformations and never came out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from suyuan.identifier import canonical_uri
from tests.trace.facts import (
    EARLIEST,
    LATEST,
    PIECE,
    Amount,
    Entry,
    Facts,
    Group,
    Happened,
    Inside,
    Output,
    Record,
    Stay,
    add_amounts,
)
from tests.trace.mixing import Mixed, mix

__all__ = [
    "Answer",
    "Carrier",
    "Entry",
    "NeverSeen",
    "Reached",
    "Record",
    "Seen",
    "Whereabouts",
    "balance",
    "carriers",
    "contents",
    "history",
    "trace_back",
    "track_forward",
    "whereabouts",
]

Grade = Literal["certain", "possible"]
Moments = dict[str, datetime]


class NeverSeen(LookupError):
    """Nothing in the record has ever named this."""


@dataclass(frozen=True)
class Reached:
    """One object of an answer.

    `moment` is the earliest at which the start can have reached it; on the way back, the
    latest at which it can still have gone on its way to the start. None is "no bound" (7).
    `portions` tell, by start, how much of the start is in it; on the way back, how much of it
    is in the start, in its own unit. None is "unknown".
    """

    grade: Grade
    moment: datetime | None
    portions: dict[str, Fraction | None]


@dataclass(frozen=True)
class Carrier:
    """A container that carried something reached: what, from when to when (None: no end)."""

    grade: Grade
    moment: datetime | None
    carried: frozenset[tuple[str, datetime | None, datetime | None]]


class Answer(dict[str, Reached]):
    """What was reached, by canonical URI, and what is needed to ask on."""

    def __init__(
        self, facts: Facts, direction: Literal["forward", "back"], seeds: Moments, found: _Found
    ) -> None:
        super().__init__()
        self.facts, self.direction, self.seeds, self.found = facts, direction, seeds, found


class Seen(NamedTuple):
    """An event in the history of something, and through what it is: itself or containers."""

    event_id: str
    time: datetime
    through: tuple[str, ...]


@dataclass(frozen=True)
class Whereabouts:
    """What the record says last, at a moment: where, with whom, in what, in which state.

    `place` is the business location, or the read point where there is none. `holder` is the
    possessing party, else the owning party: of the destination once received, else of the
    source. All as said by the last event of the history that says it.
    """

    place: str | None
    holder: str | None
    containers: tuple[str, ...]
    disposition: str | None


@dataclass
class _Found:
    """The moments of everything found, and of what is certain by its own moments."""

    moments: Moments = field(default_factory=dict)
    certain: Moments = field(default_factory=dict)


def track_forward(
    record: Record,
    starts: Iterable[str],
    *,
    since: datetime | None = None,
    as_of: datetime | None = None,
    with_portions: bool = True,
) -> Answer:
    """Give everything that the starts have reached."""
    facts = record.facts(as_of)
    bound = since or EARLIEST
    seeds = dict.fromkeys(_known(facts, starts), bound)
    given: Moments = {}
    for uri in seeds:
        for thing in facts.contents(uri, bound, LATEST):
            given[thing.uri] = min(thing.start, given.get(thing.uri, LATEST))
    found = _spread(facts, seeds, given)
    answer = Answer(facts, "forward", seeds, found)
    alone = {uri: min(time, seeds.get(uri, LATEST)) for uri, time in (given | seeds).items()}
    for uri, time in sorted(found.moments.items()):
        portions = {}
        for start, moment in alone.items() if with_portions else ():
            if uri in _alone(facts, start, moment).moments:
                portions[start] = _mixed(facts, start, moment).portion(uri)
        grade: Grade = "certain" if uri in found.certain else "possible"
        answer[uri] = Reached(grade, None if time == EARLIEST else time, portions)
    return answer


def trace_back(
    record: Record,
    starts: Iterable[str],
    *,
    until: datetime | None = None,
    as_of: datetime | None = None,
    with_portions: bool = True,
) -> Answer:
    """Give everything that has reached the starts."""
    facts = record.facts(as_of)
    bound = until or LATEST
    seeds = dict.fromkeys(_known(facts, starts), bound)
    given: Moments = {}
    for uri in seeds:
        for thing in facts.contents(uri, EARLIEST, bound):
            given[thing.uri] = max(thing.end, given.get(thing.uri, EARLIEST))
    found = _Found(_gather(facts, seeds, given))
    answer = Answer(facts, "back", seeds, found)
    ends = {uri: max(time, seeds.get(uri, EARLIEST)) for uri, time in (given | seeds).items()}
    for uri, time in sorted(found.moments.items()):
        spread = _alone(facts, uri, EARLIEST)
        portions = {
            end: _mixed(facts, uri, EARLIEST).portion(end, last)
            for end, last in ends.items()
            if with_portions and end in spread.moments and spread.moments[end] <= last
        }
        is_certain = uri in given or any(
            end in spread.certain and spread.certain[end] <= last for end, last in ends.items()
        )
        if is_certain:
            found.certain[uri] = time
        grade: Grade = "certain" if is_certain else "possible"
        answer[uri] = Reached(grade, None if time == LATEST else time, portions)
    return answer


def balance(
    record: Record, start: str, *, since: datetime | None = None, as_of: datetime | None = None
) -> Mixed:
    """Give where all of one object is now: in stock, shipped, scrapped, unexplained."""
    facts = record.facts(as_of)
    (uri,) = _known(facts, [start])
    return _mixed(facts, uri, since or EARLIEST)


def _known(facts: Facts, starts: Iterable[str]) -> list[str]:
    uris: list[str] = list(dict.fromkeys(canonical_uri(start) for start in starts))
    missing = [uri for uri in uris if uri not in facts.names]
    if missing:
        raise NeverSeen(*missing)
    return uris


def _alone(facts: Facts, start: str, moment: datetime) -> _Found:
    """Give what one object reaches from a moment on, without what is inside it."""
    if ("reach", start, moment) not in facts.memory:
        facts.memory["reach", start, moment] = _spread(facts, {start: moment}, {})
    found: _Found = facts.memory["reach", start, moment]
    return found


def _mixed(facts: Facts, start: str, moment: datetime) -> Mixed:
    """Give how much of that object went where."""
    if ("mixed", start, moment) not in facts.memory:
        found = _alone(facts, start, moment)
        reached = found.moments | {start: min(moment, found.moments.get(start, LATEST))}
        facts.memory["mixed", start, moment] = mix(facts, start, moment, reached)
    mixed: Mixed = facts.memory["mixed", start, moment]
    return mixed


def _lower(moments: Moments, uri: str, moment: datetime) -> bool:
    """Note an earlier moment; tell whether that is news."""
    if moment < moments.get(uri, LATEST):
        moments[uri] = moment
        return True
    return False


def _spread(facts: Facts, seeds: Moments, given: Moments) -> _Found:
    """Apply the rules of track forward until nothing changes."""
    found = _Found(dict(given), dict(given))
    while True:
        news = [
            _lower(moments, uri, moment)
            for moments in (found.moments, found.certain)
            for uri, moment in _forward(facts, seeds, moments, is_sure=moments is found.certain)
        ]
        if not any(news):
            return found


def _forward(
    facts: Facts, seeds: Moments, moments: Moments, *, is_sure: bool
) -> Iterator[tuple[str, datetime]]:
    """Give every object that one more step reaches, with the moment."""

    def at(uri: str) -> datetime:
        return min(seeds.get(uri, LATEST), moments.get(uri, LATEST))

    for group in facts.groups:  # Rules 1 and 2: containers are opened in `group.inputs`.
        for output in _reached_outputs(group, at):
            if not is_sure or not output.is_lot or _comes_only_from(facts, output.uri, at):
                yield output.uri, output.time
    for lot, instances in facts.instances_of.items():  # Rule 3.
        if at(lot) < LATEST:
            yield from ((instance, at(lot)) for instance in instances)
    if is_sure:
        return
    for group in facts.groups:  # Rule 4.
        for used in group.inputs:
            instances = facts.instances_of.get(used.uri, []) if used.is_lot else []
            if any(at(instance) <= used.departure for instance in instances):
                for output in group.outputs:
                    if used.time <= output.time:
                        yield output.uri, output.time


def _reached_outputs(group: Group, at: Callable[[str], datetime]) -> list[Output]:
    times = [used.time for used in group.inputs if at(used.uri) <= used.departure]
    return [output for output in group.outputs if times and min(times) <= output.time]


def _comes_only_from(facts: Facts, lot: str, at: Callable[[str], datetime]) -> bool:
    """Tell whether every transformation that a lot came out of was reached."""
    return all(
        any(output.uri == lot for output in _reached_outputs(group, at))
        for group in facts.makers[lot]
    )


def _gather(facts: Facts, seeds: Moments, given: Moments) -> Moments:
    """Apply the rules of trace back until nothing changes."""
    moments = dict(given)
    while True:
        has_news = False
        for uri, moment in list(_backward(facts, seeds, moments)):
            if moment > moments.get(uri, EARLIEST):
                moments[uri] = moment
                has_news = True
        if not has_news:
            return moments


def _backward(facts: Facts, seeds: Moments, moments: Moments) -> Iterator[tuple[str, datetime]]:
    """Give every object that one more step leads back to, with the moment."""

    def at(uri: str) -> datetime:
        return max(seeds.get(uri, EARLIEST), moments.get(uri, EARLIEST))

    for group in reversed(facts.groups):
        times = [output.time for output in group.outputs if at(output.uri) >= output.time]
        for used in group.inputs:
            if times and used.time <= max(times):
                yield used.uri, used.departure
                if used.is_lot:  # Rule 4.
                    instances = facts.instances_of.get(used.uri, [])
                    yield from ((instance, used.departure) for instance in instances)
    for lot, instances in facts.instances_of.items():  # Rule 3.
        for instance in instances:
            if at(instance) > EARLIEST:
                yield lot, at(instance)


def carriers(answer: Answer) -> dict[str, Carrier]:
    """Give the containers that carried what an answer names, or its starts."""
    facts, found = answer.facts, answer.found
    parts: dict[str, list[tuple[str, Inside, bool]]] = {}
    for uri in sorted({*answer.seeds, *answer}):
        sure = found.certain.get(uri)
        if answer.direction == "forward":
            first = min(found.moments.get(uri, LATEST), answer.seeds.get(uri, LATEST))
            sure = min(sure or LATEST, answer.seeds.get(uri, LATEST))
            around = facts.containers(uri, first, LATEST)
        else:
            last = max(found.moments.get(uri, EARLIEST), answer.seeds.get(uri, EARLIEST))
            around = facts.containers(uri, EARLIEST, last)
        for thing in around:
            if answer.direction == "forward":
                is_sure = sure is not None and sure != LATEST and sure <= thing.end
            else:
                is_sure = sure is not None or uri in answer.seeds
            parts.setdefault(thing.uri, []).append((uri, thing, is_sure))
    pick = min if answer.direction == "forward" else max
    result = {}
    for container, carried in sorted(parts.items()):
        ends = [t.start if answer.direction == "forward" else t.end for _, t, _ in carried]
        grade: Grade = "certain" if any(is_sure for _, _, is_sure in carried) else "possible"
        stays = frozenset((uri, _bound(t.start), _bound(t.end)) for uri, t, _ in carried)
        result[container] = Carrier(grade, _bound(pick(ends)), stays)
    return result


def _bound(moment: datetime) -> datetime | None:
    return None if moment in (EARLIEST, LATEST) else moment


def history(record: Record, x: str, as_of: datetime | None = None) -> list[Seen]:
    """Give the events of an object and of what it was inside, clipped to the time inside."""
    facts = record.facts(as_of)
    (uri,) = _known(facts, [x])
    spans = [Inside(uri, EARLIEST, LATEST, False), *facts.containers(uri, EARLIEST, LATEST)]
    seen = []
    for event in facts.events:
        named = {*event.instances, *event.lots}
        through = {s.uri for s in spans if s.uri in named and s.start <= event.time <= s.end}
        if through:
            seen.append(Seen(event.id, event.time, tuple(sorted(through))))
    return seen


def whereabouts(record: Record, x: str, at: datetime, as_of: datetime | None = None) -> Whereabouts:
    """Give where an object was at a moment, after all that happened at that moment."""
    facts = record.facts(as_of)
    (uri,) = _known(facts, [x])
    ids = {seen.event_id for seen in history(record, uri, as_of) if seen.time <= at}
    place = holder = disposition = None
    for event in facts.events:
        if event.id in ids:
            place = _place(event) or place
            holder = _holder(event) or holder
            disposition = event.body.get("disposition") or disposition
    last = max((event.order for event in facts.events if event.time <= at), default=-1)
    around = {
        stay.parent for stay in facts.stays if stay.child == uri and stay.is_open_before(last + 1)
    }
    return Whereabouts(place, holder, tuple(sorted(around)), disposition)


def _place(event: Happened) -> str | None:
    for name in ("bizLocation", "readPoint"):
        if name in event.body:
            return str(canonical_uri(event.body[name]["id"]))
    return None


def _holder(event: Happened) -> str | None:
    side = "destination" if event.step in ("receiving", "accepting") else "source"
    for kind in ("possessing_party", "owning_party"):
        for party in event.body.get(f"{side}List", ()):
            if party["type"] == kind:
                return str(canonical_uri(party[side]))
    return None


def contents(
    record: Record, x: str, at: datetime, as_of: datetime | None = None
) -> dict[str, tuple[Fraction | None, str]]:
    """Give what was inside something at a moment, however deep, with quantity and unit.

    Closed at both ends; of quantities that change at this very moment, the largest.
    """
    facts = record.facts(as_of)
    (uri,) = _known(facts, [x])
    result: dict[str, tuple[Fraction | None, str]] = {}
    inside = facts.contents(uri, at, at)
    around = {uri, *(thing.uri for thing in inside if not thing.is_lot)}
    for thing in sorted(inside):
        if not thing.is_lot:
            result[thing.uri] = (Fraction(1), PIECE)
            continue
        stays = [
            stay
            for stay in facts.stays
            if stay.child == thing.uri and stay.parent in around and stay.start <= at <= stay.end
        ]
        amounts = [_amount_at(facts, stay, at) for stay in stays]
        whole = amounts[0]
        for amount in amounts[1:]:
            whole = add_amounts(whole, amount, 1)
        result[thing.uri] = (whole.value, whole.uom)
    return result


def _amount_at(facts: Facts, stay: Stay, at: datetime) -> Amount:
    """Give the most of a lot that was in a container at a moment."""
    times = {event.order: event.time for event in facts.events}
    before = [amount for order, amount in stay.amounts if times[order] < at][-1:]
    around = before + [amount for order, amount in stay.amounts if times[order] == at]
    if any(amount.value is None for amount in around):
        return around[0]._replace(value=None)
    return max(around, key=lambda amount: amount.value or Fraction(0))
