"""What the oracle decided where the design is open, as stories worked out by hand.

Numbers are those of the list in `tests.trace.oracle`.
"""

from __future__ import annotations

from fractions import Fraction

from tests.trace.oracle import Whereabouts
from tests.trace.story import (
    NOT_FOUND,
    Answers,
    Story,
    Trap,
    ask,
    back,
    case,
    certain,
    collect,
    forward,
    gtin,
    hour,
    lot,
    of,
    possible,
    serial,
)

DECISIONS: list[Trap] = []

decision = collect(DECISIONS, "decision")

X, Y, Z, W = lot("x"), lot("y"), lot("z"), lot("w")
ONE = (Fraction(1), "C62")


@decision(2)
def _declaration_may_come_before_what_it_declares(s: Story) -> Answers:
    wrong = s.make(8, [of(X, 10)], [of(Y, 10)], recorded=30)
    s.declare(wrong, 20)
    s.entries.reverse()
    return (
        (forward(X), {}),
        (forward(X, as_of=25), {}),  # Named by the declaration.
        (forward(X, as_of=19), NOT_FOUND),
    )


@decision(4)
def _product_without_a_lot_is_a_lot_without_instances(s: Story) -> Answers:
    salt = f"https://id.gs1.org/01/{gtin('salt')}"
    s.commission(7, serial("salt", 1))
    s.make(8, [of(X, 10)], [of(salt, 10)])
    s.make(9, [of(salt, 5)], [of(Y, 5)])
    return ((forward(X), {salt: certain(8, {X: 10}), Y: certain(9, {X: 5})}),)


@decision(7)
def _instance_that_left_the_lot_before_is_recalled_with_it(s: Story) -> Answers:
    unit = serial("y", 1)
    s.make(7, [of(W, 5)], [of(Y, 5, None)])
    s.commission(8, unit, lot_number="1")
    s.make(9, [of(X, 5)], [of(Y, 5, None)])
    return ((forward(X), {Y: possible(9, {X: 5}), unit: possible(9, {X: 0})}),)


@decision(9)
def _bounds_are_closed_at_both_ends(s: Story) -> Answers:
    s.commission(6, of(X, 10))
    s.make(8, [of(X, 10)], [of(Y, 10)])
    return (
        (forward(X, since=8), {Y: certain(8, {X: 10})}),
        (forward(X, since=8.01), {}),
        (back(Y, until=8), {X: certain(8, {Y: 10})}),
        (back(Y, until=7.99), {}),
    )


@decision(10)
def _seen_inside_is_inside(s: Story) -> Answers:
    crate, other, unit = case(1), case(2), serial("unit", 1)
    s.pack(8, crate, of(X, 20), unit, action="OBSERVE")
    s.pack(9, crate, of(X, 20), unit, action="OBSERVE")
    s.pack(10, crate, of(X, 5))
    s.pack(11, other, unit, action="OBSERVE")
    return (
        (ask("contents", crate, at=9.5), {X: (Fraction(20), "KGM"), unit: ONE}),
        (ask("contents", crate, at=10.5), {X: (Fraction(25), "KGM"), unit: ONE}),
        (ask("contents", crate, at=11.5), {X: (Fraction(25), "KGM")}),
        (ask("whereabouts", unit, at=12), Whereabouts(None, None, (other,), None)),
    )


@decision(11)
def _what_may_still_be_inside_is_inside(s: Story) -> Answers:
    crate, other = case(1), case(2)
    s.pack(8, crate, of(X))
    s.pack(8, crate, of(Y, 10))
    s.pack(8, crate, of(Z, 10))
    s.unpack(9, crate, of(X, 5))  # Of how much?
    s.unpack(9, crate, of(Y))
    s.unpack(9, crate, of(Z, 4, None))  # Pieces of kilograms.
    s.unpack(10, other, of(X, 5))
    return (
        (ask("contents", crate, at=9.5), {X: (None, "C62"), Z: (None, "KGM")}),
        (ask("contents", other, at=10), {}),
    )


@decision(12)
def _packing_does_not_unfasten(s: Story) -> Answers:
    pump, car, crate = serial("pump", 1), serial("car", 1), case(1)
    s.fix(8, car, pump)
    s.pack(9, crate, pump)
    s.unpack(10, crate)
    return (
        (ask("contents", car, at=9.5), {pump: ONE}),
        (ask("contents", crate, at=9.5), {pump: ONE}),
        (ask("contents", car, at=11), {pump: ONE}),
        (ask("contents", crate, at=11), {}),
    )


@decision(13)
def _what_is_used_or_destroyed_leaves_where_it_was(s: Story) -> Answers:
    used, dead, part, left = (serial("unit", number) for number in range(4))
    crate, inner, outer, car = case(1), case(2), case(3), serial("car", 1)
    s.pack(8, crate, used, dead)
    s.fix(8, car, part)
    s.pack(8, inner, part)
    s.pack(8.5, outer, left)
    s.make(9, [used], [of(X, 1)])
    s.scrap(9, dead, step="decommissioning")
    s.make(9, [inner], [of(Y, 1)])
    s.scrap(9, outer, step="decommissioning")
    return (
        (ask("contents", crate, at=8.5), {used: ONE, dead: ONE}),
        (ask("contents", crate, at=9.5), {}),
        (ask("contents", car, at=9.5), {}),
        (ask("contents", inner, at=9.5), {}),
        (ask("contents", outer, at=9.5), {left: ONE}),
    )


@decision(15)
def _container_inside_itself_is_left_at_that(s: Story) -> Answers:
    crate, other, unit = case(1), case(2), serial("unit", 1)
    s.pack(8, crate, other)
    s.pack(9, other, crate)
    s.pack(9, other, unit)
    return (
        (ask("contents", crate, at=10), {other: ONE, unit: ONE}),
        (ask("contents", other, at=10), {crate: ONE, unit: ONE}),
    )


@decision(16)
def _instance_is_of_every_lot_that_is_said(s: Story) -> Answers:
    unit, product = serial("y", 1), gtin("y")
    s.see(8, [f"https://id.gs1.org/01/{product}/10/A/21/1"], "storing")
    s.commission(7, unit, lot_number="B")
    return (
        (forward(lot("y", "A")), {unit: certain(None, {lot("y", "A"): 1})}),
        (forward(lot("y", "B")), {unit: certain(None, {lot("y", "B"): 1})}),
        (forward(lot("y", "A"), since=9), {unit: certain(9, {lot("y", "A"): 1})}),
        (
            back(unit),
            {
                lot("y", "A"): certain(None, {unit: 1}),
                lot("y", "B"): certain(None, {unit: 1}),
            },
        ),
    )


@decision(17)
def _instance_reaches_what_its_lot_was_used_for(s: Story) -> Answers:
    unit, whole = serial("loaf", 1), lot("loaf", "L")
    s.commission(7, of(whole, 10, None))
    s.make(7.5, [of(whole, 1, None)], [of(Z, 1)])
    s.make(8, [of(X, 10)], [unit], lot_number="L")
    s.make(9, [of(whole, 2, None)], [of(Y, 2)])
    s.make(10, [of(Y, 1)], [of(W, 1)])
    s.pack(11, case(1), of(whole, 2, None))
    return (
        (
            forward(X),
            {
                unit: certain(8, {X: 10}),
                Y: possible(9, {X: None}),
                W: possible(10, {X: None}),
            },
        ),
        # Without `since` a start has always been there, also before it was made.
        (
            forward(unit),
            {
                Z: possible(7.5, {unit: None}),
                Y: possible(9, {unit: None}),
                W: possible(10, {unit: None}),
            },
        ),
        (
            forward(unit, since=8),
            {Y: possible(9, {unit: None}), W: possible(10, {unit: None})},
        ),
        (ask("carriers_forward", unit), {}),
        (
            back(Y),
            {
                whole: certain(9, {Y: 2}),
                unit: possible(9, {Y: None}),
                X: possible(8, {Y: None}),
            },
        ),
        (back(Z), {whole: certain(7.5, {Z: 1}), unit: possible(7.5, {Z: None})}),
    )


@decision(18)
def _start_at_a_container_is_a_start_at_what_was_in_it(s: Story) -> Answers:
    crate, unit = case(1), serial("unit", 1)
    s.pack(7, crate, of(X, 5))
    s.unpack(8, crate)
    s.pack(9, crate, unit)
    s.make(10, [of(X, 5)], [of(Y, 5)])
    s.make(11, [unit], [of(Z, 5)])
    return (
        (
            forward(crate),
            {
                X: certain(7),
                unit: certain(9),
                Y: certain(10, {X: 5}),
                Z: certain(11, {unit: 1}),
            },
        ),
        (forward(crate, since=8.5), {unit: certain(9), Z: certain(11, {unit: 1})}),
        (back(crate), {X: certain(8), unit: certain(11)}),
        (back(crate, until=7.5), {X: certain(7.5)}),
        (ask("carriers_forward", crate), {crate: ("certain", hour(7))}),
    )


@decision(19)
def _certain_has_a_clock_of_its_own(s: Story) -> Answers:
    mixed = lot("mixed")
    s.commission(6, of(X, 20))
    s.make(7, [of(X, 10)], [of(mixed, 10)])
    s.make(7, [of(W, 10)], [of(mixed, 10)])
    s.make(8, [of(mixed, 10)], [of(Y, 10)], run="day")
    s.make(9, [of(Y, 4)], [of(Z, 4)])
    s.make(12, [of(X, 10)], [of(Y, 10)], run="day")
    return (
        (
            forward(X),
            {
                mixed: possible(7, {X: 10}),
                Y: certain(8, {X: 15}),
                Z: possible(9, {X: 2}),
            },
        ),
        (
            back(Y, until=10),
            {
                mixed: certain(8, {Y: 10}),
                X: possible(7, {Y: 5}),
                W: possible(7, {Y: 5}),
            },
        ),
        (
            back(Y),
            {
                mixed: certain(8, {Y: 10}),
                X: certain(12, {Y: 15}),
                W: possible(7, {Y: 5}),
            },
        ),
        # All sources of the mixture are suspected. Each has its portions as if it were alone.
        (
            forward(X, W),
            {
                mixed: certain(7, {X: 10, W: 10}),
                Y: certain(8, {X: 15, W: 5}),
                Z: certain(9, {X: 2, W: 2}),
            },
        ),
    )


@decision(20)
def _pieces_of_two_products_do_not_compare(s: Story) -> Answers:
    loaf, more, cup = lot("loaf", "1"), lot("loaf", "2"), lot("cup")
    s.make(8, [of(X, 10)], [of(loaf, 5, None), of(cup, 5, None)])
    s.make(9, [of(Y, 10)], [of(more, 3, "EA"), serial("loaf", 1), serial("loaf", 2)])
    s.make(10, [of(Z, 10)], [of(lot("a"), 5), of(lot("b"), 5, "LTR")])
    return (
        (forward(X), {loaf: certain(8, {X: None}), cup: certain(8, {X: None})}),
        (
            forward(Y),
            {
                more: certain(9, {Y: 6}),
                serial("loaf", 1): certain(9, {Y: 2}),
                serial("loaf", 2): certain(9, {Y: 2}),
            },
        ),
        (
            forward(Z),
            {lot("a"): certain(10, {Z: None}), lot("b"): certain(10, {Z: None})},
        ),
    )


@decision(20)
def _more_comes_out_than_went_in_before_the_rest(s: Story) -> Answers:
    s.make(8, [of(X, 10)], [], run="day")
    s.make(9, [], [of(Y, 12)], run="day")
    s.make(10, [of(W, 10)], [], run="day")
    s.make(11, [], [of(Z, 8)], run="day")
    return (
        (forward(X), {Y: certain(9, {X: None}), Z: certain(11, {X: None})}),
        (forward(W), {Z: certain(11, {W: 10})}),
    )


@decision(20)
def _kilograms_and_pieces_of_one_run_do_not_compare(s: Story) -> Answers:
    s.make(8, [of(X, 10)], [], run="day")
    s.make(9, [], [of(Y, 5)], run="day")
    s.make(10, [], [of(Z, 5, None)], run="day")
    return ((forward(X), {Y: certain(9, {X: None}), Z: certain(10, {X: None})}),)


@decision(23)
def _receipt_of_what_was_made_here_is_no_new_stock(s: Story) -> Answers:
    s.make(7, [of(W, 100)], [of(X, 100)])
    s.receive(8, of(X, 50))
    s.make(9, [of(X, 100)], [of(Y, 100)])
    s.receive(6, of(Z, 30))
    s.receive(8, of(Z, 30))
    return (
        (forward(W), {X: certain(7, {W: 100}), Y: certain(9, {W: 100})}),
        (ask("balance", X), (Fraction(100), Fraction(100), *[Fraction(0)] * 3)),
        (ask("balance", Z), (Fraction(60), Fraction(60), *[Fraction(0)] * 3)),
    )


@decision(24)
def _instance_is_used_once(s: Story) -> Answers:
    unit, other = serial("unit", 1), serial("unit", 2)
    s.make(8, [unit], [of(Y, 1)])
    s.make(9, [unit], [of(Z, 1)])
    s.make(8, [other, of(X, 10)], [other])  # Rework, of what was never recorded before.
    return (
        (forward(unit), {Y: certain(8, {unit: 1}), Z: certain(9, {unit: None})}),
        (forward(other), {other: certain(8, {other: 1})}),
        (forward(X), {other: certain(8, {X: 10})}),
    )


@decision(30)
def _all_of_it_is_somewhere(s: Story) -> Answers:
    box, broken, empty, unit = case(1), case(2), case(3), serial("unit", 1)
    s.commission(6, of(X, 100))
    s.ship(8, of(X, 20))
    s.pack(8, box, of(X, 30))
    s.pack(8, broken, of(X, 3))
    s.pack(8, empty, of(X, 2))
    s.ship(9, box)
    s.ship(9.5, box)  # Once more, though it had not arrived.
    s.scrap(10, of(X, 5))
    s.scrap(10, broken)
    s.scrap(10, empty, step="decommissioning")
    s.make(11, [of(X, 10)], [of(Y, 8)])
    s.make(11, [of(X, 7)], [], run="never-ends")
    s.make(12, [of(X, 4)], [unit])
    s.ship(13, unit)
    s.receive(14, of(X, 6))
    # Shipped: 20 and 30 without the 6 that came back, and a unit with 4. Scrapped: 5 and 3.
    # In stock: what is left of 100 - 20 - 30 - 5 - 3 - 10 - 7 - 4 + 6, and 10 in Y.
    whole = (100, 37, 48, 8, 7)
    return ((ask("balance", X), tuple(Fraction(part) for part in whole)),)
