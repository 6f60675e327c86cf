"""The catalogue of fields and templates, and how people head such columns. 字段与模板

Read from `fields.toml`. **Set in stone:** the codes of fields and templates, which mappings
that were saved hold.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from suyuan.errors import Language

__all__ = ["Field", "Template", "field_of_name", "fields", "fields_of_name", "templates"]

_SIGNS = re.compile(r"[\s_\-./#:：()（）\[\]【】*＊、,，]+")
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a column may hold."""

    code: str
    names: Mapping[Language, str]
    hints: Mapping[Language, str]
    kind: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a row means, and which fields say it."""

    code: str
    names: Mapping[Language, str]
    texts: Mapping[Language, str]
    event: str
    """object, aggregation, transformation, or master_data."""
    action: str
    business_step: str
    disposition: str
    vocabulary: str
    fields: tuple[str, ...]
    required: frozenset[str]
    words: tuple[str, ...]

    @property
    def counts_amounts(self) -> bool:
        """Tell whether mass balances count what such rows say; seeing a lot moves none of it."""
        return self.event != "master_data" and self.business_step != "inspecting"


@cache
def _page() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    page = files("suyuan") / "importing" / "fields.toml"
    return tomllib.loads(page.read_text(encoding="utf-8"))


@cache
def fields() -> Mapping[str, Field]:
    """Give every field by its code."""
    return {
        code: Field(
            code=code,
            names={"en": said["en"], "zh": said["zh"]},
            hints={"en": said.get("hint_en", ""), "zh": said.get("hint_zh", "")},
            kind=said["kind"],
            synonyms=tuple(said["synonyms"]),
        )
        for code, said in _page()["fields"].items()
    }


@cache
def templates() -> Mapping[str, Template]:
    """Give every template by its code."""
    found = {}
    for code, said in _page()["templates"].items():
        listed = [name.removesuffix("!") for name in said["fields"]]
        assert set(listed) <= fields().keys(), code
        found[code] = Template(
            code=code,
            names={"en": said["en"], "zh": said["zh"]},
            texts={"en": said["text_en"], "zh": said["text_zh"]},
            event=said["event"],
            action=said.get("action", ""),
            business_step=said.get("business_step", ""),
            disposition=said.get("disposition", ""),
            vocabulary=said.get("vocabulary", ""),
            fields=tuple(listed),
            required=frozenset(
                name.removesuffix("!") for name in said["fields"] if name.endswith("!")
            ),
            words=tuple(said["words"]),
        )
    return found


def plain(text: str) -> str:
    """Bring what heads a column into the form in which headers are compared."""
    return _SIGNS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


@cache
def _fields_by_name() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for field in fields().values():
        own = (field.code, *field.names.values(), *field.synonyms)
        for name in dict.fromkeys(plain(one) for one in own):
            found[name] = (*found.get(name, ()), field.code)
    return found


def fields_of_name(text: str) -> tuple[str, ...]:
    """Give the fields that a header may mean, the nearest first."""
    known = _fields_by_name()
    whole = plain(text)
    bare = plain(_IN_BRACKETS.sub(" ", text))
    # A unit or a translation in brackets: `数量(kg)`, `Lot (批号)`, `Date/日期`.
    parts = [plain(part) for part in re.split(r"[/|\n(（\[【)）\]】]", text)]
    found: list[str] = []
    for name in dict.fromkeys((whole, bare, *parts, whole.replace(" ", ""))):
        found += known.get(name, ())
    return tuple(dict.fromkeys(found))


def field_of_name(text: str) -> str:
    """Give the field that a header most likely means; empty when it says nothing to us."""
    return next(iter(fields_of_name(text)), "")
