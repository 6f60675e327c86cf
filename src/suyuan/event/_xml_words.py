"""Standard words between the spellings of XML and of JSON. 词汇拼写转换

JSON has the bare word (`shipping`); XML has a URN, a web URI or, for the words of GS1's web
vocabulary, a compact URI (`gs1:Temperature`). One word, one meaning: nothing is lost either
way. A text that is no standard word stays as it is.
"""

from __future__ import annotations

from typing import Literal

from suyuan.event._vocabulary import (
    BUSINESS_STEP,
    BUSINESS_TRANSACTION_TYPE,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT_TYPE,
    SENSOR_ALERT_TYPE,
    SOURCE_DESTINATION_TYPE,
    STANDARD_NAMESPACES,
    Vocabulary,
)

__all__ = ["WORD_FIELDS", "WordSpelling", "bare_words", "xml_words"]

WordSpelling = Literal["urn", "web"]
"""How XML spells standard words: `urn:epcglobal:cbv:…` or `https://ref.gs1.org/cbv/…`."""

WORD_FIELDS: dict[str, Vocabulary] = {
    "bizStep": BUSINESS_STEP,
    "disposition": DISPOSITION,
    "bizTransaction": BUSINESS_TRANSACTION_TYPE,
    "source": SOURCE_DESTINATION_TYPE,
    "destination": SOURCE_DESTINATION_TYPE,
    "reason": ERROR_REASON,
    "component": COMPONENT,
    "type": MEASUREMENT_TYPE,
    "exception": SENSOR_ALERT_TYPE,
}
"""The vocabulary of each field; `type` is that of a sensor report."""

_COMPACT = ("cbv", "gs1")


def _compact(uri: str) -> str | None:
    """Give the compact form of a URI of GS1, if it has one."""
    for prefix in _COMPACT:
        namespace = STANDARD_NAMESPACES[prefix]
        if uri.startswith(namespace):
            return f"{prefix}:{uri[len(namespace) :]}"
    return None


def bare_words(vocabulary: Vocabulary) -> dict[str, str]:
    """Give the bare word for every spelling of every word of a vocabulary."""
    bare = {
        spelling: vocabulary.bare[uri]
        for spelling, uri in vocabulary.spellings.items()
        if uri in vocabulary.bare
    }
    for uri, word in vocabulary.bare.items():
        compact = _compact(uri)
        if compact is not None:
            bare[compact] = word
    return bare


def xml_words(vocabulary: Vocabulary, spelling: WordSpelling) -> dict[str, str]:
    """Give the XML spelling for every spelling of every word of a vocabulary.

    Words that have no URN are written compact (`gs1:Temperature`), as the examples of the
    standard have them.
    """
    spelled: dict[str, str] = {}
    for any_spelling, word in bare_words(vocabulary).items():
        uri = vocabulary.spellings[word]
        text = uri
        if spelling == "urn":
            text = vocabulary.urn.get(uri) or _compact(uri) or uri
        spelled[any_spelling] = text
    return spelled
