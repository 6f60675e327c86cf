"""What stands around the events of an XML document, in JSON form: header and master data. 文档头

JSON has three fields for what the standard business document header (SBDH) of UN/CEFACT
says: sender, receiver, instanceIdentifier. Where a header says more, it is kept whole beside
them, as an extension of `epcisHeader`, and can be written again. All other extensions of a
document become extensions of the document itself, which is where XML 2.0 has a place for them.

Master data stands in the header of a document, in the body of a master data document, or in
the results of a query; JSON has the same form for all three.
"""

from __future__ import annotations

import re
from typing import Any

from suyuan.event._context import STANDARD_CONTEXT_URL
from suyuan.event._xml_source import Element
from suyuan.event._xml_value import Handler, ValueReader, plain_name

__all__ = ["SBDH_NAMESPACE", "HeaderReader", "sbdh_value"]

SBDH_NAMESPACE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
_SBDH = f"{{{SBDH_NAMESPACE}}}StandardBusinessDocumentHeader"


def sbdh_value(prefix: str, header: dict[str, Any]) -> dict[str, Any]:
    """Give the SBDH that says what the three fields of JSON say, and no more."""

    def party(name: str) -> dict[str, Any]:
        return {f"{prefix}:Identifier": str(header.get(name, ""))}

    return {
        f"{prefix}:HeaderVersion": "1.0",
        f"{prefix}:Sender": party("sender"),
        f"{prefix}:Receiver": party("receiver"),
        f"{prefix}:DocumentIdentification": {
            f"{prefix}:Standard": "EPCglobal",
            f"{prefix}:TypeVersion": "1.0",
            f"{prefix}:InstanceIdentifier": str(header.get("instanceIdentifier", "")),
            f"{prefix}:Type": "Events",
            f"{prefix}:CreationDateAndTime": str(header.get("creationDate", "")),
        },
    }


class HeaderReader(ValueReader):
    """Reads the header, and what stands around the list of events."""

    _sbdh_key = ""

    def other(self, child: Element, target: dict[str, Any]) -> None:
        """Take an extension; nothing checks later what else it may be."""
        if plain_name(child.tag):
            self.unknown(child, "elements of EPCIS 2.0 or of a name space of one's own")
        else:
            self.add(child, target)

    def attributes(
        self, element: Element, target: dict[str, Any], known: tuple[str, ...] = ()
    ) -> None:
        """Take the attributes of other name spaces; there are no others than those known."""
        for name in element.keys():  # noqa: SIM118  (an element is no dict)
            if name[0] != "{" and name not in known:
                self.fault(
                    element,
                    "xml_attribute_unknown",
                    expected=", ".join(known) or "no such attribute",
                    found=name,
                    attribute=name,
                )
                known = (*known, name)
        super().attributes(element, target, known)

    def document(self, root: Element) -> dict[str, Any]:
        """Give all of a document but its events, as the document's own fields in JSON."""
        name = plain_name_of_root(root)
        header: dict[str, Any] = {
            "type": name if name != "EPCISMasterDataDocument" else "EPCISDocument"
        }
        self._root_attributes(root, header)
        known: dict[str, Handler] = {"EPCISHeader": self._header, "EPCISBody": self._body}
        found: dict[str, Any] = {}
        self.open_children(root, found, known)
        if "EPCISBody" not in found:
            self.fault(root, "xml_element_missing", expected="EPCISBody", found=name)
        elif name == "EPCISQueryDocument" and "QueryResults" not in found["EPCISBody"]:
            self.fault(root, "xml_element_missing", expected="QueryResults", found=name)
        self._merge(header, found)
        self._sbdh(header)
        self._context(header)
        return header

    def _root_attributes(self, root: Element, header: dict[str, Any]) -> None:
        """Take the attributes of the document; two are required."""
        for name in ("schemaVersion", "creationDate"):
            value = root.get(name)
            if value is None:
                self.fault(
                    root, "xml_attribute_missing", expected=name, found=root.tag, attribute=name
                )
            else:
                header[name] = value.strip()
        if "creationDate" in header:
            header["creationDate"] = _with_zone(header["creationDate"])
        # What is made of the document is EPCIS 2.0, whatever it came as.
        if "schemaVersion" in header:
            header["schemaVersion"] = "2.0"
        if "id" in root.keys():  # noqa: SIM118  (an element is no dict)
            header["id"] = root.get("id")
        self.attributes(root, header, ("schemaVersion", "creationDate", "id"))

    def _merge(self, header: dict[str, Any], found: dict[str, Any]) -> None:
        """Bring the parts of a document to their places in JSON."""
        inner = found.pop("EPCISHeader", {})
        body = found.pop("EPCISBody", {})
        vocabularies = inner.pop("EPCISMasterData", [])
        query = body.pop("QueryResults", None)
        vocabularies = vocabularies or body.pop("VocabularyList", [])
        body.pop("VocabularyList", None)
        body.pop("EventList", None)
        kept = {self._sbdh_key: inner.pop(self._sbdh_key)} if self._sbdh_key in inner else {}
        if vocabularies:
            kept = {"epcisMasterData": {"vocabularyList": vocabularies}, **kept}
        if kept:
            header["epcisHeader"] = kept
        if query is not None:
            header["queryResults"] = query
        for part in (inner, body, found):
            for key, value in part.items():
                header.setdefault(key, value)

    def _sbdh(self, header: dict[str, Any]) -> None:
        """Bring what JSON has fields for out of the SBDH, and drop it when that was all."""
        inner = header.get("epcisHeader", {})
        key = self._sbdh_key
        sbdh = inner.get(key)
        if type(sbdh) is not dict:
            return
        prefix = key.partition(":")[0]
        for field, path in (
            ("sender", ("Sender", "Identifier")),
            ("receiver", ("Receiver", "Identifier")),
            ("instanceIdentifier", ("DocumentIdentification", "InstanceIdentifier")),
        ):
            value: Any = sbdh
            for step in path:
                value = value[0] if type(value) is list else value
                value = value.get(f"{prefix}:{step}") if type(value) is dict else None
            if type(value) is dict:
                value = value.get("#text")
            if type(value) is str and value:
                header.setdefault(field, value)
        if sbdh == sbdh_value(prefix, header):
            del inner[key]
            if not inner:
                del header["epcisHeader"]

    def _context(self, header: dict[str, Any]) -> None:
        """Declare the prefixes that the header uses."""
        used: set[str] = set()
        waiting: list[Any] = [header]
        while waiting:
            value = waiting.pop()
            if type(value) is list:
                waiting.extend(value)
            elif type(value) is dict:
                waiting.extend(value.values())
                used.update(key.partition(":")[0] for key in value if ":" in key)
        named = self.scope.context.contained(frozenset(used))
        if named:
            header["@context"] = [STANDARD_CONTEXT_URL, *named]

    # -- header and body ---------------------------------------------------------------------

    def _header(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in element:
            if child.tag == _SBDH:
                self._sbdh_key = self.scope.key(_SBDH, child)
        self.open_children(element, found, {"EPCISMasterData": self._master_data})
        self.attributes(element, found)
        return found

    def _master_data(self, element: Element, name: str) -> list[dict[str, Any]]:
        found: dict[str, Any] = {}
        self.open_children(element, found, {"VocabularyList": self._vocabularies})
        vocabularies = found.pop("VocabularyList", None)
        if vocabularies is None:
            self.fault(element, "xml_element_missing", expected="VocabularyList", found=name)
            return []
        return vocabularies  # type: ignore[no-any-return]

    def _body(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        known: dict[str, Handler] = {
            "EventList": self._event_list,
            "VocabularyList": self._vocabularies,
            "QueryResults": self._query_results,
        }
        self.open_children(element, found, known)
        self.attributes(element, found)
        return found

    def _event_list(self, element: Element, name: str) -> None:
        """Look at what is left of the event list when its events have been taken out."""
        self.no_stray(element, element.text)
        self.no_attributes(element)

    def _query_results(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        known: dict[str, Handler] = {
            "queryName": self.text,
            "subscriptionID": self.text,
            "resultsBody": self._results_body,
        }
        self.open_children(element, found, known)
        for required in ("queryName", "resultsBody"):
            if required not in found:
                self.fault(element, "xml_element_missing", expected=required, found=name)
        vocabularies = found.pop("resultsBody", {}).get("VocabularyList")
        if vocabularies:
            found["resultsBody"] = {"vocabularyList": vocabularies}
        return found

    def _results_body(self, element: Element, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.open_children(
            element,
            found,
            {"EventList": self._event_list, "VocabularyList": self._vocabularies},
        )
        return found

    # -- master data -------------------------------------------------------------------------

    def _vocabularies(self, element: Element, name: str) -> list[dict[str, Any]]:
        return [self._vocabulary(child) for _, child in self.members(element, "Vocabulary")]

    def _vocabulary(self, element: Element) -> dict[str, Any]:
        found: dict[str, Any] = {"type": self._required(element, "type")}
        self.open_children(element, found, {"VocabularyElementList": self._vocabulary_elements})
        if "VocabularyElementList" in found:
            found["vocabularyElementList"] = found.pop("VocabularyElementList")
        self.attributes(element, found, ("type",))
        return found

    def _vocabulary_elements(self, element: Element, name: str) -> list[dict[str, Any]]:
        elements = []
        for _, child in self.members(element, "VocabularyElement"):
            found: dict[str, Any] = {"id": self._required(child, "id")}
            self.open_children(child, found, {"attribute": self._attribute, "children": self._ids})
            if "attribute" in found:
                found["attributes"] = found.pop("attribute")
            self.attributes(child, found, ("id",))
            elements.append(found)
        return elements

    def _attribute(self, element: Element, name: str) -> dict[str, Any]:
        return {"id": self._required(element, "id"), "attribute": self.value(element, 1, "id")}

    def _ids(self, element: Element, name: str) -> list[str]:
        return [self.text(child, "id") for _, child in self.members(element, "id")]

    def _required(self, element: Element, name: str) -> str:
        value = element.get(name)
        if value is None:
            self.fault(
                element, "xml_attribute_missing", expected=name, found=element.tag, attribute=name
            )
            return ""
        return value.strip()


_ZONE = re.compile(r"(?:Z|[+-][0-9]{2}:[0-9]{2})$")


def _with_zone(text: str) -> str:
    """Say UTC where a time of creation says nothing: XML allows that, JSON does not."""
    return text if not text or _ZONE.search(text) else f"{text}Z"


def plain_name_of_root(root: Element) -> str:
    """Give the local name of the document element."""
    return str(root.tag).rpartition("}")[2]
