"""The event hash of CBV 2.0: the same for the same event, in whatever form it came. 事件哈希

GS1 CBV 2.0, section 8.9: the facts of an event are joined to one text (the pre-hash) in a
fixed order and spelling, and hashed by SHA-256. Two systems that were told of one event in
JSON and in XML, with other prefixes and another order of lists, get the same hash.

**Set in stone: events that came without an ID are named by this hash for ever.**

Where the description of the algorithm and its reference implementation differ, the published
hashes decide; docs/design/event.md lists each place.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from suyuan.event._context import STANDARD_CONTEXT, Context, read_context
from suyuan.event._fields import PERSISTENT_ELSEWHERE
from suyuan.event._hash_text import name_text, number_text, scalar_text, time_text, value_text
from suyuan.event._model import Event, Role
from suyuan.event._text import time_microseconds
from suyuan.event._vocabulary import (
    COMPONENT,
    DISPOSITION,
    MEASUREMENT_TYPE,
    SENSOR_ALERT_TYPE,
    Vocabulary,
)

__all__ = ["event_digest", "event_hash", "hash_uri", "prehash"]

# By the number of the type, of the action.
_HEADS = (
    "",
    "eventType=ObjectEventeventTime=",
    "eventType=AggregationEventeventTime=",
    "eventType=TransactionEventeventTime=",
    "eventType=TransformationEventeventTime=",
    "eventType=AssociationEventeventTime=",
)
_ACTIONS = ("", "action=ADD", "action=OBSERVE", "action=DELETE")

# The lists in their order in the pre-hash: role, name of the list.
_FIRST_LISTS = (
    (int(Role.EPC), "epcList"),
    (int(Role.INPUT), "inputEPCList"),
    (int(Role.CHILD), "childEPCs"),
    (int(Role.QUANTITY), "quantityList"),
    (int(Role.CHILD_QUANTITY), "childQuantityList"),
    (int(Role.INPUT_QUANTITY), "inputQuantityList"),
    (int(Role.OUTPUT), "outputEPCList"),
    (int(Role.OUTPUT_QUANTITY), "outputQuantityList"),
)
_LAST_LISTS = (
    (int(Role.BUSINESS_TRANSACTION), "bizTransactionList"),
    (int(Role.DESTINATION), "destinationList"),
    (int(Role.SOURCE), "sourceList"),
)
# What stands before an identifier of which more is said, by its role.
_STARTS = {
    int(Role.QUANTITY): "quantityElementepcClass=",
    int(Role.CHILD_QUANTITY): "quantityElementepcClass=",
    int(Role.INPUT_QUANTITY): "quantityElementepcClass=",
    int(Role.OUTPUT_QUANTITY): "quantityElementepcClass=",
    int(Role.BUSINESS_TRANSACTION): "bizTransaction=",
    int(Role.DESTINATION): "destination=",
    int(Role.SOURCE): "source=",
}
_LOT = int(Role.LOT)
_PARENT, _READ_POINT, _BUSINESS_LOCATION, _TRANSFORMATION = (
    int(role)
    for role in (Role.PARENT, Role.READ_POINT, Role.BUSINESS_LOCATION, Role.TRANSFORMATION)
)

# Fields that are written elsewhere, or take no part: who recorded an event, what it is
# called and that it was declared in error is not what happened.
_KNOWN_FIELDS = frozenset(
    {name for _, name in (*_FIRST_LISTS, *_LAST_LISTS)}
    | {"@context", "type", "eventTime", "eventTimeZoneOffset", "recordTime", "eventID"}
    | {"errorDeclaration", "certificationInfo", "parentID", "action", "transformationID"}
    | {"bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation"}
    | {PERSISTENT_ELSEWHERE}
    | {"sensorElementList"}
)

_TIMES = frozenset({"time", "startTime", "endTime"})
_METADATA_ORDER = (
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
)
_REPORT_ORDER = (
    "type",
    "exception",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "time",
    "microorganism",
    "chemicalSubstance",
    "value",
    "component",
    "stringValue",
    "booleanValue",
    "hexBinaryValue",
    "uriValue",
    "minValue",
    "maxValue",
    "meanValue",
    "sDev",
    "percRank",
    "percValue",
    "uom",
    "coordinateReferenceSystem",
    "bizRules",  # in the JSON schema, but not in the order of CBV 2.0: last
)
_REPORT_WORDS = {
    "type": MEASUREMENT_TYPE,
    "exception": SENSOR_ALERT_TYPE,
    "component": COMPONENT,
}


class _Form:
    """What the names of the fields of an event tell of its pre-hash."""

    __slots__ = (
        "extensions",
        "first",
        "has_sensors",
        "is_certified",
        "last",
        "persistent",
        "places",
    )

    def __init__(self, names: tuple[str, ...]) -> None:
        self.is_certified = "certificationInfo" in names
        self.first = [(role, name) for role, name in _FIRST_LISTS if name in names]
        self.persistent = [
            name for name in ("persistentDisposition", PERSISTENT_ELSEWHERE) if name in names
        ]
        self.places = [
            (role, name)
            for role, name in ((_READ_POINT, "readPoint"), (_BUSINESS_LOCATION, "bizLocation"))
            if name in names
        ]
        self.has_sensors = "sensorElementList" in names
        self.last = [(role, name) for role, name in _LAST_LISTS if name in names]
        self.extensions = [name for name in names if name not in _KNOWN_FIELDS]


_forms: dict[tuple[str, ...], _Form] = {}
_FORMS_MAX = 10_000


def _form(names: tuple[str, ...]) -> _Form:
    """Find the form of events with these fields; those of one source have the same."""
    form = _forms.get(names)
    if form is None:
        if len(_forms) >= _FORMS_MAX:
            _forms.clear()
        form = _forms[names] = _Form(names)
    return form


def event_hash(event: Event) -> str:
    """Give the event hash ID of CBV 2.0, as a named information URI (RFC 6920)."""
    return hash_uri(event_digest(event))


def hash_uri(digest: bytes) -> str:
    """Spell an event hash as the ID that it is."""
    return f"ni:///sha-256;{digest.hex()}?ver=CBV2.0"


def event_digest(event: Event) -> bytes:
    """Give the 32 bytes of the event hash."""
    return sha256(prehash(event).encode()).digest()


def prehash(event: Event) -> str:
    """Give the text that is hashed."""
    body = event.body
    form = _form(tuple(body))
    context = _context(body["@context"]) if "@context" in body else STANDARD_CONTEXT
    named = dict(event.named)  # A field each.
    detailed = _detailed(event) if event.detailed else _NOTHING
    parts = [
        _HEADS[event.event_type],
        time_text(event.event_time),
        "eventTimeZoneOffset=",
        event.event_time_zone_offset,
    ]
    if form.is_certified:
        parts.append(_certification_info(body["certificationInfo"], context))
    if _PARENT in named:
        parts.append("parentID=" + named[_PARENT][0])
    for role, name in form.first:
        if role in named:
            parts.append(name + _instances(named[role], body[name]))
        elif role in detailed:
            parts.append(name)
            parts += sorted(detailed[role])
    parts.append(_ACTIONS[event.action])
    if _TRANSFORMATION in named:
        parts.append("transformationID=" + named[_TRANSFORMATION][0])
    if event.business_step is not None:
        parts.append("bizStep=" + _own_word(event.business_step, context))
    if event.disposition is not None:
        parts.append("disposition=" + _own_word(event.disposition, context))
    for name in form.persistent:
        parts.append(_persistent_disposition(body[name], context))
    for role, name in form.places:
        if role in named:
            parts.append(f"{name}id={named[role][0]}")
            if len(body[name]) > 1:
                parts.append(_members(body[name], ("id",), context))
    if form.has_sensors:
        parts.append(_sensor_elements(body["sensorElementList"], context))
    if form.last or form.extensions:
        rest = [
            name + "".join(sorted(detailed[role])) for role, name in form.last if role in detailed
        ]
        for key in form.extensions:
            rest += _extension(key, body[key], context)
        rest.sort()
        parts += rest
    return "".join(parts)


_last_context: tuple[Any, Context] = (None, STANDARD_CONTEXT)


def _context(value: list[Any]) -> Context:
    """Read the context of an event; events of one document share the very list."""
    global _last_context
    known, context = _last_context
    if known is not value:
        context = read_context(value)
        _last_context = (value, context)
    return context


def _instances(uris: Sequence[str], sent: Sequence[str]) -> str:
    """Spell a list of instances; what is repeated is one mention, but here as often as sent."""
    if len(uris) != len(sent):
        uris = [value_text(epc, STANDARD_CONTEXT) for epc in sent]
    return "epc=" + "epc=".join(sorted(uris))


_NOTHING: dict[int, list[str]] = {}


def _detailed(event: Event) -> dict[int, list[str]]:
    """Spell what is mentioned with more than its role, by role.

    Lots are said by what is hashed as it is.
    """
    found: dict[int, list[str]] = {}
    for role, uri, quantity, uom, kind in event.detailed:
        if role == _LOT:
            continue
        text = _STARTS[role] + uri
        if kind is not None:
            text = f"type={kind}{text}"
        elif quantity is not None:
            text = f"{text}quantity={number_text(quantity)}"
            if uom is not None:
                text = f"{text}uom={uom}"
        if role in found:
            found[role].append(text)
        else:
            found[role] = [text]
    return found


def _own_word(uri: str, context: Context) -> str:
    return uri if uri.startswith("https://ref.gs1.org/cbv/") else value_text(uri, context)


def _word(vocabulary: Vocabulary, text: str, context: Context) -> str:
    return vocabulary.spellings.get(text) or value_text(text, context)


def _certification_info(value: Any, context: Context) -> str:
    uris = value if type(value) is list else [value]
    return "".join(sorted([f"certificationInfo={value_text(uri, context)}" for uri in uris]))


def _persistent_disposition(value: dict[str, list[str]], context: Context) -> str:
    parts = ["persistentDisposition"]
    for name in ("set", "unset"):
        words = value.get(name, ())
        parts += sorted([f"{name}={_word(DISPOSITION, word, context)}" for word in words])
    return "".join(parts)


def _sensor_elements(elements: list[dict[str, Any]], context: Context) -> str:
    if not elements:
        return ""
    return "sensorElementList" + "".join(sorted([_sensor(each, context) for each in elements]))


def _sensor(element: dict[str, Any], context: Context) -> str:
    parts = ["sensorElement"]
    metadata = element.get("sensorMetadata")
    if metadata:
        parts.append("sensorMetadata")
        parts += [
            f"{name}={_sensor_value(name, metadata[name], context)}"
            for name in _METADATA_ORDER
            if name in metadata
        ]
        parts.append(_members(metadata, _METADATA_ORDER, context))
    parts += sorted([_report(report, context) for report in element["sensorReport"]])
    parts.append(_members(element, ("sensorMetadata", "sensorReport"), context))
    return "".join(parts)


def _report(report: dict[str, Any], context: Context) -> str:
    parts = ["sensorReport"]
    for name in _REPORT_ORDER:
        if name in report:
            value = report[name]
            if name in _REPORT_WORDS:
                text = _word(_REPORT_WORDS[name], value, context)
            else:
                text = _sensor_value(name, value, context)
            if text:
                parts.append(f"{name}={text}")
    if len(report) >= len(parts):
        parts.append(_members(report, _REPORT_ORDER, context))
    return "".join(parts)


def _sensor_value(name: str, value: Any, context: Context) -> str:
    return time_text(time_microseconds(value)) if name in _TIMES else scalar_text(value, context)


def _members(value: dict[str, Any], known: tuple[str, ...], context: Context) -> str:
    """Spell the extensions among the members of an object, in their order."""
    texts: list[str] = []
    for key, member in value.items():
        if key not in known:
            texts += _extension(key, member, context)
    return "".join(sorted(texts))


def _extension(key: str, value: Any, context: Context) -> list[str]:
    """Spell an extension: one text, or one for each element where it is a list."""
    name = context.names.get(key)
    if name is None:
        name = name_text(key, context)
    if not name:
        return []
    if type(value) is str:
        text = context.texts.get(value)
        if text is None:
            text = value_text(value, context)
        return [f"{name}={text}" if text else name]
    if type(value) is list:
        return [name + _content(each, context) for each in value]
    return [name + _content(value, context)]


def _content(value: Any, context: Context) -> str:
    """Spell the value of an extension with everything in it."""
    if type(value) is dict:
        text = scalar_text(value.get("#text"), context)
        inner = _members(value, (), context)
        return f"={text}{inner}" if text else inner
    if type(value) is list:
        return "".join(sorted(_content(each, context) for each in value))
    text = scalar_text(value, context)
    return f"={text}" if text else ""
