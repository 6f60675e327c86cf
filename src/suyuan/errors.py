"""Errors: one tree, grouped by what the caller can do about it. 错误

    SuyuanError
    ├── InvalidInput      change the data                        HTTP 422
    ├── Refused           a rule says no for now                 HTTP 409
    ├── NotFound          there is no such thing                 HTTP 404
    ├── Denied            you may not                            HTTP 403
    ├── Unavailable       an outside thing failed; try again     HTTP 503
    └── IntegrityBroken   our records disagree: stop, page someone   HTTP 500

An error carries one or more problems. A problem has a stable code; its text comes from
the `messages.toml` of the package that owns the code, in English and in Chinese, so that
the same error can be shown to two people in two languages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Literal

__all__ = [
    "LANGUAGES",
    "Denied",
    "IntegrityBroken",
    "InvalidInput",
    "Language",
    "NotFound",
    "Problem",
    "Refused",
    "SuyuanError",
    "Unavailable",
    "in_language",
    "message_catalogue",
]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def in_language(name: str | None, name_zh: str | None, language: Language) -> str | None:
    """Give what something is called in a language, else in the other one."""
    return (name_zh or name) if language == "zh" else (name or name_zh)


# What of a problem is said in the reader's language, and the part of `phrases.toml` for it.
_SAID = {"where": "phrases", "rule": "rules", "expected": "phrases", "found": "found"}
_FAILED = re.compile(r"\[Errno \d+\] ([\w ]+)(: '.*')", re.DOTALL)
_WIDE = re.compile("[⺀-鿿＀-￯“”]")


@cache
def message_catalogue() -> Mapping[str, Mapping[str, str]]:
    """Give every error code with its text in each language.

    Read from `messages.toml` in this package and in each package below it.
    """
    root = files("suyuan")
    catalogue: dict[str, Mapping[str, str]] = {}
    folders = [root, *sorted((f for f in root.iterdir() if f.is_dir()), key=lambda f: f.name)]
    for folder in folders:
        page = folder / "messages.toml"
        if page.is_file():
            for code, texts in tomllib.loads(page.read_text(encoding="utf-8")).items():
                assert code not in catalogue, f"error code {code} is defined twice"
                catalogue[code] = texts
    return catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: where, by which rule, what was expected and what was found.

    `where` is a JSON Pointer (RFC 6901), an XPath with a line number, or a character
    position, whatever fits the input. `values` fills the placeholders of the text.
    """

    code: str
    where: str = ""
    rule: str = ""
    expected: str = ""
    found: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language = "en") -> str:
        """Say it in one sentence in the language asked for."""
        texts = message_catalogue().get(self.code)
        if texts is None:
            return self.code
        values = {
            "where": self.where,
            "rule": self.rule,
            "expected": self.expected,
            "found": self.found,
            **self.values,
        }
        template = texts[language]
        if language == "zh":
            values |= {name: self.said(name, language) for name in _SAID}
            # What has a Chinese form of its own (`vocabulary_zh`) is said in that form.
            for name, value in self.values.items():
                if name.endswith("_zh"):
                    values[name.removesuffix("_zh")] = value
            template = _closed_up(template, values)
        return template.format_map(_Lenient(values))

    def said(self, name: str, language: Language = "en") -> str:
        """Give `where`, `rule`, `expected` or `found` in the language asked for."""
        text = str(getattr(self, name))
        if language == "en":
            return text
        own = self.values.get(f"{name}_zh")
        return str(own) if own is not None else _in_chinese(name, text)

    def as_dict(self, language: Language = "en") -> dict[str, str]:
        """Give the plain form that the API and `--json` show."""
        shown = {
            "code": self.code,
            "message": self.text(language),
            "where": self.where,
            "rule": self.rule,
            "expected": self.expected,
            "found": self.found,
        }
        return {key: value for key, value in shown.items() if value}


@cache
def _phrase_book() -> Mapping[str, Mapping[str, str]]:
    page = files("suyuan") / "phrases.toml"
    return tomllib.loads(page.read_text(encoding="utf-8"))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(p), chinese) for p, chinese in _phrase_book()["patterns"].items())


def _in_chinese(name: str, text: str) -> str:
    """Give the Chinese for a phrase of ours; names, numbers and all else stay as they are.

    What was found is mostly somebody's data: of it only what can be nothing but ours is said
    otherwise.
    """
    phrases = _phrase_book()[_SAID[name]]
    if text in phrases:
        return phrases[text]
    if name == "found":
        failed = _FAILED.fullmatch(text)  # As Python tells that a call of the system failed.
        return phrases.get(failed[1], failed[1]) + failed[2] if failed else text
    for pattern, chinese in _patterns():
        if pattern.fullmatch(text):
            return pattern.sub(chinese, text)
    return text


def _closed_up(template: str, values: Mapping[str, Any]) -> str:
    """Leave out the spaces of a text beside what is Chinese itself: they are for Latin words."""
    for name, value in values.items():
        text = str(value)
        if _WIDE.match(text[:1]):
            template = template.replace(f" {{{name}}}", f"{{{name}}}")
        if _WIDE.match(text[-1:]):
            template = template.replace(f"{{{name}}} ", f"{{{name}}}")
    return template


class _Lenient(dict[str, Any]):
    """A missing placeholder must not turn one error into another."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class SuyuanError(Exception):
    """Anything that Suyuan refuses or cannot do, with every problem at once."""

    status: ClassVar[int] = 500

    def __init__(self, problems: Problem | Iterable[Problem], /) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        assert self.problems, "an error without a problem"
        super().__init__(self.problems)

    @property
    def code(self) -> str:
        """Give the stable code of the first problem."""
        return self.problems[0].code

    def text(self, language: Language = "en") -> str:
        """Say all problems, one a line."""
        return "\n".join(problem.text(language) for problem in self.problems)

    def __str__(self) -> str:
        return self.text("en")


class InvalidInput(SuyuanError):
    """The data is wrong; the same data will be refused again."""

    status = 422


class Refused(SuyuanError):
    """A rule says no for now; the same data may be taken another time."""

    status = 409


class NotFound(SuyuanError):
    """There is no such thing."""

    status = 404


class Denied(SuyuanError):
    """The caller may not do this, or has not said who they are."""

    status = 403


class Unavailable(SuyuanError):
    """Something outside failed (database, disk, network); trying again may help."""

    status = 503


class IntegrityBroken(SuyuanError):
    """Our own records disagree: stop, never retry, page someone."""

    status = 500
