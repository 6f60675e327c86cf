"""JSON-LD contexts: which prefix stands for which name space, and what an event needs of it.

An event taken out of its document must keep its meaning, so the reader writes into it the
part of the document's context that it uses: the name spaces of its prefixes, definitions of
its terms, and, when a prefix is declared nowhere we can see, the addresses of the contexts
that may declare it. Contexts are never loaded from the network.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from suyuan.errors import Problem
from suyuan.event._keys import count_members
from suyuan.event._text import shown
from suyuan.event._vocabulary import STANDARD_NAMESPACES

__all__ = ["STANDARD_CONTEXT", "STANDARD_CONTEXT_URL", "Context", "read_context"]

STANDARD_CONTEXT_URL = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

# These begin absolute URIs everywhere; a document cannot make them mean something else.
_SCHEMES = frozenset({"urn", "http", "https", "ni", "tag", "mailto", "ftp", "data"})
_CACHE_MAX = 1_000
_ENTRIES_MAX = 1_000
_RULE = "EPCIS-JSON-Schema.json#/definitions/@context"


class Context:
    """The name spaces in force at one place of a document."""

    __slots__ = (
        "_contained",
        "declared",
        "foreign",
        "members",
        "names",
        "namespaces",
        "terms",
        "texts",
    )

    def __init__(
        self, declared: dict[str, str], terms: dict[str, Any], foreign: tuple[str, ...]
    ) -> None:
        self.declared = declared
        """Prefix → name space, as declared by the document; standard ones only if changed."""
        self.terms = terms
        """Definitions of single terms (their type, mostly)."""
        self.foreign = foreign
        """Addresses of contexts that are not EPCIS's own."""
        self.namespaces = {**STANDARD_NAMESPACES, **declared}
        """Prefix → name space, declared and standard."""
        self._contained: dict[frozenset[str], list[Any] | None] = {}
        self.members = 0
        """How many members the objects of the `@context` itself have."""
        # Spellings in the pre-hash that are known already; kept and bounded by the hash.
        self.names: dict[str, str] = {}
        self.texts: dict[str, str] = {}

    def complete(self, body: dict[str, Any], used: frozenset[str]) -> None:
        """Write into an event what it needs of this context, and nothing else."""
        contained = self.contained(used) if used else None
        if contained is not None:
            body["@context"] = contained
        else:
            body.pop("@context", None)

    def contained(self, used: frozenset[str]) -> list[Any] | None:
        """Give the `@context` that makes an event with these prefixes self-contained."""
        found = self._contained.get(used, self)
        if found is not self:
            return found  # type: ignore[return-value]
        named: dict[str, Any] = {
            prefix: self.declared[prefix] for prefix in sorted(used) if prefix in self.declared
        }
        for term, definition in self.terms.items():
            if term.partition(":")[0] in used:
                named[term] = definition
        entries: list[Any] = []
        if not used <= self.namespaces.keys():
            entries.extend(self.foreign)
        if named:
            entries.append(named)
        if len(self._contained) >= _CACHE_MAX:
            self._contained.clear()
        self._contained[used] = entries or None
        return entries or None


STANDARD_CONTEXT = Context({}, {}, ())

# The stored form of events, and lines of events, have the same few contexts again and again;
# mostly that of the event before.
_inner_contexts: dict[tuple[Any, ...], Context] = {}
_last_context: tuple[Any, Context] = ([], STANDARD_CONTEXT)


def read_context(
    value: Any,
    *,
    outer: Context = STANDARD_CONTEXT,
    pointer: str = "",
    problems: list[Problem] | None = None,
) -> Context:
    """Read an `@context` that stands inside what `outer` is the context of.

    Anything that is no context is a problem; what can be read of the rest still counts.
    """
    global _last_context
    is_plain = outer is STANDARD_CONTEXT and type(value) is list
    if is_plain:
        known, context = _last_context
        if known == value:
            return context
        found_context = _known_context(value)
        if found_context is not None:
            _last_context = (value, found_context)
            return found_context
    found: list[Problem] = []
    context = _read(value, outer, pointer, found)
    if problems is not None:
        problems.extend(found)
    if is_plain and not found:
        _remember(value, context)
    return context


def _known_context(value: list[Any]) -> Context | None:
    try:
        return _inner_contexts.get(_key(value))
    except TypeError:
        return None  # definitions of terms, which are objects


def _remember(value: list[Any], context: Context) -> None:
    if len(_inner_contexts) >= _CACHE_MAX:
        _inner_contexts.clear()
    with suppress(TypeError):
        _inner_contexts[_key(value)] = context


def _key(value: list[Any]) -> tuple[Any, ...]:
    return tuple([tuple(each.items()) if type(each) is dict else each for each in value])


def _read(value: Any, outer: Context, pointer: str, problems: list[Problem]) -> Context:
    """Read an `@context` afresh."""
    declared = dict(outer.declared)
    terms = dict(outer.terms)
    foreign = list(outer.foreign)
    entries = value if isinstance(value, list) else [value]
    if len(entries) > _ENTRIES_MAX:
        _fault(problems, pointer, f"at most {_ENTRIES_MAX} entries", value)
        entries = []
    for index, entry in enumerate(entries):
        where = f"{pointer}/{index}" if isinstance(value, list) else pointer
        if entry in entries[:index]:
            _fault(problems, where, "each entry once", entry)
        elif isinstance(entry, dict):
            for term, definition in entry.items():
                _declare(term, definition, declared, terms)
        elif isinstance(entry, str) and ":" in entry:
            if not entry.endswith(("/epcis-context.jsonld", "/epcis-context-simple.jsonld")):
                foreign.append(entry)
        else:
            _fault(problems, where, "the address of a context, or an object of prefixes", entry)
    context = Context(declared, terms, tuple(dict.fromkeys(foreign)))
    context.members = count_members(value)
    return context


def _fault(problems: list[Problem], where: str, expected: str, entry: Any) -> None:
    code = "event.context_malformed"
    problems.append(
        Problem(
            code=code,
            where=where,
            rule=_RULE,
            expected=expected,
            found=shown(entry),
        )
    )


def _declare(term: str, definition: Any, declared: dict[str, str], terms: dict[str, Any]) -> None:
    """Take one entry of a context: a prefix, or the definition of a term."""
    if term.startswith("@") or ":" in term:
        terms[term] = definition
        return
    namespace = definition.get("@id") if isinstance(definition, dict) else definition
    if term in _SCHEMES or not isinstance(namespace, str) or ":" not in namespace:
        return
    if STANDARD_NAMESPACES.get(term) == namespace:
        declared.pop(term, None)
    else:
        declared[term] = namespace
