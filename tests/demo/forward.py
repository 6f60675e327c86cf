"""Track forward by brute force, word for word from design section 7, for tests alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tests.demo.record import Containers, Entry


@dataclass
class Answer:
    """What a starting lot reached, with the earliest moment, and what carried it."""

    reached: dict[str, float]
    carriers: set[str]
    loads: list[tuple[str, float, float]]


@dataclass
class _Group:
    inputs: list[tuple[str, float]] = field(default_factory=list)
    outputs: list[tuple[str, float]] = field(default_factory=list)


def track_forward(entries: list[Entry], containers: Containers, start: str) -> Answer:
    """Apply the rules again and again until nothing new is reached."""
    groups = _groups(entries, containers)
    instances = _instances(entries)
    first_seen = min(e.time for e in entries if any(start == lot for lot, _, _ in e.amounts))
    reached = {start: first_seen}
    while _spread(groups, instances, reached):
        pass
    loads = [
        (stay.inside, stay.start, stay.end)
        for name, since in reached.items()
        for stay in containers.carriers(name, since)
    ]
    return Answer(reached, {name for name, _, _ in loads}, loads)


def _groups(entries: list[Entry], containers: Containers) -> list[_Group]:
    groups: dict[str, _Group] = defaultdict(_Group)
    for entry in entries:
        if entry.kind != "TransformationEvent":
            continue
        group = groups[entry.group]
        names = [*entry.inputs, *(lot for lot, _, _ in entry.input_amounts)]
        for container in entry.inputs:
            names += [stay.child for stay in containers.contents(container, entry.time)]
        group.inputs += [(name, entry.time) for name in names]
        made = [*entry.outputs, *(lot for lot, _, _ in entry.output_amounts)]
        group.outputs += [(name, entry.time) for name in made]
    return list(groups.values())


def _instances(entries: list[Entry]) -> dict[str, list[str]]:
    """Give the instances of each lot: made known with a lot number beside the serial number."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "ObjectEvent" and entry.lot_number:
            for epc in entry.epcs:
                found[epc[: epc.index("/21/")] + "/10/" + entry.lot_number].append(epc)
    return found


def _spread(
    groups: list[_Group], instances: dict[str, list[str]], reached: dict[str, float]
) -> bool:
    before = dict(reached)
    for group in groups:
        times = [time for name, time in group.inputs if reached.get(name, time + 1) <= time]
        if times:
            for name, time in group.outputs:
                if time >= min(times):
                    reached[name] = min(time, reached.get(name, time))
    for lot, epcs in instances.items():
        if lot in reached:
            for epc in epcs:
                reached.setdefault(epc, reached[lot])
    return reached != before
