"""EPC patterns: what a query asks for with `*` in it. EPC 模式

Source: GS1 EPC Tag Data Standard, section 8 (pure identity patterns). From some component
on, all are `*`; ranges such as `[1-9]` belong to patterns of tags, which EPCIS does not use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from suyuan.identifier._canonical import canonical_uri
from suyuan.identifier._characters import in_path
from suyuan.identifier._epc import (
    PREFIX_LENGTHS,
    Scheme,
    component,
    digits_key,
    is_digits,
    read_urn,
    split_body,
    urn_head,
)
from suyuan.identifier._fault import Fault, Span, invalid
from suyuan.identifier._key import CANONICAL_STEM, CanonicalUri, canonical_link

__all__ = ["EpcPattern", "canonical_pattern", "epc_pattern"]

_RULE = "GS1 EPC Tag Data Standard, section 8"
_SEGMENT = "[^/]+"


@dataclass(frozen=True)
class EpcPattern:
    """Which canonical URIs are meant.

    `regex` is the same for Python and PostgreSQL and fits the whole URI; `prefix` is what
    all of them start with, for an index; `class_uri` is the class, when the pattern is the
    name of one.
    """

    regex: str
    prefix: str
    class_uri: CanonicalUri | None = None

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.regex)

    def matches(self, canonical: str) -> bool:
        """Say whether the pattern means this canonical URI."""
        return self._compiled.match(canonical) is not None


def canonical_pattern(text: str) -> CanonicalUri:
    """Give the canonical URI of a class or a single thing that a pattern names.

    Wider patterns, which name no single class, are refused: ask `epc_pattern`.
    """
    return canonical_uri(text)


def epc_pattern(text: str) -> EpcPattern:
    """Read what a query may ask for: a pattern with `*`, or one URI in any spelling."""
    if not text.startswith("urn:epc:idpat:"):
        return _exactly(canonical_uri(text))
    _, name, scheme, body = urn_head(text)
    assert scheme is not None, "only keys of GS1 have patterns"
    parts = split_body(name, scheme, body)
    stars = _stars(parts)
    if stars == 0:
        return _exactly(canonical_uri(text.replace(":idpat:", ":id:", 1)))
    class_uri = None
    if stars == 1 and scheme.has_class:
        class_uri = canonical_link(read_urn(text).elements)
    known = parts[: len(parts) - stars]
    literal, rest = _key_regex(scheme, known)
    stem = f"{CANONICAL_STEM}/{scheme.ai}/"
    regex = f"^{re.escape(stem)}{re.escape(literal)}{rest}{_serial_regex(scheme)}$"
    return EpcPattern(regex, stem + literal, class_uri)


def _key_regex(scheme: Scheme, known: list[Span]) -> tuple[str, str]:
    """Give what the key starts with for certain, and the expression for its rest."""
    faults: list[Fault] = []
    literal, rest = "", ""
    if known and not (is_digits(known[0].text) and len(known[0].text) in PREFIX_LENGTHS):
        raise invalid([Fault(known[0].start, "prefix_length_wrong", _RULE, "6–12", known[0].text)])
    prefix = known[0].text if known else ""
    if len(known) < 2:
        left = scheme.digits - len(prefix)
        if not scheme.digits:
            literal, rest = prefix, _SEGMENT
        elif scheme.is_rearranged:
            rest = f"[0-9]{prefix}[0-9]{{{left}}}"
        else:
            literal, rest = scheme.lead + prefix, f"[0-9]{{{left + 1}}}"
    elif scheme.digits:
        literal = digits_key(scheme, known[0], known[1], faults)
    else:
        literal = prefix + in_path(component(known[1], faults))
    if scheme.has_pieces:
        literal += "".join(part.text for part in known[2:])
        rest += f"[0-9]{{{4 - sum(len(part.text) for part in known[2:])}}}"
    if faults:
        raise invalid(faults)
    return literal, rest


def _serial_regex(scheme: Scheme) -> str:
    """Give the expression for the serial; a class and a whole place may come without."""
    if scheme.serial_ai == "+":
        return "[^/]*"
    return f"(/{scheme.serial_ai}/{_SEGMENT})?" if scheme.serial_ai else ""


def _exactly(canonical: CanonicalUri) -> EpcPattern:
    return EpcPattern(f"^{re.escape(canonical)}$", canonical, canonical)


def _stars(parts: list[Span]) -> int:
    """Count the components that are `*`, which all have to be the last ones."""
    is_star = [part.text == "*" for part in parts]
    first = is_star.index(True) if True in is_star else len(parts)
    for part, star in zip(parts[first:], is_star[first:], strict=True):
        if not star:
            raise invalid([Fault(part.start, "pattern_star_missing", _RULE, "*", part.text)])
    for part in parts[:first]:
        if any(character in part.text for character in "*[]"):
            at = next(i for i, character in enumerate(part.text) if character in "*[]")
            raise invalid([Fault(part.start + at, "pattern_wrong", _RULE, "*", part.text)])
    return len(parts) - first
