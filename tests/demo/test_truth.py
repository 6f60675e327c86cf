"""The events say what the demo says: a brute-force trace finds the truth, and nothing else."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import pytest

from suyuan.demo import Truth
from tests.demo.forward import Answer, track_forward
from tests.demo.record import Containers, Entry, Told, food, gtin_of, told, valid_now

# Small plants keep the suite quick; the default plant is what a visitor sees.
PLANTS: dict[str, dict[str, int]] = {
    "default": {},
    "seed 2, small": {"seed": 2, "events": 9_000},
    "seed 3, smallest": {"seed": 3, "events": 6_000},
    "seed 4, busy": {"seed": 4, "days": 14, "events": 16_000},
    "seed 5, two plants": {"seed": 5, "days": 14, "events": 22_000},
}


@dataclass
class Case:
    """One plant, what it knows about itself, and what a stranger finds out."""

    told: Told
    truth: Truth
    answer: Answer

    @property
    def entries(self) -> list[Entry]:
        return self.told.entries


@pytest.fixture(scope="module", params=PLANTS, ids=list(PLANTS))
def case(request: pytest.FixtureRequest) -> Case:
    it = told(**PLANTS[request.param])
    truth = it.plant.truth()
    return Case(it, truth, track_forward(it.entries, it.containers, truth.raw_lot))


def lots_of(answer: Answer, truth: Truth) -> set[str]:
    return {name for name in answer.reached if "/10/" in name} - {truth.raw_lot}


def test_trace_of_the_contaminated_lot_reaches_the_lots_of_the_truth(case: Case) -> None:
    assert lots_of(case.answer, case.truth) == {lot.uri for lot in case.truth.lots}


def test_trace_of_the_contaminated_lot_reaches_the_instances_of_the_truth(case: Case) -> None:
    instances = {name for name in case.answer.reached if "/21/" in name}
    assert instances == {*case.truth.cartons, *case.truth.samples}


def test_lots_are_reached_at_the_moment_of_the_truth(case: Case) -> None:
    moments = {lot.uri: lot.since.timestamp() for lot in case.truth.lots}
    assert {name: case.answer.reached[name] for name in moments} == moments


def test_what_carried_affected_goods_is_what_the_truth_says(case: Case) -> None:
    truth = case.truth
    expected = {*truth.cases, *truth.crates, *truth.pallets, *truth.vehicles}
    assert case.answer.carriers == expected


def test_shops_and_centres_that_received_affected_goods_are_those_of_the_truth(case: Case) -> None:
    loads = defaultdict(list)
    for name, start, end in case.answer.loads:
        loads[name].append((start, end))
    places = {
        entry.place
        for entry in case.entries
        if entry.step == "receiving" and entry.body.get("disposition") == "in_progress"
        for epc in entry.epcs
        if any(start <= entry.time <= end for start, end in loads.get(epc, ()))
    }
    truth = case.truth
    partners = {place for place in places if "9521001" not in place}
    co_packer = {place for place in truth.buyers if "9521002" in place}
    assert partners == {*truth.shops, *truth.centres, *co_packer}


def test_loads_of_the_truth_were_received_where_it_says(case: Case) -> None:
    received = {
        (epc, entry.place)
        for entry in case.entries
        if entry.step == "receiving"
        for epc in entry.epcs
    }
    assert set(case.truth.loads) <= received


def test_some_goods_are_not_affected_and_some_shops_are_spared(case: Case) -> None:
    chains = ("9521030", "9521031")
    shops = {
        entry.place
        for entry in case.entries
        if entry.step == "receiving" and gtin_of(entry.place).startswith(chains)
    }
    assert case.truth.shops
    assert shops - set(case.truth.shops)
    assert not {lot.uri for lot in case.truth.lots} & set(case.truth.clean_twins)


def test_without_the_correction_the_misrecorded_lots_are_not_found(case: Case) -> None:
    then = valid_now(case.told.bodies, believe_corrections=False)
    found = lots_of(track_forward(then, Containers().fold(then), case.truth.raw_lot), case.truth)
    hidden = {lot.uri for lot in case.truth.lots} - found
    assert hidden == set(case.truth.known_after_correction)
    assert hidden


def test_clean_twins_share_their_lot_number_or_their_tank(case: Case) -> None:
    truth = case.truth
    number = truth.raw_lot.rsplit("/", 1)[1]
    same_number = [lot for lot in truth.clean_twins if lot.endswith(f"/{number}")]
    assert same_number
    assert all(gtin_of(lot) != gtin_of(truth.raw_lot) for lot in same_number)
    tank_twin = next(lot for lot in truth.clean_twins if lot not in same_number)
    tanks = {lot for e in case.entries for lot in inputs_for(e, tank_twin)}
    assert tanks & {lot.uri for lot in truth.lots}


def inputs_for(entry: Entry, lot: str) -> set[str]:
    made = {name for name, _, _ in entry.output_amounts}
    return {name for name, _, _ in entry.input_amounts} if lot in made else set()


def test_grade_is_certain_exactly_when_everything_that_made_the_lot_was_reached(
    case: Case,
) -> None:
    makers: dict[str, set[str]] = defaultdict(set)
    inputs: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for entry in case.entries:
        if entry.kind == "TransformationEvent":
            for lot, _, _ in entry.output_amounts:
                makers[lot].add(entry.group)
            inputs[entry.group] += [(lot, entry.time) for lot, _, _ in entry.input_amounts]
            for crate in entry.inputs:
                inputs[entry.group] += [
                    (stay.child, entry.time)
                    for stay in case.told.containers.contents(crate, entry.time)
                ]
    reached = case.answer.reached
    certain = {case.truth.raw_lot}
    while True:
        good = {
            group
            for group, parts in inputs.items()
            if any(lot in certain and reached[lot] <= time for lot, time in parts)
        }
        more = {lot for lot in reached if makers[lot] and makers[lot] <= good} - certain
        if not more:
            break
        certain |= more
    expected = {lot.uri: lot.uri in certain for lot in case.truth.lots}
    assert {lot.uri: lot.grade == "certain" for lot in case.truth.lots} == expected
    assert {lot.grade for lot in case.truth.lots} == {"certain", "possible"}


def test_contaminated_amounts_are_those_of_perfect_mixing(case: Case) -> None:
    amounts = mix(case.entries, case.told.containers, case.truth.raw_lot)
    for lot in case.truth.lots:
        assert float(amounts[lot.uri]) == pytest.approx(lot.contaminated_kg, abs=0.002), lot.uri


def mix(entries: list[Entry], containers: Containers, start: str) -> dict[str, Decimal]:
    """Follow the contaminated kilograms through every transformation, in order of time."""
    held: dict[str, Decimal] = defaultdict(Decimal)  # food in a lot or a running transformation
    bad: dict[str, Decimal] = defaultdict(Decimal)  # of which contaminated
    went_in: dict[str, Decimal] = defaultdict(Decimal)

    def move(source: str, target: str, kilograms: Decimal) -> None:
        share = bad[source] * kilograms / held[source] if held[source] else Decimal(0)
        for name, sign in ((source, -1), (target, 1)):
            held[name] += sign * kilograms
            bad[name] += sign * share
        went_in[target] += share

    for entry in entries:
        if entry.kind == "TransformationEvent":
            for name in entry.inputs:
                for stay in containers.contents(name, entry.time):
                    if "/10/" in stay.child:
                        move(stay.child, entry.group, food(stay.child, stay.amount, stay.uom))
            for element in entry.input_amounts:
                move(element[0], entry.group, food(*element))
            for element in entry.output_amounts:
                move(entry.group, element[0], food(*element))
        elif entry.step == "commissioning" and entry.amounts:
            for element in entry.amounts:
                held[element[0]] += food(*element)
                bad[element[0]] += food(*element) if element[0] == start else 0
        elif entry.action == "DELETE" and entry.kind == "ObjectEvent":
            for element in entry.amounts:
                move(element[0], "away", food(*element))
    return went_in
