"""Values of query parameters: words, identifiers, patterns, times, numbers, field names. 查询参数值

Each reader takes the text of one value and gives what a condition holds, or raises
InvalidInput; `_query_parameters` collects what they raise and says where.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from suyuan.errors import InvalidInput, Problem
from suyuan.event import STANDARD_NAMESPACES, Vocabulary
from suyuan.identifier import canonical_uri, epc_urn, parse
from suyuan.journal._query_conditions import FieldName, Value

__all__ = [
    "attribute_names",
    "boolean_value",
    "field_name",
    "integer_value",
    "number_value",
    "object_pattern",
    "time_value",
    "typed_value",
    "uri_spellings",
    "word_spellings",
    "word_uri",
]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NUMBER_LENGTH_MAX = 100
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,12})?"
    r"(?:Z|[ +-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
_INTEGER = re.compile(r"\+?[0-9]{1,18}")
_BOOLEANS = {"": True, "true": True, "1": True, "null": True, "false": False, "0": False}
_ROOT = "https://id.gs1.org"
_ATTRIBUTE_STARTS = ("urn:epcglobal:cbv:mda:", "urn:epcglobal:cbv:mda#", "cbvmda:")


def _refuse(code: str, found: str, *, expected: str = "", rule: str = "") -> InvalidInput:
    return InvalidInput(Problem(code=code, found=found[:200], expected=expected, rule=rule))


def number_value(text: str) -> Decimal:
    """Read a number. Raises InvalidInput `query.number_wrong`."""
    if len(text) > _NUMBER_LENGTH_MAX or not _NUMBER.fullmatch(text):
        raise _refuse("query.number_wrong", text)
    return Decimal(text)


def integer_value(text: str) -> int:
    """Read a positive whole number. Raises InvalidInput `query.integer_wrong`."""
    if not _INTEGER.fullmatch(text) or int(text) == 0:
        raise _refuse("query.integer_wrong", text)
    return int(text)


def time_value(text: str) -> datetime:
    """Read a time with its zone. Raises InvalidInput `query.time_wrong`.

    A plus sign that a URL turned into a space is taken for what it was.
    """
    if _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            pass
    raise _refuse("query.time_wrong", text, expected="2026-01-31T08:00:00Z")


def boolean_value(text: str) -> bool:
    """Read true or false; nothing stands for true. Raises InvalidInput `query.boolean_wrong`."""
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise _refuse("query.boolean_wrong", text, expected="true, false")
    return value


def typed_value(text: str) -> Value:
    """Read a value that may be text, number or time; what it reads as, it is."""
    number = time = None
    try:
        number = number_value(text)
    except InvalidInput:
        with contextlib.suppress(InvalidInput):
            time = time_value(text)
    return Value(text, number, time)


def word_uri(vocabulary: Vocabulary, text: str, namespaces: Mapping[str, str]) -> str:
    """Give the full URI of a word in any spelling. Raises InvalidInput `query.word_…`."""
    known = vocabulary.spellings.get(text)
    if known is not None:
        return known
    prefix, colon, local = text.partition(":")
    if not colon or any(character.isspace() for character in text):
        near = vocabulary.nearest(text)
        code = "query.word_misspelt" if near else "query.word_unknown"
        raise _refuse(code, text, expected=near, rule=vocabulary.name)
    namespace = namespaces.get(prefix) or STANDARD_NAMESPACES.get(prefix)
    if namespace is None:
        return text
    full = namespace + local
    return vocabulary.spellings.get(full, full)


def word_spellings(
    vocabulary: Vocabulary, text: str, namespaces: Mapping[str, str]
) -> tuple[str, ...]:
    """Give every spelling of a word that may stand in the body of an event."""
    uri = word_uri(vocabulary, text, namespaces)
    found = {spelling for spelling, known in vocabulary.spellings.items() if known == uri}
    for prefix, namespace in {**STANDARD_NAMESPACES, **namespaces}.items():
        if uri.startswith(namespace):
            found.add(f"{prefix}:{uri[len(namespace) :]}")
    return tuple(sorted(found | {uri, text}))


def uri_spellings(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the spellings of an identifier: whole texts, and the end of its Digital Links."""
    try:
        canonical = canonical_uri(text)
    except InvalidInput:
        return (text,), ()
    found = {text, str(canonical)}
    if not canonical.startswith(_ROOT + "/"):
        return tuple(sorted(found)), ()
    with contextlib.suppress(InvalidInput):  # No telling where its company prefix ends.
        found.add(epc_urn(canonical))
    return tuple(sorted(found)), (canonical[len(_ROOT) :],)


def attribute_names(text: str) -> tuple[str, ...]:
    """Give the spellings of the name of a master data attribute."""
    for start in _ATTRIBUTE_STARTS:
        if text.startswith(start):
            local = text[len(start) :]
            return tuple(other + local for other in _ATTRIBUTE_STARTS)
    if ":" in text or "#" in text:
        return (text,)
    return (text, *(start + text for start in _ATTRIBUTE_STARTS))


def field_name(text: str, namespaces: Mapping[str, str]) -> FieldName:
    """Read the name of an extension field.

    `namespace#name` as in EPCIS 1.x, `prefix:name` as in EPCIS 2.0, the full URI, or, for
    fields inside others, the bare name. A prefix that the query does not declare stands for
    itself: it is compared with the prefix that the event uses.
    """
    namespace, sharp, local = text.rpartition("#")
    if sharp:
        if not namespace:
            return FieldName((), (local,), local)
        joined = {f"{namespace}{joint}{local}" for joint in ("", "#", "/", ":")}
        return _with_standard_prefixes(joined, local)
    prefix, colon, local = text.partition(":")
    if not colon:
        return FieldName((), (text,), text)
    if local.startswith("//") or prefix == "urn":
        return _with_standard_prefixes({text}, "")
    known = namespaces.get(prefix) or STANDARD_NAMESPACES.get(prefix)
    if known is None:
        return FieldName((), (text,), local)
    return _with_standard_prefixes({known + local}, local)


def _with_standard_prefixes(names: set[str], ending: str) -> FieldName:
    """Add the names under prefixes that are in force everywhere, so that no event declares."""
    short = {
        f"{prefix}:{name[len(namespace) :]}"
        for name in names
        for prefix, namespace in STANDARD_NAMESPACES.items()
        if name.startswith(namespace)
    }
    return FieldName(tuple(sorted(names | short)), (), ending)


def object_pattern(text: str, *, is_class: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read what a MATCH_ parameter names: canonical URIs, and patterns for SQL's LIKE.

    Source: EPCIS 2.0, 8.2.7.1.1. Raises InvalidInput from the identifier, or
    `query.pattern_wrong`.
    """
    if text.startswith("urn:epc:idpat:"):
        return _epc_pattern(text, is_class=is_class)
    if "*" not in text:
        # A code as it stands on a label will do as well.
        return (str(parse(text).canonical if text.startswith("(") else canonical_uri(text)),), ()
    exact: tuple[str, ...] = ()
    with contextlib.suppress(InvalidInput):
        exact = (str(canonical_uri(text)),)
    head, star, tail = text.rpartition("*")
    if star and not tail and "*" not in head:
        # Whatever domain it was written on, a key of GS1 is on ours.
        try:
            canonical = str(canonical_uri(head + "1"))
        except InvalidInput:
            pass
        else:
            if canonical.endswith("1") and canonical.startswith(_ROOT):
                return exact, (_like(canonical[:-1]) + "%",)
    return exact, ("%".join(_like(piece) for piece in text.split("*")),)


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# How keys are built around the company prefix: (application identifier, digits before the
# prefix, digits in all, components behind the prefix, what follows the digits).
_SHAPES: dict[str, tuple[str, str, int, int, str]] = {
    "sgtin": ("01", "_", 14, 2, "/21/%"),
    "upui": ("01", "_", 14, 2, "/235/%"),
    "itip": ("8006", "_", 18, 4, "/21/%"),
    "sscc": ("00", "_", 18, 1, ""),
    "sgln": ("414", "", 13, 2, ""),
    "pgln": ("417", "", 13, 1, ""),
    "grai": ("8003", "0", 14, 2, "_%"),
    "gdti": ("253", "", 13, 2, "_%"),
    "sgcn": ("255", "", 13, 2, "_%"),
    "gsrn": ("8018", "", 18, 1, ""),
    "gsrnp": ("8017", "", 18, 1, ""),
    "gsin": ("402", "", 17, 1, ""),
    "giai": ("8004", "", 0, 1, ""),
    "ginc": ("401", "", 0, 1, ""),
    "cpi": ("8010", "", 0, 2, "/8011/%"),
}


def _epc_pattern(text: str, *, is_class: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read `urn:epc:idpat:…`, in which components from some point on are `*`."""
    scheme, _, body = text.removeprefix("urn:epc:idpat:").partition(":")
    shape = _SHAPES.get(scheme)
    parts = body.split(".")
    if shape is None:
        raise _refuse("query.pattern_wrong", text, expected=", ".join(_SHAPES))
    ai, before, digits, components, after = shape
    fixed = len(parts) if "*" not in parts else parts.index("*")
    if len(parts) < components + 1 or any(part != "*" for part in parts[fixed:]):
        raise _refuse("query.pattern_wrong", text)
    if fixed == len(parts):
        return (str(canonical_uri(text.replace(":idpat:", ":id:", 1))),), ()
    ending = "" if is_class else after
    if fixed == 0:
        anything = "_" * digits if digits else "%"
        return (), _with_extension(scheme, f"{_ROOT}/{ai}/{anything}{ending}")
    if fixed == components:  # All but the serial number: a class, or everything of that class.
        if scheme == "sgln":
            plain = str(canonical_uri(f"urn:epc:id:sgln:{parts[0]}.{parts[1]}.0"))
            return (plain,), (f"{_like(plain)}/254/%",)
        if components > 1:
            named = str(canonical_uri(text))
            return ((named,), ()) if is_class else ((), (_like(named) + after,))
    prefix = parts[0]
    if not (prefix.isdigit() and prefix.isascii() and 6 <= len(prefix) <= 12) or fixed > 1:
        raise _refuse("query.pattern_wrong", text)
    rest = "_" * (digits - len(before) - len(prefix)) if digits else "%"
    # Each leading digit by itself: so the fixed part, by which the index is read, is long.
    leading = "0123456789" if before == "_" else [before]
    patterns = [f"{_ROOT}/{ai}/{digit}{prefix}{rest}{ending}" for digit in leading]
    return (), tuple(one for pattern in patterns for one in _with_extension(scheme, pattern))


def _with_extension(scheme: str, pattern: str) -> tuple[str, ...]:
    """A place has an extension or none, and a pattern for any of them means both."""
    return (pattern, f"{pattern}/254/%") if scheme == "sgln" else (pattern,)
