"""The reference implementation of the event hash as an oracle, kept off the network."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from epcis_event_hash_generator import hash_generator, json_to_py, xml_to_py
from pyld import jsonld

from tests.conformance import conformance_dir

__all__ = ["reference_prehash", "reference_xml_prehashes"]


@cache
def standard_context() -> Any:
    page = conformance_dir("gs1-epcis") / "epcis-context.jsonld"
    return json.loads(page.read_text(encoding="utf-8"))


def load(url: str, options: Any = None) -> dict[str, Any]:
    """Give the standard context for its addresses, and an empty one for any other."""
    document = standard_context() if "epcis-context" in url else {"@context": {}}
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": document,
    }


def reference_prehash(document: dict[str, Any], event: dict[str, Any]) -> str:
    """Give the pre-hash of one event of a JSON document."""
    jsonld.set_document_loader(load)
    json_to_py._namespaces.clear()  # it keeps those of every document it saw
    entries: list[Any] = []
    for context in (document.get("@context", []), event.get("@context", [])):
        entries += context if isinstance(context, list) else [context]
    plain = {key: value for key, value in event.items() if key != "@context"}
    alone = {"@context": entries, "epcisBody": {"eventList": [plain]}}
    found = json_to_py.event_list_from_epcis_document_json(json.loads(json.dumps(alone)))
    return str(hash_generator.derive_prehashes_from_events(found)[0])


def reference_xml_prehashes(text: str) -> list[str]:
    """Give the pre-hashes of the events of an XML document."""
    found = xml_to_py.event_list_from_epcis_document_str(text)
    return list(hash_generator.derive_prehashes_from_events(found))
