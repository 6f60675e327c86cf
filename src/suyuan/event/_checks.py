"""Checks of the fields of an event, one function a kind of field. 字段校验

A check looks at one value, adds what it finds wrong to the problems of the reading, and adds
what the event mentions to its mentions. Checks never stop at the first problem. They are on
the hot path of capture: the way of a valid value through each is short, and everything that
costs (pointers, texts, suggestions) is done only when something is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from suyuan.event._model import Action
from suyuan.event._reading import SCHEMA, SHORT, Check, Path, Reading, repeated
from suyuan.event._text import (
    TIME_ZONE_OFFSETS,
    is_number_storable,
    is_uri,
    key_prefix,
    time_microseconds,
)
from suyuan.event._vocabulary import Vocabulary

__all__ = [
    "PLAIN",
    "Form",
    "action",
    "boolean",
    "certification_info",
    "check_members",
    "event_id",
    "event_time",
    "extension",
    "extension_key",
    "hex_binary",
    "member_list",
    "members",
    "number",
    "skip",
    "text",
    "time",
    "time_zone_offset",
    "uri",
    "uri_list",
    "vocabulary_uri",
    "word",
    "words",
]

_EVENT_ID_BYTES_MAX = 2_048
_CACHE_MAX = 100_000


def skip(reading: Reading, at: Path, value: Any) -> None:
    """Check nothing: the field is looked at elsewhere."""


# -- times -----------------------------------------------------------------------------------


def _time(reading: Reading, at: Path, value: Any) -> int | None:
    try:
        return time_microseconds(value)
    except (ValueError, TypeError, IndexError):
        if type(value) is not str:
            reading.wrong_type(at, value, "a time as text", "time")
        else:
            reading.fault(
                at,
                "time_malformed",
                rule=SCHEMA + "time",
                expected="YYYY-MM-DDThh:mm:ss[.fraction] with Z or ±hh:mm",
                found=value,
            )
        return None


def time(reading: Reading, at: Path, value: Any) -> None:
    """Check a time."""
    _time(reading, at, value)


def event_time(reading: Reading, at: Path, value: Any) -> None:
    """Check the time of the event, and keep it."""
    try:
        reading.event_time = time_microseconds(value)
    except (ValueError, TypeError, IndexError):
        _time(reading, at, value)


def time_zone_offset(reading: Reading, at: Path, value: Any) -> None:
    """Check eventTimeZoneOffset."""
    if type(value) is not str or value not in TIME_ZONE_OFFSETS:
        reading.fault(
            at,
            "time_zone_malformed",
            rule=SCHEMA + "Event/properties/eventTimeZoneOffset",
            expected="+hh:mm or -hh:mm, from -14:00 to +14:00",
            found=value,
        )


# -- plain values ----------------------------------------------------------------------------


def text(reading: Reading, at: Path, value: Any) -> None:
    """Check that a value is a text."""
    if type(value) is not str:
        reading.wrong_type(at, value, "a text", "string")


def boolean(reading: Reading, at: Path, value: Any) -> None:
    """Check that a value is true or false."""
    if type(value) is not bool:
        reading.wrong_type(at, value, "true or false", "boolean")


def number(reading: Reading, at: Path, value: Any) -> None:
    """Check that a value is a number that can be kept."""
    if type(value) is not int and type(value) is not Decimal:
        reading.wrong_type(at, value, "a number", "decimal")
    elif not is_number_storable(value):
        reading.fault(
            at, "number_out_of_range", rule="range", expected="at most ±1e308", found=value
        )


_HEX = re.compile(r"[0-9A-Fa-f]+")


def hex_binary(reading: Reading, at: Path, value: Any) -> None:
    """Check that a value is hexadecimal."""
    if type(value) is not str or _HEX.fullmatch(value) is None:
        reading.wrong_type(at, value, "hexadecimal digits", "hexBinary")


_ACTIONS = {member.name: member for member in Action if member is not Action.NONE}


def action(reading: Reading, at: Path, value: Any) -> None:
    """Check the action, and keep it."""
    known = _ACTIONS.get(value) if type(value) is str else None
    if known is None:
        reading.fault(
            at,
            "action_unknown",
            rule=SCHEMA + "action",
            expected="ADD, OBSERVE or DELETE",
            found=value,
        )
    else:
        reading.action = known


def uri(reading: Reading, at: Path, value: Any) -> None:
    """Check that a value is an absolute URI."""
    if type(value) is not str:
        reading.wrong_type(at, value, "a URI as text", "uri")
    elif not is_uri(value):
        reading.fault(
            at, "uri_malformed", rule=SCHEMA + "uri", expected="an absolute URI", found=value
        )
    elif value[:4] not in PLAIN:
        reading.expanded(value)


def event_id(reading: Reading, at: Path, value: Any) -> None:
    """Check the ID of an event: a URI, short enough for indexes and for the log."""
    uri(reading, at, value)
    if type(value) is str and len(value) > 512 and len(value.encode()) > _EVENT_ID_BYTES_MAX:
        reading.fault(
            at,
            "text_too_long",
            rule="storage",
            expected=f"at most {_EVENT_ID_BYTES_MAX} bytes",
            found=len(value),
        )


def uri_list(reading: Reading, at: Path, value: Any) -> None:
    """Check that a value is a list of absolute URIs."""
    if type(value) is not list:
        reading.wrong_type(at, value, "a list of URIs", "uri")
        return
    if len(value) > SHORT:
        reading.list_length(at, value)
    for index, element in enumerate(value):
        uri(reading, (*at, index), element)


def certification_info(reading: Reading, at: Path, value: Any) -> None:
    """Check one URI or a list of them."""
    (uri_list if type(value) is list else uri)(reading, at, value)


# -- words -----------------------------------------------------------------------------------

# How a URI begins that is surely not a compact one. Contexts cannot redefine these.
PLAIN = frozenset({"urn:", "http"})

_own_words: dict[tuple[str, str], str] = {}


def vocabulary_uri(reading: Reading, at: Path, value: Any, vocabulary: Vocabulary) -> str | None:
    """Give the full URI of a word of a vocabulary, or of a word of one's own."""
    try:
        return vocabulary.spellings[value]
    except (KeyError, TypeError):
        pass
    if type(value) is not str:
        reading.wrong_type(at, value, "a word as text", "vocab-uri")
        return None
    own = _own_words.get((vocabulary.name, value))
    if own is not None:
        return own
    full = value if value[:4] in PLAIN else reading.expanded(value)
    known = vocabulary.spellings.get(full)
    if known is not None:
        return known
    if not is_uri(full) or (full if vocabulary.is_closed else value).startswith(
        vocabulary.reserved
    ):
        near = vocabulary.nearest(value)
        reading.fault(
            at,
            "word_unknown",
            rule=SCHEMA + vocabulary.definition,
            expected=f"a {vocabulary.name} of CBV 2.0"
            + (f" ({near}?)" if near else "")
            + ", or a URI of one's own",
            found=value,
            vocabulary=vocabulary.name,
            vocabulary_zh=vocabulary.chinese,
            expected_zh=f"其中的词{f'（{near}？）' if near else ''}，或自定义的 URI",
        )
        return None
    if value[:4] in PLAIN:
        if len(_own_words) >= _CACHE_MAX:
            _own_words.clear()
        _own_words[vocabulary.name, value] = full
    return full


def word(vocabulary: Vocabulary, keep: str = "") -> Check:
    """Make the check of a word; `keep` names the attribute of the reading that keeps it."""

    def check(reading: Reading, at: Path, value: Any) -> None:
        found = vocabulary_uri(reading, at, value, vocabulary)
        if keep:
            setattr(reading, keep, found)

    return check


def words(vocabulary: Vocabulary, definition: str) -> Check:
    """Make the check of a list of different words, at least one."""

    def check(reading: Reading, at: Path, value: Any) -> None:
        if type(value) is not list or not value:
            reading.wrong_type(at, value, f"a list of at least one {vocabulary.name}", definition)
            return
        if len(value) > SHORT:
            reading.list_length(at, value)
        for index, element in enumerate(value):
            vocabulary_uri(reading, (*at, index), element, vocabulary)
        repeated(reading, at, value, definition)

    return check


# -- objects in lists ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """What an object may have: checks of its known members, and which it must have.

    `others` says what may stand beside the known members: nothing, extensions
    (`prefix:name`), or anything that can be kept.
    """

    definition: str
    checks: dict[str, Check]
    required: tuple[str, ...] = ()
    others: Literal["none", "extensions", "anything"] = "none"


def check_members(reading: Reading, at: Path, value: Any, form: Form) -> None:
    """Check an object by its form."""
    if type(value) is not dict:
        reading.wrong_type(at, value, "an object", form.definition)
        return
    reading.members += len(value)
    for key, member in value.items():
        check = form.checks.get(key)
        if check is not None:
            check(reading, (*at, key), member)
        elif form.others == "anything" or (
            form.others == "extensions" and extension_key(reading, key)
        ):
            extension(reading, (*at, key), member)
        else:
            known = ", ".join(form.checks)
            name = "prefix:name" if form.others == "extensions" else ""
            reading.fault(
                (*at, key),
                "field_unknown",
                rule=SCHEMA + form.definition,
                expected=", or ".join(filter(None, (known, name))),
                found=key,
                field=key,
            )
    for key in form.required:
        if key not in value:
            reading.fault(
                at,
                "field_missing",
                rule=SCHEMA + form.definition,
                expected=key,
                found=value,
                field=key,
            )


def members(form: Form) -> Check:
    """Make the check of an object."""

    def check(reading: Reading, at: Path, value: Any) -> None:
        check_members(reading, at, value, form)

    return check


def member_list(form: Form, *, is_empty_allowed: bool = True) -> Check:
    """Make the check of a list of objects."""

    def check(reading: Reading, at: Path, value: Any) -> None:
        if type(value) is not list or not (value or is_empty_allowed):
            least = "" if is_empty_allowed else " with at least one element"
            reading.wrong_type(at, value, f"a list{least}", form.definition)
            return
        if len(value) > SHORT:
            reading.list_length(at, value)
        for index, element in enumerate(value):
            check_members(reading, (*at, index), element, form)

    return check


# -- extensions ------------------------------------------------------------------------------


def extension_key(reading: Reading, key: str) -> bool:
    """Tell whether a name can be that of an extension, and remember its prefix."""
    prefix = key_prefix(key)
    if prefix is None:
        return False
    reading.use(prefix)
    return True


def extension(reading: Reading, at: Path, value: Any) -> None:
    """Check the value of an extension field: anything, at any level, that can be kept."""
    kind = type(value)
    if kind is str:
        if ":" in value and value[:4] not in PLAIN:
            reading.expanded(value)
    elif kind is int or kind is Decimal:
        if not is_number_storable(value):
            number(reading, at, value)
    elif kind is dict or kind is list:
        if len(at) > reading.limits.depth_max:
            reading.fault(
                at,
                "nesting_too_deep",
                rule="depth_max",
                expected=f"at most {reading.limits.depth_max} levels",
                found=value,
            )
        elif kind is list:
            if len(value) > SHORT:
                reading.list_length(at, value)
            for index, element in enumerate(value):
                extension(reading, (*at, index), element)
        else:
            reading.members += len(value)
            for key, member in value.items():
                if ":" in key:
                    extension_key(reading, key)
                extension(reading, (*at, key), member)
