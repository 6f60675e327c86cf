"""The table of GS1 application identifiers, and the check of a value against it. 应用标识符

Source: GS1 General Specifications, section 3 (syntax of each identifier). The table itself
is `application_identifiers.csv` beside this module: one row an identifier or a range, the
components of its value in the notation `X..20`, `N6:date0`, `[N4:time]` (optional).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from suyuan.errors import Language
from suyuan.identifier._characters import CHARACTER_SETS, first_stranger
from suyuan.identifier._content import CONTENT_RULES
from suyuan.identifier._fault import Fault

__all__ = ["ApplicationIdentifier", "application_identifiers", "element_title", "value_faults"]

_RULE = "GS1 General Specifications, section 3"
_COMPONENT = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)((?::[a-z0-9_]+)*)\]?")


class Component(NamedTuple):
    """One part of a value: a run of characters of one set, with rules for its content."""

    character_set: str
    length_min: int
    length_max: int
    is_optional: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationIdentifier:
    """One application identifier: how its value is written and what it is called."""

    ai: str
    components: tuple[Component, ...]
    has_predefined_length: bool  # No separator follows it in an element string.
    is_link_attribute: bool  # May stand in the query of a Digital Link URI.
    title_en: str
    title_zh: str
    length_min: int
    length_max: int
    shape: re.Pattern[str]


@cache
def application_identifiers() -> Mapping[str, ApplicationIdentifier]:
    """Read the table, once: every application identifier by its digits."""
    page = files(__package__) / "application_identifiers.csv"
    table: dict[str, ApplicationIdentifier] = {}
    for row in csv.DictReader(page.read_text(encoding="utf-8").splitlines()):
        first, _, last = row["ai"].partition("-")
        for number in range(int(first), int(last or first) + 1):
            entry = _entry(f"{number:0{len(first)}d}", row)
            table[entry.ai] = entry
    return table


def _entry(ai: str, row: dict[str, str]) -> ApplicationIdentifier:
    components = tuple(_component(text) for text in row["format"].split())
    return ApplicationIdentifier(
        ai=ai,
        components=components,
        has_predefined_length="fixed" in row["flags"],
        is_link_attribute="link" in row["flags"],
        title_en=row["title_en"],
        title_zh=row["title_zh"],
        length_min=sum(c.length_min for c in components if not c.is_optional),
        length_max=sum(c.length_max for c in components),
        shape=re.compile("".join(map(_shape, components))),
    )


def _component(text: str) -> Component:
    match = _COMPONENT.fullmatch(text)
    assert match, f"a component in the table of application identifiers reads {text!r}"
    bracket, character_set, up_to, length, rules = match.groups()
    return Component(
        character_set,
        1 if up_to else int(length),
        int(length),
        bool(bracket),
        tuple(rules.split(":")[1:]),
    )


def _shape(component: Component) -> str:
    allowed = "".join(sorted(CHARACTER_SETS[component.character_set]))
    part = f"([{re.escape(allowed)}]{{{component.length_min},{component.length_max}}})"
    return f"{part}?" if component.is_optional else part


def element_title(ai: str, language: Language = "en") -> str:
    """Say in a few words what an application identifier is."""
    entry = application_identifiers()[ai]
    return entry.title_zh if language == "zh" else entry.title_en


def value_faults(ai: str, value: str) -> list[Fault]:
    """Find everything that is wrong with the value of an application identifier."""
    entry = application_identifiers()[ai]
    match = entry.shape.fullmatch(value)
    if match is None:
        return _shape_faults(entry, value)
    faults = []
    for number, component in enumerate(entry.components, start=1):
        part = match[number]
        if part is not None:
            for rule in component.rules:
                fault = CONTENT_RULES[rule](part)
                if fault is not None:
                    faults.append(fault.moved(match.start(number))._replace(name=f"({ai})"))
    return faults


def _shape_faults(entry: ApplicationIdentifier, value: str) -> list[Fault]:
    """Say which character is strange or by how much the value is too short or long."""
    name = f"({entry.ai})"
    if not value:
        return [Fault(0, "value_empty", _RULE, name=name)]
    faults: list[Fault] = []
    start = 0
    for component in entry.components:
        part = value[start : start + component.length_max]
        stranger = first_stranger(part, component.character_set)
        if stranger >= 0:
            found = part[stranger]
            expected = f"set {component.character_set}"
            faults.append(
                Fault(
                    start + stranger,
                    f"character_forbidden_{component.character_set.lower()}",
                    _RULE,
                    expected,
                    found,
                    name,
                )
            )
        start += len(part)
        if not part or len(part) < component.length_min:
            break
    if not faults or len(value) > entry.length_max:
        expected = _length_text(entry)
        index = min(len(value), entry.length_max)
        faults.append(Fault(index, "length_wrong", _RULE, expected, str(len(value)), name))
    return faults


def _length_text(entry: ApplicationIdentifier) -> str:
    low, high = entry.length_min, entry.length_max
    if low == high:
        return str(low)
    if any(c.is_optional and c.length_min == c.length_max for c in entry.components):
        lengths = [low]
        for component in entry.components:
            if component.is_optional:
                lengths.append(lengths[-1] + component.length_max)
        return ", ".join(map(str, lengths))
    return f"{low}–{high}"
