"""Where in an XML document something is: XPath with line, also for a JSON Pointer. 定位

The validator of events speaks of the JSON form. A sender of XML wants to hear of XML, so a
pointer into the body of an event is followed back to the element or attribute that it came
from. This is done only when something is wrong. A hundred thousand wrong EPCs in one list
are found as fast as one: the children of an element are looked through once.
"""

from __future__ import annotations

from suyuan.event._fields import PERSISTENT_ELSEWHERE
from suyuan.event._xml_event import LIST_MEMBERS
from suyuan.event._xml_names import Scope
from suyuan.event._xml_source import Element
from suyuan.event._xml_value import WRAPPERS, plain_name

__all__ = ["Places", "element_name", "place"]

_LISTS = {
    **LIST_MEMBERS,
    "VocabularyList": "Vocabulary",
    "VocabularyElementList": "VocabularyElement",
    "children": "id",
}
_REPEATABLE = frozenset({"set", "unset", "sensorReport", "attribute", *_LISTS.values()})
_XML_NAMES = {
    PERSISTENT_ELSEWHERE: "persistentDisposition",
    "epcisHeader": "EPCISHeader",
    "epcisMasterData": "EPCISMasterData",
    "vocabularyList": "VocabularyList",
    "vocabularyElementList": "VocabularyElementList",
    "attributes": "attribute",
    "epcisBody": "EPCISBody",
    "queryResults": "QueryResults",
}
"""What things are called in XML, where JSON has another name."""


def element_name(element: Element) -> str:
    """Give the name of an element as the sender wrote it."""
    tag = element.tag
    if type(tag) is not str:
        return "node()"
    local = tag.rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def place(path: str, line: int | None) -> str:
    """Write a place down."""
    return f"{path} (line {line})" if line else path


class Places:
    """The places in one event, or in the document around the events."""

    def __init__(self, top: Element, path: str) -> None:
        self._top = top
        self._path = path
        # Elements of lxml are made when they are asked for; they are the same objects again
        # only as long as someone keeps them.
        self._members: dict[Element, list[Element]] = {}
        self._steps: dict[Element, dict[Element, str]] = {}
        self._named: dict[tuple[Element, str], list[Element]] = {}

    def where(self, element: Element, attribute: str = "") -> str:
        """Give the XPath, with line, of an element or an attribute of it."""
        return place(self.path(element, attribute), element.sourceline)

    def path(self, element: Element, attribute: str = "") -> str:
        """Give the XPath of an element or an attribute of it."""
        steps = [f"/@{attribute}"] if attribute else []
        node: Element | None = element
        while node is not None and node is not self._top:
            parent = node.getparent()
            steps.append(f"/{element_name(node)}" if parent is None else self._step(parent, node))
            node = parent
        return self._path + "".join(reversed(steps))

    def _step(self, parent: Element, node: Element) -> str:
        """Give the last step to an element, with its number among those of its name."""
        known = self._steps.get(parent)
        if known is None:
            numbers: dict[str, int] = {}
            known = {}
            children = list(parent)
            for child in children:
                name = element_name(child)
                numbers[name] = numbers.get(name, 0) + 1
                known[child] = f"/{name}[{numbers[name]}]"
            for child in children:
                name = element_name(child)
                if numbers[name] == 1 and plain_name(child.tag) not in _REPEATABLE:
                    known[child] = f"/{name}"
            self._steps[parent] = known
        return known.get(node, f"/{element_name(node)}")

    def of_pointer(self, pointer: str, scope: Scope) -> str:
        """Give the XPath, with line, of what a JSON Pointer into the body points to."""
        steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
        element, attribute = self._top, ""
        found = [element]
        for step in steps:
            if step.isdigit() and (len(found) > 1 or found[0] is not self._top):
                index = int(step)
                if len(found) == 1 and plain_name(found[0].tag) in _LISTS:
                    found = self._list_members(found[0])
                if index >= len(found):
                    break
                found = [found[index]]
            else:
                inner = self._children(found[0], step, scope)
                if not inner:
                    attribute = _attribute(found[0], step, scope)
                    break
                found = inner
            element = found[0]
        return self.where(element, attribute)

    def _list_members(self, element: Element) -> list[Element]:
        """Give the elements of a list."""
        known = self._members.get(element)
        if known is None:
            name = _LISTS[plain_name(element.tag)]
            known = [child for child in element if plain_name(child.tag) == name]
            self._members[element] = known
        return known

    def _children(self, element: Element, key: str, scope: Scope) -> list[Element]:
        """Give the children that a member of the JSON object came from."""
        found = self._named.get((element, key))
        if found is not None:
            return found
        found = []
        for child in element:
            if type(child.tag) is not str:
                continue
            plain = plain_name(child.tag)
            if plain == _XML_NAMES.get(key, key) or scope.key(child.tag, child) == key:
                found.append(child)
            elif plain in WRAPPERS:
                found.extend(self._children(child, key, scope))
        self._named[element, key] = found
        return found


def _attribute(element: Element, key: str, scope: Scope) -> str:
    """Give the attribute that a member of the JSON object came from, or an empty string."""
    for name in element.keys():  # noqa: SIM118  (an element is no dict)
        if scope.key(name, element) == key:
            return key
    return ""
