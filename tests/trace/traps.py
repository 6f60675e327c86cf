"""The traps at which traceability systems fail, as stories with answers worked out by hand.

Numbers are those of the list of traps. Nothing here was computed by the code under test.
"""

from __future__ import annotations

from fractions import Fraction

from tests.trace.oracle import Reached, Whereabouts
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
    lot,
    of,
    place,
    possible,
    serial,
)
from tests.trace.traps_of_containers import CONTAINER_TRAPS

LOT_TRAPS: list[Trap] = []

trap = collect(LOT_TRAPS)

X, Y, Z, W = lot("x"), lot("y"), lot("z"), lot("w")


@trap(1)
def _shared_ingredient_in_many_orders(s: Story) -> Answers:
    orders = [lot("order", str(number)) for number in range(40)]
    s.commission(6, of(X, 1000))
    expected: dict[str, Reached] = {}
    for number, order in enumerate(orders):
        s.make(8, [of(X, 10)], [of(order, 10, None)])
        units = [serial("order", number * 10 + piece) for piece in range(10)]
        s.commission(9, *units, lot_number=str(number))
        expected[order] = certain(8, {X: 10})
        expected |= {unit: certain(8, {X: 1}) for unit in units}  # One of ten pieces with 10 kg.
    return ((forward(X), expected),)


@trap(2)
def _diamonds_one_after_the_other(s: Story) -> Answers:
    expected = {}
    tops = [lot("top", str(level)) for level in range(21)]
    s.commission(6, of(tops[0], 64))
    for level in range(20):
        top, left, right = tops[level], lot("left", str(level)), lot("right", str(level))
        s.make(8 + level, [of(top, 32)], [of(left, 32)])
        s.make(8 + level, [of(top, 32)], [of(right, 32)])
        s.make(8.5 + level, [of(left, 32), of(right, 32)], [of(tops[level + 1], 64)])
        for side in (left, right):
            expected[side] = certain(8 + level, {tops[0]: 32})
        expected[tops[level + 1]] = certain(8.5 + level, {tops[0]: 64})
    return ((forward(tops[0]), expected),)


@trap(3)
def _rework_loop(s: Story) -> Answers:
    s.commission(6, of(X, 100))
    s.make(8, [of(X, 100)], [of(Y, 100)])
    s.make(9, [of(Y, 50)], [of(Z, 50)])
    s.make(10, [of(Z, 50)], [of(Y, 50)])
    s.make(11, [of(Y, 100)], [of(W, 100)])
    # Y came out of two transformations, and of the second only by way of itself, which proves
    # nothing: possible. All of X went in first, and half of it again after the loop.
    return (
        (
            forward(X),
            {
                Y: possible(8, {X: 150}),
                Z: possible(9, {X: 50}),
                W: possible(11, {X: 100}),
            },
        ),
        (
            back(W),
            {
                Y: certain(11, {W: 100}),
                Z: possible(10, {W: 50}),
                X: possible(8, {W: 100}),
            },
        ),
        # Y reaches itself again, but not by each transformation that it came out of.
        (
            forward(Y),
            {
                Y: possible(10, {Y: 50}),
                Z: certain(9, {Y: 50}),
                W: certain(11, {Y: 100}),
            },
        ),
    )


@trap(4)
def _split_merge_and_return_of_a_part(s: Story) -> Answers:
    a, b, c = lot("a"), lot("b"), lot("c")
    s.receive(6, of(X, 100))
    s.make(8, [of(X, 60)], [of(a, 60)])
    s.make(9, [of(X, 40)], [of(b, 40)])
    s.make(10, [of(a, 30), of(b, 40)], [of(c, 70)])
    s.make(11, [of(a, 10)], [of(X, 10)])
    return (
        (
            forward(X),
            {
                a: certain(8, {X: 60}),
                b: certain(9, {X: 40}),
                c: certain(10, {X: 70}),
                X: certain(11, {X: 10}),
            },
        ),
        (
            back(c),
            {
                a: certain(10, {c: 30}),
                b: certain(10, {c: 40}),
                X: certain(9, {c: 70}),
            },
        ),
    )


@trap(5)
def _same_lot_text_for_two_products(s: Story) -> Answers:
    milk, flour = lot("milk", "7"), lot("flour", "7")
    s.make(8, [of(milk, 10)], [of(Y, 10)])
    s.make(8, [of(flour, 10)], [of(Z, 10)])
    return (
        (forward(milk), {Y: certain(8, {milk: 10})}),
        (back(Z), {flour: certain(8, {Z: 10})}),
    )


@trap(6)
def _co_products_and_by_products(s: Story) -> Answers:
    cream = [lot("cream", "1"), lot("cream", "2")]
    skim = lot("skim")
    s.commission(6, of(X, 100))
    s.make(8, [of(X, 50)], [of(cream[0], 6), of(cream[1], 4), of(skim, 30)])
    # Ten kilograms were lost; all of X is shared by 6 : 4 : 30.
    return (
        (
            forward(X),
            {
                cream[0]: certain(8, {X: Fraction(50 * 6, 40)}),
                cream[1]: certain(8, {X: 5}),
                skim: certain(8, {X: Fraction(75, 2)}),
            },
        ),
    )


@trap(7)
def _one_order_with_many_serials(s: Story) -> Answers:
    part = [lot("part", str(number)) for number in range(4)]
    unit = [serial("unit", number) for number in range(3)]
    order = lot("unit", "order")
    s.make(8, [of(part[0], 1, None)], [unit[0]])
    s.make(8, [of(part[1], 1, None)], [unit[1]])
    # Of these two components only the order is known in which they were used.
    s.make(8, [of(part[2], 5)], [of(order, 10, None)])
    s.make(9, [of(part[3], 5)], [of(order, 10, None)])
    s.commission(10, unit[2], lot_number="order")
    return (
        (forward(part[0]), {unit[0]: certain(8, {part[0]: 1})}),
        (back(unit[1]), {part[1]: certain(8, {unit[1]: 1})}),
        (
            forward(part[2]),
            {
                order: possible(8, {part[2]: 5}),
                unit[2]: possible(8, {part[2]: Fraction(1, 4)}),
            },
        ),
        (
            back(unit[2]),
            {
                order: certain(None, {unit[2]: 1}),
                part[2]: possible(8, {unit[2]: Fraction(1, 4)}),
                part[3]: possible(9, {unit[2]: Fraction(1, 4)}),
            },
        ),
    )


@trap(8)
def _tank_as_one_transformation_topped_up_while_drawn(s: Story) -> Answers:
    a, b = lot("milk", "a"), lot("milk", "b")
    first, second = lot("draw", "1"), lot("draw", "2")
    s.make(8, [of(a, 100)], [], run="silo")
    s.make(9, [], [of(first, 50)], run="silo")
    s.make(10, [of(b, 150)], [], run="silo")
    s.make(11, [], [of(second, 100)], run="silo")
    s.make(12, [], [of(second, 100)], run="silo")
    # 50 kg of a were drawn before b came; the rest left with the second draw, all of b too.
    return (
        (forward(a), {first: certain(9, {a: 50}), second: certain(11, {a: 50})}),
        (forward(b), {second: certain(11, {b: 150})}),
        (back(first), {a: certain(8, {first: 50})}),
    )


@trap(8)
def _tank_as_one_lot_topped_up_while_drawn(s: Story) -> Answers:
    a, b, tank = lot("milk", "a"), lot("milk", "b"), lot("tank")
    first, second = lot("fill", "1"), lot("fill", "2")
    s.make(8, [of(a, 100)], [of(tank, 100)])
    s.make(9, [of(tank, 50)], [of(first, 50)])
    s.make(10, [of(b, 150)], [of(tank, 150)])
    s.make(11, [of(tank, 100)], [of(second, 100)])
    # At 11 the tank holds 50 kg of a and 150 kg of b, and half of it is drawn.
    return (
        (
            forward(b),
            {tank: possible(10, {b: 150}), second: possible(11, {b: 75})},
        ),
        (
            forward(a),
            {
                tank: possible(8, {a: 100}),
                first: possible(9, {a: 50}),
                second: possible(11, {a: 25}),
            },
        ),
        (
            back(first),
            {tank: certain(9, {first: 50}), a: possible(8, {first: 50})},
        ),
    )


@trap(9)
def _event_was_declared_in_error_later(s: Story) -> Answers:
    right = lot("x", "right")
    s.commission(6, of(X, 10), of(right, 10))
    wrong = s.make(8, [of(X, 10)], [of(Y, 10)])
    corrective = s.make(8, [of(right, 10)], [of(Y, 10)], recorded=20)
    s.declare(wrong, 20, [corrective])
    return (
        (forward(X), {}),
        (forward(X, as_of=19.99), {Y: certain(8, {X: 10})}),
        (forward(X, as_of=20), {}),
        (back(Y), {right: certain(8, {Y: 10})}),
        (back(Y, as_of=19.99), {X: certain(8, {Y: 10})}),
    )


@trap(10)
def _events_arrive_late_and_out_of_order(s: Story) -> Answers:
    s.make(10, [of(Z, 4)], [of(W, 4)], recorded=11)
    s.make(9, [of(Y, 10)], [of(Z, 10)], recorded=12)
    s.make(8, [of(X, 10)], [of(Y, 10)], recorded=30)
    s.make(7, [of(Y, 1)], [of(lot("before"), 1)], recorded=31)
    s.commission(6, of(X, 10), of(Y, 1), recorded=32)
    # What was drawn from Y at 7 was drawn before X came, whenever it was recorded.
    return (
        (
            forward(X),
            {
                Y: certain(8, {X: 10}),
                Z: certain(9, {X: 10}),
                W: certain(10, {X: 4}),
            },
        ),
        (forward(X, as_of=12), NOT_FOUND),
    )


@trap(11)
def _quantity_of_the_link_and_not_of_today(s: Story) -> Answers:
    s.commission(6, of(X, 100))
    s.make(8, [of(X, 30)], [of(Y, 3, "LTR")])
    s.make(9, [of(Y, 1, "LTR")], [of(Z, 5, None)])
    s.scrap(10, of(X, 60), of(Y, 1, "LTR"))
    return (
        (forward(X), {Y: certain(8, {X: 30}), Z: certain(9, {X: 10})}),
        (back(Z), {Y: certain(9, {Z: 1}), X: certain(8, {Z: 10})}),
    )


@trap(12)
def _more_nodes_and_levels_than_silent_limits_allow(s: Story) -> Answers:
    units = [serial("unit", number) for number in range(600)]
    chain = [lot("level", str(level)) for level in range(15)]
    s.commission(1, of(chain[0], 6))
    for level in range(14):
        s.make(2 + level, [of(chain[level], 6)], [of(chain[level + 1], 6)])
    s.make(20, [of(chain[14], 6)], units)
    expected = {chain[n + 1]: certain(2 + n, {chain[0]: 6}) for n in range(14)}
    expected |= {unit: certain(20, {chain[0]: Fraction(6, 600)}) for unit in units}
    return ((forward(chain[0]), expected),)


@trap(13)
def _subcontractor_does_a_step_outside(s: Story) -> Answers:
    ours, theirs = place(1), place(2)
    s.make(7, [of(W, 100)], [of(X, 100)])
    s.ship(8, of(X, 100), parties=(ours, theirs), disposition="in_transit")
    s.receive(9, of(X, 100), parties=(ours, theirs), where=theirs, disposition="in_progress")
    s.make(10, [of(X, 80)], [of(Y, 40)])
    s.ship(11, of(Y, 40), of(X, 20), parties=(theirs, ours))
    s.receive(12, of(Y, 40), of(X, 20), parties=(theirs, ours), where=ours)
    s.make(13, [of(Y, 10), of(X, 20)], [of(Z, 30)])
    # Goods that travel are not more goods: X is 100 kg all the time.
    return (
        (
            forward(W),
            {
                X: certain(7, {W: 100}),
                Y: certain(10, {W: 80}),
                Z: certain(13, {W: 40}),
            },
        ),
        (ask("whereabouts", X, at=8.5), Whereabouts(None, ours, (), "in_transit")),
        (ask("whereabouts", X, at=9.5), Whereabouts(theirs, theirs, (), "in_progress")),
        (ask("whereabouts", Y, at=12.5), Whereabouts(ours, ours, (), None)),
    )


@trap(14)
def _whole_answer_at_once(s: Story) -> Answers:
    unit = serial("w", 1)
    s.commission(6, of(X, 8))
    s.make(8, [of(X, 8)], [of(Y, 8), of(Z, 8)])
    s.make(9, [of(Y, 4)], [of(W, 4, None)])
    s.commission(10, unit, lot_number="1")
    return (
        (
            forward(X),
            {
                Y: certain(8, {X: 4}),
                Z: certain(8, {X: 4}),
                W: certain(9, {X: 2}),
                unit: certain(9, {X: Fraction(1, 2)}),
            },
        ),
    )


@trap(15)
def _units_differ(s: Story) -> Answers:
    boxes = lot("boxes")
    s.commission(6, of(X, 1, "TNE"))
    s.make(8, [of(X, 250)], [of(Y, 250)])
    s.make(9, [of(X, 500_000, "GRM")], [of(Z, 0.3, "TNE"), of(W, 200)])
    s.make(10, [of(X, 100)], [of(boxes, 10, "XBX")])
    s.make(11, [of(boxes, 5, "XBX")], [of(lot("opened"), 60, None)])
    s.make(12, [of(boxes, 24, None)], [of(lot("lost"), 24, None)])
    # Nobody told how many pieces are in a box.
    return (
        (
            forward(X),
            {
                Y: certain(8, {X: Fraction(1, 4)}),
                Z: certain(9, {X: Fraction(3, 10)}),
                W: certain(9, {X: Fraction(2, 10)}),
                boxes: certain(10, {X: Fraction(1, 10)}),
                lot("opened"): certain(11, {X: Fraction(1, 20)}),
                lot("lost"): certain(12, {X: None}),
            },
        ),
    )


@trap(16)
def _thousands_of_serials_in_one_event(s: Story) -> Answers:
    units = [serial("unit", number) for number in range(2_000)]
    s.commission(6, of(X, 2, "KGM"))
    s.make(8, [of(X, 2000, "GRM")], units)
    expected = {unit: certain(8, {X: Fraction(1, 1000)}) for unit in units}
    return ((forward(X), expected),)


@trap(22)
def _serial_has_a_lot_and_the_raw_lot_is_recorded_against_it(s: Story) -> Answers:
    unit = serial("y", 1)
    s.commission(6, of(X, 10))
    s.make(8, [of(X, 10)], [of(Y, 10, None)])
    s.commission(9, unit, lot_number="1")
    return (
        (forward(X), {Y: certain(8, {X: 10}), unit: certain(8, {X: 1})}),
        (back(unit), {Y: certain(None, {unit: 1}), X: certain(8, {unit: 1})}),
        (back(unit, until=7), {Y: certain(7, {unit: 0})}),
    )


@trap(23)
def _events_at_the_same_time_in_order_of_their_ids(s: Story) -> Answers:
    s.commission(6, of(X, 10))
    s.make(9, [of(Y, 10)], [of(Z, 10)], name="b")
    s.make(9, [of(X, 10)], [of(Y, 10)], name="a")
    return ((forward(X), {Y: certain(9, {X: 10}), Z: certain(9, {X: 10})}),)


@trap(23)
def _events_at_the_same_time_against_the_order_of_their_ids(s: Story) -> Answers:
    s.commission(6, of(X, 10))
    s.make(9, [of(X, 10)], [of(Y, 10)], name="b")
    s.make(9, [of(Y, 10)], [of(Z, 10)], name="a")
    # They touch, so Z is reached; by the order of IDs there was nothing to draw: unknown.
    return (
        (forward(X), {Y: certain(9, {X: 10}), Z: certain(9, {X: None})}),
        (back(Z), {Y: certain(9, {Z: 10}), X: certain(9, {Z: None})}),
    )


@trap(24)
def _clock_of_one_station_is_off(s: Story) -> Answers:
    unit = serial("unit", 1)
    s.make(10, [of(X, 10)], [unit])
    s.make(9.5, [unit], [of(Y, 5)])  # It was half past ten.
    s.make(9.75, [of(Y, 5)], [of(Z, 5)])
    return (
        (
            forward(X),
            {
                unit: certain(10, {X: 10}),
                Y: certain(9.5, {X: None}),
                Z: certain(9.75, {X: None}),
            },
        ),
        (
            back(Z),
            {
                Y: certain(9.75, {Z: 5}),
                unit: certain(10, {Z: None}),
                X: certain(10, {Z: None}),
            },
        ),
    )


@trap(27)
def _inputs_after_outputs_of_one_transformation(s: Story) -> Answers:
    a, b = lot("milk", "a"), lot("milk", "b")
    cup, later = lot("cup", "1"), lot("cup", "2")
    s.make(10, [of(b, 50)], [], run="order")
    s.make(9, [], [of(cup, 400, None)], run="order")
    s.make(11, [], [of(later, 500, None)], run="order")
    s.make(8, [of(a, 100)], [], run="order")
    # How much of a was left when b came is not to be known: cups are no kilograms.
    return (
        (forward(b), {later: certain(11, {b: 50})}),
        (forward(a), {cup: certain(9, {a: None}), later: certain(11, {a: None})}),
        (back(cup), {a: certain(8, {cup: None})}),
    )


@trap(28)
def _very_long_chain(s: Story) -> Answers:
    chain = [lot("link", str(level)) for level in range(301)]
    s.commission(1, of(chain[0], 10))
    for level in range(300):
        s.make(2 + level / 10, [of(chain[level], 10)], [of(chain[level + 1], 10)])
    return (
        (
            forward(chain[0]),
            {chain[n + 1]: certain(2 + n / 10, {chain[0]: 10}) for n in range(300)},
        ),
    )


@trap(29)
def _object_that_was_never_seen(s: Story) -> Answers:
    s.commission(6, of(X, 10))
    return (
        (forward(X), {}),
        (back(X), {}),
        (forward(Y), NOT_FOUND),
        (back(X, Y), NOT_FOUND),
        (ask("history", Y), NOT_FOUND),
        (forward(X, as_of=6), NOT_FOUND),  # It was recorded a minute later.
    )


@trap(30)
def _same_event_by_two_doors(s: Story) -> Answers:
    for event in (
        s.commission(6, of(X, 10)),
        s.make(8, [of(X, 5)], [of(Y, 5)]),
        s.pack(9, case(1), of(Y, 5)),
    ):
        s.repeat(event, 20)
    s.make(10, [of(Y, 5)], [of(Z, 5)])
    return (
        (forward(X), {Y: certain(8, {X: 5}), Z: certain(10, {X: 5})}),
        (ask("contents", case(1), at=9.5), {Y: (Fraction(5), "KGM")}),
    )


TRAPS = sorted([*LOT_TRAPS, *CONTAINER_TRAPS], key=lambda trap: trap.id)
"""All of them, by number."""
