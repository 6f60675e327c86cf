"""What can stand in any element of XML, and its value in JSON. 扩展元素与 JSON 值

An element of an extension becomes its text; or an object of its attributes and children,
with its own text as `#text` beside attributes; or a list, where elements of one name repeat.
The hash algorithm of CBV 2.0 makes the same of both.

Space around a text means nothing, unless `xml:space="preserve"` says otherwise. Text beside
child elements that have something before it cannot be kept in JSON, and is a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from suyuan.event._model import Limits
from suyuan.event._text import shown
from suyuan.event._xml_names import (
    EPCIS_NAMESPACES,
    XML_NAMESPACE,
    XSI_NAMESPACE,
    Scope,
    decode_text,
)
from suyuan.event._xml_source import Element

__all__ = [
    "SCHEMA_HINTS",
    "SPACE",
    "WRAPPERS",
    "WRAPPERS_MAX",
    "Fault",
    "Handler",
    "ValueReader",
    "plain_name",
]

Fault = Callable[..., None]
"""Reports a fault: (element, code, *, expected, found, attribute="")."""

Handler = Callable[[Element, str], Any]
"""Reads one known child: element and name."""

WRAPPERS = ("extension", "baseExtension")
WRAPPERS_MAX = 8
"""How deep wrappers may stand in wrappers; EPCIS 1.2 has two."""

_GATHERED = frozenset({"sensorReport", "attribute"})  # as many as there are, in a list

SPACE = f"{{{XML_NAMESPACE}}}space"
SCHEMA_HINTS = frozenset(
    {f"{{{XSI_NAMESPACE}}}schemaLocation", f"{{{XSI_NAMESPACE}}}noNamespaceSchemaLocation"}
)
"""Attributes that only say where a schema is. They are nothing of the event."""

_plain_names: dict[Any, str] = {}
_PLAIN_NAMES_MAX = 10_000
_ATTRIBUTES_MAX = 1_000


def plain_name(tag: Any) -> str:
    """Give the name of an element of EPCIS, or an empty string for any other.

    The schema has these elements without a name space; some systems qualify them.
    """
    try:
        return _plain_names[tag]
    except KeyError:
        pass
    name = ""
    if type(tag) is str:
        namespace, _, local = tag.lstrip("{").rpartition("}")
        if not namespace or namespace in EPCIS_NAMESPACES:
            name = local
    if len(_plain_names) >= _PLAIN_NAMES_MAX:
        _plain_names.clear()
    _plain_names[tag] = name
    return name


class ValueReader:
    """Reads elements whose content no schema of ours knows, and the plain parts of the rest."""

    def __init__(self, limits: Limits, fault: Fault) -> None:
        self.fault = fault
        self.scope: Scope
        self._depth_max = limits.depth_max

    # -- anything ----------------------------------------------------------------------------

    def add(self, child: Element, target: dict[str, Any]) -> None:
        """Add an extension element to the object that it extends."""
        key = self.scope.key(child.tag, child)
        value = self.value(child, 1)
        if key not in target:
            target[key] = value
        elif type(target[key]) is list:
            target[key].append(value)
        else:
            target[key] = [target[key], value]

    def other(self, child: Element, target: dict[str, Any]) -> None:
        """Take a child that is none of the known ones.

        A name without name space is left to the validator of events, who knows all of them.
        """
        if child.tag[0] == "{" and plain_name(child.tag):
            self.unknown(child, "elements of a name space of one's own")
        else:
            self.add(child, target)

    def value(self, element: Element, depth: int, without: str = "") -> Any:
        """Give the JSON value of an element, whatever is in it. It is never a list.

        The attribute `without` is left out.
        """
        if not len(element) and not element.keys():
            text = element.text
            return decode_text(text.strip()) if text else ""
        if depth >= self._depth_max:
            self.too_deep(element, self._depth_max)
            return ""
        value: dict[str, Any] = {}
        is_preserved = element.get(SPACE) == "preserve"
        for name, attribute in self.pairs(element):
            if (
                name != without
                and name not in SCHEMA_HINTS
                and not (is_preserved and name == SPACE)
            ):
                value[self.scope.key(name, element)] = decode_text(attribute)
        text = element.text or ""
        has_children = False
        for child in element:
            if type(child.tag) is not str:
                self.no_entity(child)
                text += child.tail or ""
                continue
            has_children = True
            key = self.scope.key(child.tag, child)
            inner = self.value(child, depth + 1)
            if key not in value:
                value[key] = inner
            elif type(value[key]) is list:
                value[key].append(inner)
            else:
                value[key] = [value[key], inner]
            self.no_stray(child, child.tail)
        text = decode_text(text if is_preserved else text.strip())
        if not value and not has_children:
            return text
        if text or not has_children:
            return {"#text": text, **value}
        return value

    def attributes(
        self, element: Element, target: dict[str, Any], known: tuple[str, ...] = ()
    ) -> None:
        """Take the attributes of an element that may have any, but for those known already."""
        for name, value in self.pairs(element):
            if name in SCHEMA_HINTS or name in known:
                continue
            key = self.scope.key(name, element)
            if key in target:
                self.fault(
                    element,
                    "xml_element_repeated",
                    expected=f"one {key}",
                    found=key,
                    attribute=key,
                )
            else:
                target[key] = decode_text(value.strip())

    def pairs(self, element: Element) -> list[tuple[str, str]]:
        """Give the attributes of an element; libxml2 takes very long over very many."""
        count = len(element.keys())
        if count <= _ATTRIBUTES_MAX:
            return element.items()
        self.fault(
            element,
            "list_too_long",
            expected=f"at most {_ATTRIBUTES_MAX} attributes",
            found=str(count),
        )
        return []

    # -- text only ---------------------------------------------------------------------------

    def text(self, element: Element, name: str) -> str:
        """Give the text of an element that has nothing but text."""
        if len(element) or element.keys():
            return self._text_slowly(element, name)
        text = element.text
        return text.strip() if text else ""

    def _text_slowly(self, element: Element, name: str) -> str:
        self.no_attributes(element)
        text = element.text or ""
        for child in element:
            if type(child.tag) is str:
                self.unknown(child, f"only text in {name}")
            else:
                self.no_entity(child)
            text += child.tail or ""
        return text.strip()

    # -- known children ----------------------------------------------------------------------

    def members(self, element: Element, *names: str) -> list[tuple[str, Element]]:
        """Give the children of an element that may have only these, and no attributes."""
        if element.keys():
            self.no_attributes(element)
        found = []
        for child in element:
            name = child.tag if child.tag in names else plain_name(child.tag)
            if name in names:
                found.append((name, child))
            elif type(child.tag) is str:
                self.unknown(child, ", ".join(names))
            else:
                self.no_entity(child)
            tail = child.tail
            if tail and not tail.isspace():
                self.no_stray(child, tail)
        self.no_stray(element, element.text)
        return found

    def open_children(
        self,
        element: Element,
        target: dict[str, Any],
        known: dict[str, Handler],
        depth: int = 0,
    ) -> None:
        """Read the children of an object that can be extended."""
        for child in element:
            name = plain_name(child.tag)
            handler = known.get(name)
            if handler is not None:
                if name in _GATHERED:
                    target.setdefault(name, []).append(handler(child, name))
                elif name in target:
                    self.repeated(child, name)
                else:
                    target[name] = handler(child, name)
            elif name != "extension":
                if type(child.tag) is str:
                    self.other(child, target)
                else:
                    self.no_entity(child)
            elif depth >= WRAPPERS_MAX:
                self.too_deep(child, WRAPPERS_MAX)
            else:
                self.open_children(child, target, known, depth + 1)
                self.attributes(child, target)
            tail = child.tail
            if tail and not tail.isspace():
                self.no_stray(child, tail)
        self.no_stray(element, element.text)

    # -- faults ------------------------------------------------------------------------------

    def unknown(self, element: Element, expected: str) -> None:
        """Say that an element has no place where it stands."""
        self.fault(element, "xml_element_unknown", expected=expected, found=element.tag)

    def repeated(self, element: Element, name: str) -> None:
        """Say that an element stands a second time where one is allowed."""
        self.fault(element, "xml_element_repeated", expected=f"one {name}", found=name)

    def too_deep(self, element: Element, depth_max: int) -> None:
        """Say that elements are nested too deeply."""
        self.fault(
            element,
            "nesting_too_deep",
            expected=f"at most {depth_max} levels",
            found=f"more than {depth_max}",
        )

    def no_attributes(self, element: Element) -> None:
        """Say of each attribute of an element that may have none that it has no place."""
        for name in element.keys():  # noqa: SIM118  (an element is no dict)
            if name not in SCHEMA_HINTS:
                self.fault(
                    element,
                    "xml_attribute_unknown",
                    expected="no such attribute",
                    found=name,
                    attribute=self.scope.key(name, element),
                )

    def no_stray(self, element: Element, text: str | None) -> None:
        """Say that a text stands where only elements may."""
        if text and not text.isspace():
            self.fault(
                element, "xml_text_misplaced", expected="only elements", found=shown(text.strip())
            )

    def no_entity(self, node: Element) -> None:
        """Say that a reference to an entity is not followed. Other non-elements mean nothing."""
        if node.tag is etree.Entity:
            self.fault(
                node.getparent(),
                "xml_entity_refused",
                expected="no references to entities",
                found=node.text,
            )
