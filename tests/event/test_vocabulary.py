"""The words of the CBV are those of the official context, each with one meaning."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
    VOCABULARIES,
    Vocabulary,
)
from tests.conformance import conformance_dir

PAGE = conformance_dir("gs1-epcis") / "epcis-context.jsonld"
CONTEXT: Any = json.loads(PAGE.read_text(encoding="utf-8"))["@context"]
REPORT = CONTEXT["sensorElementList"]["@context"]["sensorReport"]["@context"]
OFFICIAL = {
    BUSINESS_STEP: CONTEXT["bizStep"]["@context"],
    DISPOSITION: CONTEXT["disposition"]["@context"],
    BUSINESS_TRANSACTION_TYPE: CONTEXT["bizTransactionList"]["@context"]["type"]["@context"],
    SOURCE_DESTINATION_TYPE: CONTEXT["sourceList"]["@context"]["type"]["@context"],
    ERROR_REASON: CONTEXT["errorDeclaration"]["@context"]["reason"]["@context"],
    COMPONENT: REPORT["component"]["@context"],
    MEASUREMENT_TYPE: REPORT["type"]["@context"],
    SENSOR_ALERT_TYPE: REPORT["exception"]["@context"],
}


def test_standard_name_spaces_are_those_of_the_context() -> None:
    declared = {key: value for key, value in CONTEXT.items() if key in STANDARD_NAMESPACES}
    assert declared == STANDARD_NAMESPACES


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.name)
def test_words_are_those_of_the_context(vocabulary: Vocabulary) -> None:
    expected = {}
    for word, compact in OFFICIAL[vocabulary].items():
        prefix, _, name = compact.partition(":")
        expected[word] = STANDARD_NAMESPACES[prefix] + name
    assert {word: vocabulary.spellings[word] for word in vocabulary.words} == expected


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.name)
def test_every_spelling_leads_to_a_word_and_back(vocabulary: Vocabulary) -> None:
    assert sorted(vocabulary.bare.values()) == sorted(vocabulary.words)
    for spelling, uri in vocabulary.spellings.items():
        assert spelling.endswith(vocabulary.bare[uri])
    for uri, urn in vocabulary.urn.items():
        assert vocabulary.spellings[urn] == uri


@pytest.mark.parametrize(
    ("vocabulary", "text", "word"),
    [
        (BUSINESS_STEP, "shiping", "shipping"),
        (BUSINESS_STEP, "https://ref.gs1.org/cbv/BizStep-recieving", "receiving"),
        (DISPOSITION, "in_transport", "in_transit"),
        (DISPOSITION, "牛奶", ""),
    ],
)
def test_the_word_that_was_meant_is_guessed(vocabulary: Vocabulary, text: str, word: str) -> None:
    assert vocabulary.nearest(text) == word
