"""Words of the events as people say them: business steps, dispositions, amounts. 用语"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from suyuan.errors import Language
from suyuan.event import BUSINESS_STEP, DISPOSITION, Vocabulary, word_ending

__all__ = ["amount_of", "business_step_of", "disposition_of", "hold_of"]

_PIECE = "C62"


def business_step_of(uri: str, language: Language) -> str:
    """Say a business step; one's own by its last part."""
    return _said("business_step", BUSINESS_STEP, uri, language)


def disposition_of(uri: str, language: Language) -> str:
    """Say a disposition; one's own by its last part."""
    return _said("disposition", DISPOSITION, uri, language)


def hold_of(words: list[str], language: Language) -> str:
    """Say why something is on hold."""
    if language == "en":
        return ", ".join(words)
    known = {**_words()["disposition"], **_words()["business_step"]}
    return "、".join(known.get(word, word) for word in words)


def amount_of(value: float | None, uom: str, language: Language) -> str:
    """Say an amount; pieces by their word, since nobody knows their code."""
    number = "?" if value is None else f"{value:,.3f}".rstrip("0").rstrip(".")
    if uom != _PIECE:
        return f"{number} {uom}".rstrip()
    if language == "zh":
        return f"{number} 件"
    return f"{number} piece" if value == 1 else f"{number} pieces"


def _said(kind: str, vocabulary: Vocabulary, uri: str, language: Language) -> str:
    bare = vocabulary.bare.get(uri)
    if bare is None:
        return word_ending(uri)
    return _words()[kind][bare] if language == "zh" else bare


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    page = files("suyuan.cli") / "words.toml"
    return tomllib.loads(page.read_text(encoding="utf-8"))
