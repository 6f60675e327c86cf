"""One event: from its XML element to its JSON form. 事件:XML → JSON

EPCIS 2.0 and 1.x say the same with different wrappers: 1.2 puts what came later into
`extension` and `baseExtension`, 2.0 keeps those elements for the future. So wrappers are
looked through wherever they stand, and the order of elements means nothing; their names, how
often they come and what may stand in them does.

A fault of the XML itself is reported here. All the rest (missing fields, fields of another
event type, malformed values) is found by the one validator of events.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from lxml import etree

from suyuan.event._fields import PERSISTENT_ELSEWHERE
from suyuan.event._model import Limits
from suyuan.event._xml_names import EPCIS_NAMESPACES, XSI_NAMESPACE, Scope, decode_text
from suyuan.event._xml_source import Element
from suyuan.event._xml_value import (
    SCHEMA_HINTS,
    WRAPPERS,
    WRAPPERS_MAX,
    Fault,
    Handler,
    ValueReader,
    plain_name,
)
from suyuan.event._xml_words import WORD_FIELDS, bare_words

__all__ = ["CONTEXT_INSTRUCTION", "EVENT_TYPES", "LIST_MEMBERS", "EventReader"]

EVENT_TYPES = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)
LIST_MEMBERS = {
    "epcList": "epc",
    "childEPCs": "epc",
    "inputEPCList": "epc",
    "outputEPCList": "epc",
    "quantityList": "quantityElement",
    "childQuantityList": "quantityElement",
    "inputQuantityList": "quantityElement",
    "outputQuantityList": "quantityElement",
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
    "correctiveEventIDs": "correctiveEventID",
    "sensorElementList": "sensorElement",
}
"""The lists of an event, and the name that XML has for their elements."""

CONTEXT_INSTRUCTION = "json-ld-context"
"""The processing instruction that keeps what a JSON-LD context says beyond prefixes."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_NUMBER_LENGTH_MAX = 1_000
_NUMBERS = frozenset(
    {"value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"}
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_NIL = f"{{{XSI_NAMESPACE}}}nil"
_PERSISTENT_TYPES = ("ObjectEvent", "TransformationEvent")
_BARE = {field: bare_words(vocabulary) for field, vocabulary in WORD_FIELDS.items()}


def _number(text: str, form: re.Pattern[str]) -> int | Decimal | str:
    """Read a number, or give the text back for the validator to refuse."""
    if len(text) > _NUMBER_LENGTH_MAX or form.fullmatch(text) is None:
        return text
    return int(text) if text.lstrip("+-").isdigit() else Decimal(text)


class EventReader(ValueReader):
    """Turns the elements of events into JSON bodies, and reports what is wrong in the XML."""

    def __init__(self, limits: Limits, fault: Fault) -> None:
        super().__init__(limits, fault)
        handlers: dict[str, Handler] = {
            name: handler
            for names, handler in (
                (("eventTime", "recordTime", "eventTimeZoneOffset", "eventID"), self.text),
                (("certificationInfo", "parentID", "action", "transformationID"), self.text),
                (("bizStep", "disposition"), self._word),
                (("readPoint", "bizLocation"), self._place),
                (("persistentDisposition",), self._persistent_disposition),
                (("errorDeclaration",), self._error_declaration),
                (("ilmd",), self._ilmd),
            )
            for name in names
        }
        by_member = {
            "epc": self._texts,
            "quantityElement": self._quantities,
            "sensorElement": self._sensor_elements,
        }
        for name, member in LIST_MEMBERS.items():
            handlers[name] = by_member.get(member, self._typed)
        del handlers["correctiveEventIDs"]
        self._fields = {
            spelling: (name, handler)
            for name, handler in handlers.items()
            for spelling in (name, *(f"{{{ns}}}{name}" for ns in EPCIS_NAMESPACES))
        }
        self._place_fields: dict[str, Handler] = {"id": self.text}
        self._error_fields: dict[str, Handler] = {
            "declarationTime": self.text,
            "reason": self._word,
            "correctiveEventIDs": self._texts,
        }
        self._sensor_fields: dict[str, Handler] = {
            "sensorMetadata": self._sensor_metadata,
            "sensorReport": self._sensor_report,
        }

    def body(self, element: Element, event_type: str, scope: Scope) -> dict[str, Any]:
        """Give the JSON form of an event."""
        self.scope = scope
        body: dict[str, Any] = {"type": event_type}
        self._read_fields(element, body, 0)
        if element.keys():
            self.attributes(element, body)
        if "persistentDisposition" in body and event_type not in _PERSISTENT_TYPES:
            body[PERSISTENT_ELSEWHERE] = body.pop("persistentDisposition")
        return body

    def _read_fields(self, element: Element, body: dict[str, Any], depth: int) -> None:
        """Read the children of an event, or of a wrapper in it."""
        fields = self._fields
        for child in element:
            known = fields.get(child.tag)
            if known is None:
                self._other(child, body, depth)
            else:
                name, handler = known
                if name not in body:
                    body[name] = handler(child, name)
                elif name == "certificationInfo":
                    # The standard has a list of these; JSON writes one without the list.
                    earlier = body[name] if type(body[name]) is list else [body[name]]
                    body[name] = [*earlier, self.text(child, name)]
                else:
                    self.repeated(child, name)
            tail = child.tail
            if tail and not tail.isspace():
                self.no_stray(child, tail)
        self.no_stray(element, element.text)

    def _other(self, child: Element, body: dict[str, Any], depth: int) -> None:
        """Read a wrapper, an extension, or what has no place in an event."""
        if type(child.tag) is not str:
            self._instruction(child, body)
        elif plain_name(child.tag) not in WRAPPERS:
            self.other(child, body)
        elif depth >= WRAPPERS_MAX:
            self.too_deep(child, WRAPPERS_MAX)
        else:
            self._read_fields(child, body, depth + 1)
            if child.keys():
                self.attributes(child, body)

    def _instruction(self, node: Element, body: dict[str, Any]) -> None:
        """Take the rest of a JSON-LD context, which our own writer keeps in an instruction."""
        self.no_entity(node)
        if isinstance(node, etree._ProcessingInstruction) and node.target == CONTEXT_INSTRUCTION:
            try:
                body["@context"] = msgspec.json.decode(node.text or "")
            except msgspec.DecodeError as error:
                self.fault(
                    node,
                    "xml_instruction_malformed",
                    expected=f"JSON in the instruction {CONTEXT_INSTRUCTION}",
                    found=str(error),
                )

    # -- fields ------------------------------------------------------------------------------

    def _word(self, element: Element, name: str) -> str:
        text = self.text(element, name)
        return _BARE[name].get(text, text)

    def _texts(self, element: Element, name: str) -> list[str]:
        """Read a list of texts: EPCs, or IDs of events."""
        member = LIST_MEMBERS[name]
        return [self.text(child, member) for _, child in self.members(element, member)]

    def _quantities(self, element: Element, name: str) -> list[dict[str, Any]]:
        return [self._quantity(child) for _, child in self.members(element, LIST_MEMBERS[name])]

    def _quantity(self, element: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, child in self.members(element, "epcClass", "quantity", "uom"):
            if name in found:
                self.repeated(child, name)
            elif name != "quantity":
                found[name] = self.text(child, name)
            elif child.get(_NIL) not in ("true", "1"):
                found[name] = _number(self.text(child, name), _DECIMAL)
        return found

    def _typed(self, element: Element, name: str) -> list[dict[str, Any]]:
        """Read business transactions, sources or destinations."""
        member = LIST_MEMBERS[name]
        words = _BARE[member]
        found = []
        for _, child in self.members(element, member):
            kind = child.get("type")
            if kind is None:
                found.append({member: self.text(child, member)})
                continue
            if len(child) or len(child.keys()) > 1:
                del child.attrib["type"]
                text = self.text(child, member)
                child.set("type", kind)
            else:
                text = (child.text or "").strip()
            kind = kind.strip()
            found.append({"type": words.get(kind, kind), member: text})
        return found

    def _persistent_disposition(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, list[str]] = {}
        words = _BARE["disposition"]
        for member, child in self.members(element, "set", "unset"):
            text = self.text(child, member)
            found.setdefault(member, []).append(words.get(text, text))
        return found

    # -- objects that can be extended --------------------------------------------------------

    def _place(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if element.keys():
            self.no_attributes(element)
        self.open_children(element, found, self._place_fields, 0)
        return found

    def _ilmd(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.open_children(element, found, {}, 0)
        self.attributes(element, found)
        return found

    def _error_declaration(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.open_children(element, found, self._error_fields, 0)
        self.attributes(element, found)
        return found

    def _sensor_elements(self, element: Element, name: str) -> list[dict[str, Any]]:
        found = []
        for member, child in self.members(element, "sensorElement", "extension"):
            if member == "extension":
                self.members(child)
                continue
            inner: dict[str, Any] = {}
            if child.keys():
                self.no_attributes(child)
            self.open_children(child, inner, self._sensor_fields, 0)
            found.append(inner)
        return found

    def _sensor_metadata(self, element: Element, name: str) -> dict[str, Any]:
        return self._sensor(element, lambda attribute, value: value.strip())

    def _sensor_report(self, element: Element, name: str) -> dict[str, Any]:
        return self._sensor(element, _report_value)

    def _sensor(self, element: Element, read: Callable[[str, str], Any]) -> dict[str, Any]:
        """Read an element whose fields are attributes.

        The schema has no children here. JSON can hold extensions that no attribute can, and
        those are written, and read, as children.
        """
        found: dict[str, Any] = {}
        for name, value in self.pairs(element):
            if name[0] != "{":
                found[name] = read(name, value)
            elif name not in SCHEMA_HINTS:
                found[self.scope.key(name, element)] = decode_text(value)
        for child in element:
            if type(child.tag) is not str:
                self.no_entity(child)
            elif plain_name(child.tag):
                self.unknown(child, "attributes")
            else:
                self.add(child, found)
            self.no_stray(child, child.tail)
        self.no_stray(element, element.text)
        return found


def _report_value(name: str, text: str) -> Any:
    """Give the value of an attribute of a sensor report."""
    if name == "stringValue":
        return decode_text(text)
    text = text.strip()
    if name in _NUMBERS:
        return _number(text, _NUMBER)
    if name == "booleanValue":
        return _BOOLEANS.get(text, text)
    words = _BARE.get(name)
    return text if words is None else words.get(text, text)
