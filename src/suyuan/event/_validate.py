"""The one validator of events, and the one place where facts are taken out of them. 校验

`make_event` works on the JSON form, so that JSON, XML and the stored form pass through the
same door. It adds every problem it finds, each with a pointer, and gives an event only when
there was none.

How it is fast: events of one source have the same fields in the same order, so what can be
said of the names of the fields (which are known, which are missing, which check each value
needs) is worked out once for each such shape and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import itemgetter
from typing import Any

from suyuan.errors import Problem
from suyuan.event import _checks as check
from suyuan.event._context import STANDARD_CONTEXT, Context, read_context
from suyuan.event._fields import EVENT_TYPE_NAMES, FIELDS, REQUIRED, RULES, UNCOMMON, uncommon_rules
from suyuan.event._keys import repeated_keys
from suyuan.event._lots import lots_by_master_data
from suyuan.event._model import DEFAULT_LIMITS, Action, Event, EventType, Limits
from suyuan.event._reading import SCHEMA, Check, Path, Reading
from suyuan.event._text import TIME_ZONE_OFFSETS, key_prefix, shown

__all__ = ["check_texts", "make_event"]

_SHAPES_MAX = 10_000
_DIGITS_MAX = 1_000

_FACTS_MAX = 1_000
_ELSEWHERE = ("type", "@context")
# Fields with few values, which come again and again in the same combinations.
_CONSTANTS = ("eventTimeZoneOffset", "action", "bizStep", "disposition")
_Facts = tuple[Action, str | None, str | None]

# -- shapes ----------------------------------------------------------------------------------


class _Shape:
    """What can be said of an event by its type and the names and order of its fields."""

    __slots__ = (
        "checks",
        "constant_checks",
        "constants",
        "event_type",
        "facts",
        "faults",
        "has_uncommon",
        "paths",
        "prefixes",
        "rules",
        "values",
    )

    def __init__(self, event_type: EventType, names: tuple[str, ...]) -> None:
        fields = FIELDS[event_type]
        self.event_type = event_type
        self.rules = RULES[event_type]
        self.faults: list[tuple[str, str]] = []  # problem code, name of the field
        self.has_uncommon = not UNCOMMON.isdisjoint(names)
        prefixes = set()
        constants = [name for name in names if name in _CONSTANTS and name in fields]
        others = [name for name in names if name not in constants and name not in _ELSEWHERE]
        self.constant_checks = [(fields[name], (name,)) for name in constants]
        self.constants = _getter(constants)
        # What events with these constants have in common; found out once.
        self.facts: dict[Any, _Facts] = {}
        self.paths = [(name,) for name in others]
        self.values = _getter(others)
        self.checks: list[Check] = []
        for name in others:
            known = fields.get(name)
            if known is None:
                prefix = key_prefix(name)
                if prefix is None:
                    self.faults.append(("field_unknown", name))
                    known = check.skip
                else:
                    prefixes.add(prefix)
                    known = check.extension
            self.checks.append(known)
        self.faults.extend(
            ("field_missing", name) for name in REQUIRED[event_type] if name not in names
        )
        self.prefixes = frozenset(prefixes)


def _getter(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Make what takes the values of some fields out of an event."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda body: tuple([body[name] for name in names])


_shapes: dict[tuple[str, ...], _Shape] = {}


def _shape(body: Any, problems: list[Problem], pointer: str) -> _Shape | None:
    """Find the shape of an event that has not been seen before."""
    if type(body) is not dict:
        expected = "an event (an object)"
        problems.append(
            Problem(
                code="event.value_kind_wrong",
                where=pointer,
                rule=SCHEMA + "EPCIS-Document-Event",
                expected=expected,
                found=shown(body),
            )
        )
        return None
    name = body.get("type")
    event_type = EVENT_TYPE_NAMES.get(name) if type(name) is str else None
    if event_type is None:
        missing = "type" not in body
        problems.append(
            Problem(
                code="event.field_missing" if missing else "event.type_unknown",
                where=pointer if missing else f"{pointer}/type",
                rule=SCHEMA + "EPCIS-Document-Event",
                expected=", ".join(EVENT_TYPE_NAMES),
                found=shown(body if missing else name),
                values={"field": "type"},
            )
        )
        return None
    shape = _Shape(event_type, tuple(body))
    if len(_shapes) >= _SHAPES_MAX:
        _shapes.clear()
    _shapes[body["type"], *body] = shape
    return shape


def _name_faults(reading: Reading, shape: _Shape, body: dict[str, Any]) -> None:
    """Add the problems of names: unknown fields and missing ones."""
    definition = SCHEMA + body["type"]
    for code, name in shape.faults:
        if code == "field_missing":
            reading.fault((), code, rule=definition, expected=name, found=body, field=name)
        else:
            near = [field for field in FIELDS[shape.event_type] if field.lower() == name.lower()]
            reading.fault(
                (name,),
                code,
                rule=definition,
                expected=near[0] if near else f"a field of {body['type']}, or prefix:name",
                found=name,
                field=name,
            )


# -- the door --------------------------------------------------------------------------------


def make_event(
    body: Any,
    *,
    problems: list[Problem],
    pointer: str = "",
    context: Context = STANDARD_CONTEXT,
    limits: Limits = DEFAULT_LIMITS,
    is_text_checked: bool = False,
    text: bytes | None = None,
) -> Event | None:
    """Make an event of its JSON form, or add every problem to `problems` and give None.

    `pointer` is the JSON Pointer of the event in its document, `context` what is in force
    there. The event takes `body` over and completes its `@context`. `is_text_checked` says
    that no text in it holds U+0000 or a lone surrogate or is longer than the limit. `text` is
    the JSON that the body came from, where it did: only there a key can be seen twice.
    """
    try:
        shape = _shapes[body["type"], *body]
    except (KeyError, TypeError):
        if (made := _shape(body, problems, pointer)) is None:
            return None
        shape = made
    before = len(problems)
    if "@context" in body:
        context = read_context(
            body["@context"], outer=context, pointer=f"{pointer}/@context", problems=problems
        )
    reading = Reading(pointer, problems, context, limits)
    if shape.faults:
        _name_faults(reading, shape, body)
    if not is_text_checked:
        check_texts(reading, body)
    _take_constants(reading, shape, shape.constants(body))
    for checked, at, value in zip(shape.checks, shape.paths, shape.values(body), strict=True):
        checked(reading, at, value)
    shape.rules(reading, body)
    if shape.has_uncommon:
        uncommon_rules(reading, body)
    if text is not None:
        _check_keys(reading, body, text)
    if len(problems) != before:
        return None
    if "ilmd" in body:  # Valid by now, as everything is.
        reading.named += lots_by_master_data(body, reading.named, context)
    used = shape.prefixes if reading.used is None else shape.prefixes | reading.used
    context.complete(body, used)
    return Event(
        body,
        shape.event_type,
        reading.event_time,
        body["eventTimeZoneOffset"],
        body.get("eventID"),
        reading.action,
        reading.business_step,
        reading.disposition,
        "errorDeclaration" in body,
        reading.named,
        reading.detailed,
    )


def _take_constants(reading: Reading, shape: _Shape, constants: tuple[Any, ...]) -> None:
    """Check the constant fields; what depends on nothing else is found out only once."""
    try:
        reading.action, reading.business_step, reading.disposition = shape.facts[constants]
        return
    except (KeyError, TypeError):
        pass
    before = len(reading.problems)
    for (checked, at), value in zip(shape.constant_checks, constants, strict=True):
        checked(reading, at, value)
    is_same_everywhere = reading.used is None and not any(
        ":" in value and value[:4] not in check.PLAIN and value not in TIME_ZONE_OFFSETS
        for value in constants
        if type(value) is str
    )
    if len(reading.problems) == before and is_same_everywhere:
        if len(shape.facts) >= _FACTS_MAX:
            shape.facts.clear()
        shape.facts[constants] = (reading.action, reading.business_step, reading.disposition)


def _check_keys(reading: Reading, body: dict[str, Any], text: bytes) -> None:
    """Find keys that stand twice in one object, where only one of the values was taken.

    Every member has a colon after its key, so there must be as many as members. Texts may
    hold what looks like one, and some writers put spaces before it: then we look closely.
    """
    members = reading.members + len(body)
    if "@context" in body:
        members += reading.context.members
    if text.count(b'":') == members:
        return
    for path in repeated_keys(text):
        if path == ("eventID",):
            continue  # as in GS1's own AssociationEvent-h: the last one counts, nothing is lost
        reading.fault(
            path, "key_repeated", rule="RFC 7493, 2.3", expected="once", found=str(path[-1])
        )


def check_texts(reading: Reading, body: Any) -> None:
    """Look at every text of an event for what the database cannot hold, and at its depth."""
    waiting: list[tuple[Path, Any]] = [((), body)]
    while waiting:
        at, value = waiting.pop()
        kind = type(value)
        if kind is dict:
            waiting.extend(((*at, key), member) for key, member in value.items())
            for key in value:
                _check_text(reading, (*at, key), key)
        elif kind is list:
            waiting.extend(((*at, index), element) for index, element in enumerate(value))
        elif kind is str:
            _check_text(reading, at, value)
        elif kind is Decimal and len(value.as_tuple().digits) > _DIGITS_MAX:
            reading.fault(
                at,
                "number_out_of_range",
                rule="storage",
                expected=f"at most {_DIGITS_MAX} digits",
                found=value,
            )
        if len(at) > reading.limits.depth_max + 1:
            return  # the check of extensions says so


def _check_text(reading: Reading, at: Path, value: str) -> None:
    if "\0" in value or not _is_encodable(value):
        reading.fault(
            at,
            "text_forbidden",
            rule="storage",
            expected="a text without U+0000 and without lone surrogates",
            found=value,
        )
    if len(value) > reading.limits.text_length_max:
        reading.fault(
            at,
            "text_too_long",
            rule="text_length_max",
            expected=f"at most {reading.limits.text_length_max} characters",
            found=len(value),
        )


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
