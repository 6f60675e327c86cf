"""The traps that are about containers and parts; see `tests.trace.traps`."""

from __future__ import annotations

from fractions import Fraction

from tests.trace.oracle import Whereabouts
from tests.trace.story import (
    Answers,
    Story,
    Trap,
    ask,
    back,
    case,
    certain,
    collect,
    forward,
    hour,
    lot,
    of,
    place,
    serial,
)

CONTAINER_TRAPS: list[Trap] = []

trap = collect(CONTAINER_TRAPS)

X, Y, Z, W = lot("x"), lot("y"), lot("z"), lot("w")


@trap(17)
def _units_are_repacked(s: Story) -> Answers:
    unit = [serial("unit", number) for number in range(3)]
    old, new, other, pallet, rebuilt = (case(number) for number in range(5))
    s.pack(8, old, *unit)
    s.pack(9, pallet, old)
    s.unpack(10, old, unit[0], unit[1])
    s.pack(11, new, unit[0])
    s.pack(11, other, unit[1], unit[2])  # The third without having been taken out.
    s.pack(12, rebuilt, new, other)
    one = (Fraction(1), "C62")
    return (
        (ask("whereabouts", unit[0], at=8.5), Whereabouts(None, None, (old,), None)),
        (ask("whereabouts", unit[0], at=10.5), Whereabouts(None, None, (), None)),
        (ask("whereabouts", unit[0], at=11), Whereabouts(None, None, (new,), None)),
        (ask("whereabouts", unit[2], at=10.5), Whereabouts(None, None, (old,), None)),
        (ask("whereabouts", unit[2], at=13), Whereabouts(None, None, (other,), None)),
        (ask("contents", pallet, at=9.5), {old: one, **dict.fromkeys(unit, one)}),
        (ask("contents", pallet, at=13), {old: one}),
        (ask("contents", rebuilt, at=13), {new: one, other: one, **dict.fromkeys(unit, one)}),
        (
            ask("carriers_forward", unit[0]),
            {
                old: ("certain", hour(8)),
                pallet: ("certain", hour(9)),
                new: ("certain", hour(11)),
                rebuilt: ("certain", hour(12)),
            },
        ),
    )


@trap(18)
def _crate_is_used_again(s: Story) -> Answers:
    crate = case(1)
    s.pack(8, crate, of(X, 20, None), name="in")
    s.ship(8.5, crate, name="with-x")
    s.unpack(9, crate, name="out")
    s.pack(10, crate, of(Y, 20, None), name="in-again")
    s.ship(11, crate, name="with-y")
    s.make(12, [crate], [of(Z, 5)])
    event = "https://plant.example.com/event/"
    return (
        (ask("contents", crate, at=8.5), {X: (Fraction(20), "C62")}),
        (ask("contents", crate, at=9.5), {}),
        (ask("contents", crate, at=10.5), {Y: (Fraction(20), "C62")}),
        (ask("history", X), [f"{event}in", f"{event}with-x", f"{event}out"]),
        (forward(X), {}),
        (forward(Y), {Z: certain(12, {Y: 20})}),
        (ask("carriers_forward", X), {crate: ("certain", hour(8))}),
    )


@trap(19)
def _container_is_scanned_as_input(s: Story) -> Answers:
    crate, inner, unit = case(1), case(2), serial("unit", 1)
    s.commission(6, of(X, 50))
    s.pack(7, crate, of(W, 1))
    s.unpack(7.5, crate)
    s.pack(8, crate, of(X, 20), inner)
    s.pack(8.5, inner, unit)
    s.make(9, [crate], [of(Y, 20)])
    return (
        (forward(X), {Y: certain(9, {X: 20})}),
        (forward(unit), {Y: certain(9, {unit: 1})}),
        (forward(W), {}),
        (
            back(Y),
            {
                X: certain(9, {Y: 20}),
                unit: certain(9, {Y: 1}),
                inner: certain(9, {Y: 1}),
                crate: certain(9, {Y: 1}),
            },
        ),
        (
            forward(inner),
            {unit: certain(8.5), Y: certain(9, {inner: 1, unit: 1})},
        ),
        (ask("contents", crate, at=9.5), {}),
        (
            ask("carriers_back", Y),
            {crate: ("certain", hour(9)), inner: ("certain", hour(9))},
        ),
    )


@trap(20)
def _shipped_inside_a_pallet(s: Story) -> Answers:
    unit, box, pallet = serial("unit", 1), case(1), case(2)
    ours, customer = place(1), place(2)
    s.commission(7, unit, where=ours, disposition="active", name="made")
    s.pack(8, box, unit, name="packed")
    s.pack(9, pallet, box, name="stacked")
    s.ship(10, pallet, parties=(ours, customer), disposition="in_transit", name="sent")
    s.receive(12, pallet, parties=(ours, customer), where=customer, name="came")
    s.unpack(13, pallet, box, name="opened")
    s.ship(14, pallet, parties=(customer, ours), name="empty")
    event = "https://plant.example.com/event/"
    names = ("made", "packed", "stacked", "sent", "came", "opened")
    return (
        (ask("history", unit), [event + name for name in names]),
        (ask("whereabouts", unit, at=11), Whereabouts(ours, ours, (box,), "in_transit")),
        (ask("whereabouts", unit, at=15), Whereabouts(customer, customer, (box,), "in_transit")),
    )


@trap(21)
def _aggregation_with_quantities_only(s: Story) -> Answers:
    box, pallet = case(1), case(2)
    s.commission(7, of(X, 100, None))
    s.pack(8, box, of(X, 20, None))
    s.pack(9, pallet, box)
    s.unpack(10, box, of(X, 5, None))
    s.unpack(11, box, of(X, 15, None))
    return (
        (ask("contents", box, at=8), {X: (Fraction(20), "C62")}),
        (
            ask("contents", pallet, at=10.5),
            {box: (Fraction(1), "C62"), X: (Fraction(15), "C62")},
        ),
        (ask("contents", box, at=11.5), {}),
        (ask("whereabouts", X, at=9), Whereabouts(None, None, (box,), None)),
        (
            ask("carriers_forward", X),
            {box: ("certain", hour(8)), pallet: ("certain", hour(9))},
        ),
    )


@trap(25)
def _aggregation_was_declared_in_error(s: Story) -> Answers:
    unit, wrong, right = serial("unit", 1), case(1), case(2)
    packed = s.pack(8, wrong, unit)
    corrective = s.pack(8, right, unit, recorded=20)
    s.declare(packed, 20, [corrective])
    s.ship(9, wrong, name="elsewhere")
    s.make(10, [wrong], [of(Y, 1)])
    one = (Fraction(1), "C62")
    return (
        (ask("contents", wrong, at=8.5), {}),
        (ask("contents", right, at=8.5), {unit: one}),
        (ask("contents", wrong, at=8.5, as_of=19), {unit: one}),
        (forward(unit), {}),
        (forward(unit, as_of=19), {Y: certain(10, {unit: 1})}),
        (ask("whereabouts", unit, at=12), Whereabouts(None, None, (right,), None)),
    )


@trap(26)
def _part_was_replaced_in_the_field(s: Story) -> Answers:
    car, old, new = serial("car", 1), serial("pump", 1), serial("pump", 2)
    s.fix(8, car, old)
    s.take_off(12, car, old)
    s.fix(12.5, car, new)
    s.make(20, [car], [of(Y, 900)])
    one = (Fraction(1), "C62")
    return (
        (ask("contents", car, at=10), {old: one}),
        (ask("contents", car, at=13), {new: one}),
        (forward(old), {}),
        (forward(new), {Y: certain(20, {new: 1})}),
        (ask("carriers_forward", old), {car: ("certain", hour(8))}),
        (back(car, until=12.25), {old: certain(12)}),
    )
