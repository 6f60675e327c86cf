"""Where in an XML document something is: XPath with line, also for a JSON Pointer. 定位

The validator of events speaks of the JSON form. A sender of XML wants to hear of XML, so a
pointer into the body of an event is followed back to the element or attribute that it came
from. This is done only when something is wrong, and so may be slow.
"""

from __future__ import annotations

from suyuan.event._fields import PERSISTENT_ELSEWHERE
from suyuan.event._xml_event import LIST_MEMBERS
from suyuan.event._xml_names import Scope
from suyuan.event._xml_source import Element
from suyuan.event._xml_value import WRAPPERS, plain_name

__all__ = ["element_name", "path_from", "place", "where_in"]

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


def path_from(top: Element, top_path: str, element: Element, attribute: str = "") -> str:
    """Give the XPath of an element inside `top`, whose own path is known."""
    steps = [f"/@{attribute}"] if attribute else []
    node: Element | None = element
    while node is not None and node is not top:
        parent = node.getparent()
        name = element_name(node)
        if parent is not None:
            same = [child for child in parent if child.tag == node.tag]
            if len(same) > 1 or plain_name(node.tag) in _REPEATABLE:
                name += f"[{same.index(node) + 1}]"
        steps.append(f"/{name}")
        node = parent
    return top_path + "".join(reversed(steps))


def where_in(top: Element, top_path: str, pointer: str, scope: Scope) -> str:
    """Give the XPath, with line, of what a JSON Pointer into an event or document points to."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    element, attribute = top, ""
    found = [top]
    for step in steps:
        if step.isdigit() and (len(found) > 1 or found[0] is not top):
            index = int(step)
            name = plain_name(found[0].tag)
            if len(found) == 1 and name in LIST_MEMBERS:
                found = [child for child in found[0] if plain_name(child.tag) == LIST_MEMBERS[name]]
            if index >= len(found):
                break
            found = [found[index]]
        else:
            inner = _children(found[0], step, scope)
            if not inner:
                attribute = _attribute(found[0], step, scope)
                break
            found = inner
        element = found[0]
    return place(path_from(top, top_path, element, attribute), element.sourceline)


def _children(element: Element, key: str, scope: Scope) -> list[Element]:
    """Give the children that a member of the JSON object came from."""
    found = []
    for child in element:
        if type(child.tag) is not str:
            continue
        plain = plain_name(child.tag)
        if plain == _XML_NAMES.get(key, key) or scope.key(child.tag, child) == key:
            found.append(child)
        elif plain in WRAPPERS:
            found.extend(_children(child, key, scope))
    return found


def _attribute(element: Element, key: str, scope: Scope) -> str:
    """Give the attribute that a member of the JSON object came from, or an empty string."""
    for name in element.keys():  # noqa: SIM118  (an element is no dict)
        if scope.key(name, element) == key:
            return key
    return ""
