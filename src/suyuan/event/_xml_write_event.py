"""One event: from its JSON form to XML 2.0, in the order of the official schema. 事件:JSON → XML

Lists that the schema does not want empty are left out when they are: they say nothing. The
one thing written that the schema has no place for is an object or list as an extension of a
sensor report or its metadata, where XML has attributes only: it becomes a child element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from suyuan.event._context import STANDARD_CONTEXT, Context, read_context
from suyuan.event._fields import PERSISTENT_ELSEWHERE
from suyuan.event._xml_event import CONTEXT_INSTRUCTION, LIST_MEMBERS
from suyuan.event._xml_spelling import (
    Indents,
    Spelling,
    attribute_text,
    element_text,
    number_text,
)
from suyuan.event._xml_words import WORD_FIELDS, WordSpelling, xml_words

__all__ = ["EventWriter"]

_FIRST = (
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    "eventID",
    "errorDeclaration",
    "certificationInfo",
)
_PLACE_AND_STEP = ("action", "bizStep", "disposition", "readPoint", "bizLocation")
_PARTIES = ("sourceList", "destinationList", "sensorElementList", "persistentDisposition")
_ORDER: dict[str, tuple[str, ...]] = {
    "ObjectEvent": (
        *_FIRST,
        "epcList",
        *_PLACE_AND_STEP,
        "bizTransactionList",
        "quantityList",
        *_PARTIES,
        "ilmd",
    ),
    "AggregationEvent": (
        *_FIRST,
        "parentID",
        "childEPCs",
        *_PLACE_AND_STEP,
        "bizTransactionList",
        "childQuantityList",
        *_PARTIES,
    ),
    "TransactionEvent": (
        *_FIRST,
        "bizTransactionList",
        "parentID",
        "epcList",
        *_PLACE_AND_STEP,
        "quantityList",
        *_PARTIES,
    ),
    "TransformationEvent": (
        *_FIRST,
        "inputEPCList",
        "inputQuantityList",
        "outputEPCList",
        "outputQuantityList",
        "transformationID",
        *_PLACE_AND_STEP[1:],
        "bizTransactionList",
        *_PARTIES,
        "ilmd",
    ),
    "AssociationEvent": (
        *_FIRST,
        "parentID",
        "childEPCs",
        "childQuantityList",
        *_PLACE_AND_STEP,
        "bizTransactionList",
        *_PARTIES,
    ),
}
_KNOWN = {name: frozenset({"type", "@context", *order}) for name, order in _ORDER.items()}
_SPELLINGS_MAX = 1_000

_Write = Callable[[list[str], str, Any, int], None]


class EventWriter:
    """Writes events, each with the declarations that the document does not make already."""

    def __init__(self, words: WordSpelling, declared: dict[str, str], indents: Indents) -> None:
        self._nl = indents
        self._declared = frozenset(declared.items())
        self._words = {
            field: xml_words(vocabulary, words) for field, vocabulary in WORD_FIELDS.items()
        }
        self._spellings: dict[int, tuple[Context, Spelling]] = {}
        self._spelling: Spelling
        self._writers: dict[str, _Write] = {
            "bizStep": self._word,
            "disposition": self._word,
            "readPoint": self._place,
            "bizLocation": self._place,
            "persistentDisposition": self._persistent_disposition,
            "errorDeclaration": self._error_declaration,
            "certificationInfo": self._certification_info,
            "ilmd": self._ilmd,
        }
        by_member: dict[str, _Write] = {
            "epc": self._texts,
            "correctiveEventID": self._texts,
            "quantityElement": self._quantities,
            "sensorElement": self._sensor_elements,
        }
        for name, member in LIST_MEMBERS.items():
            self._writers[name] = by_member.get(member, self._typed)

    def event(self, body: dict[str, Any], level: int) -> str:
        """Give the XML of an event."""
        context = read_context(body["@context"]) if "@context" in body else STANDARD_CONTEXT
        self._spelling = spelling = self._spelling_of(context)
        spelling.begin()
        nl = self._nl
        name = body["type"]
        known = _KNOWN[name]
        if PERSISTENT_ELSEWHERE in body:
            body = {**body, "persistentDisposition": body[PERSISTENT_ELSEWHERE]}
            del body[PERSISTENT_ELSEWHERE]
        parts = [""]
        for field in _ORDER[name]:
            if field in body:
                value = body[field]
                writer = self._writers.get(field)
                if writer is not None:
                    writer(parts, field, value, level + 1)
                else:
                    parts.append(f"{nl(level + 1)}<{field}>{element_text(value)}</{field}>")
        attributes = ""
        if not known.issuperset(body):
            extensions = {key: value for key, value in body.items() if key not in known}
            attributes, children = spelling.attributes(extensions)
            for key, value in children:
                spelling.extension(parts, key, value, level + 1, nl)
        for prefix in context.declared:
            spelling.tag(f"{prefix}:any")  # A value may use a prefix that no name shows.
        declarations = "".join(
            f' xmlns:{prefix}="{attribute_text(namespace)}"'
            for prefix, namespace in sorted(spelling.used - self._declared)
        )
        parts[0] = f"{nl(level)}<{name}{declarations}{attributes}>{self._context(context, level)}"
        parts.append(f"{nl(level)}</{name}>")
        return "".join(parts)

    def _spelling_of(self, context: Context) -> Spelling:
        known = self._spellings.get(id(context))
        if known is not None:
            return known[1]
        if len(self._spellings) >= _SPELLINGS_MAX:
            self._spellings.clear()
        spelling = Spelling(context)
        # The context is kept with it: an id is of use only as long as its object lives.
        self._spellings[id(context)] = context, spelling
        return spelling

    def _context(self, context: Context, level: int) -> str:
        """Keep what XML has no declaration for: definitions of terms, other contexts."""
        if not context.terms and not context.foreign:
            return ""
        rest: list[Any] = [*context.foreign]
        if context.terms:
            rest.append(context.terms)
        text = msgspec.json.encode(rest).decode()
        # `?>` would end the instruction, and is the same in JSON like this.
        text = text.replace("?>", "?\\u003e")
        return f"{self._nl(level + 1)}<?{CONTEXT_INSTRUCTION} {text}?>"

    # -- fields ------------------------------------------------------------------------------

    def _word(self, parts: list[str], name: str, value: Any, level: int) -> None:
        text = self._words[name].get(value, value)
        parts.append(f"{self._nl(level)}<{name}>{element_text(text)}</{name}>")

    def _certification_info(self, parts: list[str], name: str, value: Any, level: int) -> None:
        for uri in value if type(value) is list else [value]:
            parts.append(f"{self._nl(level)}<{name}>{element_text(uri)}</{name}>")

    def _texts(self, parts: list[str], name: str, value: Any, level: int) -> None:
        """Write a list of EPCs, or of IDs of events."""
        outer, nl = self._nl(level), self._nl(level + 1)
        if not value:
            parts.append(f"{outer}<{name}/>")
            return
        member = LIST_MEMBERS[name]
        inner = "".join([f"{nl}<{member}>{element_text(text)}</{member}>" for text in value])
        parts.append(f"{outer}<{name}>{inner}{outer}</{name}>")

    def _quantities(self, parts: list[str], name: str, value: Any, level: int) -> None:
        outer, nl, deep = self._nl(level), self._nl(level + 1), self._nl(level + 2)
        parts.append(f"{outer}<{name}>")
        for element in value:
            parts.append(f"{nl}<quantityElement>{deep}<epcClass>")
            parts.append(f"{element_text(element['epcClass'])}</epcClass>")
            if element.get("quantity") is not None:
                parts.append(f"{deep}<quantity>{number_text(element['quantity'])}</quantity>")
            if element.get("uom") is not None:
                parts.append(f"{deep}<uom>{element_text(element['uom'])}</uom>")
            parts.append(f"{nl}</quantityElement>")
        parts.append(f"{outer}</{name}>")

    def _typed(self, parts: list[str], name: str, value: Any, level: int) -> None:
        """Write business transactions, sources or destinations."""
        if not value:
            return
        outer, nl = self._nl(level), self._nl(level + 1)
        member = LIST_MEMBERS[name]
        words = self._words[member]
        parts.append(f"{outer}<{name}>")
        for element in value:
            kind = element.get("type")
            attribute = f' type="{attribute_text(words.get(kind, kind))}"' if kind else ""
            text = element_text(element[member])
            parts.append(f"{nl}<{member}{attribute}>{text}</{member}>")
        parts.append(f"{outer}</{name}>")

    def _persistent_disposition(self, parts: list[str], name: str, value: Any, level: int) -> None:
        outer = self._nl(level)
        parts.append(f"{outer}<{name}>")
        words = self._words["disposition"]
        for member in ("unset", "set"):
            for word in value.get(member, ()):
                text = element_text(words.get(word, word))
                parts.append(f"{self._nl(level + 1)}<{member}>{text}</{member}>")
        parts.append(f"{outer}</{name}>")

    # -- objects that can be extended --------------------------------------------------------

    def _open(
        self,
        parts: list[str],
        name: str,
        value: dict[str, Any],
        level: int,
        known: dict[str, _Write],
    ) -> None:
        """Write an object with known members first, then its extensions."""
        nl = self._nl
        attributes, children = self._spelling.attributes(value, tuple(known))
        start = len(parts)
        for member, writer in known.items():
            if member in value:
                writer(parts, member, value[member], level + 1)
        for key, extension in children:
            self._spelling.extension(parts, key, extension, level + 1, nl)
        if len(parts) == start:
            parts.append(f"{nl(level)}<{name}{attributes}/>")
        else:
            parts.insert(start, f"{nl(level)}<{name}{attributes}>")
            parts.append(f"{nl(level)}</{name}>")

    def _text(self, parts: list[str], name: str, value: Any, level: int) -> None:
        parts.append(f"{self._nl(level)}<{name}>{element_text(value)}</{name}>")

    def _place(self, parts: list[str], name: str, value: Any, level: int) -> None:
        if len(value) == 1 and "id" in value:
            outer = self._nl(level)
            text = element_text(value["id"])
            parts.append(f"{outer}<{name}>{self._nl(level + 1)}<id>{text}</id>{outer}</{name}>")
        else:
            self._open(parts, name, value, level, {"id": self._text})

    def _ilmd(self, parts: list[str], name: str, value: Any, level: int) -> None:
        self._open(parts, name, value, level, {})

    def _error_declaration(self, parts: list[str], name: str, value: Any, level: int) -> None:
        self._open(
            parts,
            name,
            value,
            level,
            {
                "declarationTime": self._text,
                "reason": self._word,
                "correctiveEventIDs": self._texts,
            },
        )

    def _sensor_elements(self, parts: list[str], name: str, value: Any, level: int) -> None:
        if not value:
            return
        known: dict[str, _Write] = {
            "sensorMetadata": self._sensor,
            "sensorReport": self._sensor_reports,
        }
        parts.append(f"{self._nl(level)}<{name}>")
        for element in value:
            self._open(parts, "sensorElement", element, level + 1, known)
        parts.append(f"{self._nl(level)}</{name}>")

    def _sensor_reports(self, parts: list[str], name: str, value: Any, level: int) -> None:
        for report in value:
            spelled = {
                key: self._words[key].get(text, text)
                for key, text in report.items()
                if key in ("type", "exception", "component") and type(text) is str
            }
            self._sensor(parts, name, {**report, **spelled}, level)

    def _sensor(self, parts: list[str], name: str, value: Any, level: int) -> None:
        """Write an element whose fields are attributes."""
        nl = self._nl
        attributes, children = self._spelling.attributes(value, are_all=True)
        if not children:
            parts.append(f"{nl(level)}<{name}{attributes}/>")
            return
        parts.append(f"{nl(level)}<{name}{attributes}>")
        for key, member in children:
            self._spelling.extension(parts, key, member, level + 1, nl)
        parts.append(f"{nl(level)}</{name}>")
