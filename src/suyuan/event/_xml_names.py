"""Names between XML and JSON: name spaces, prefixes, and what XML cannot spell. 命名空间

In XML a name is a name space and a local name; in JSON it is `prefix:name`, the prefix being
declared in the `@context`. The name space is the same text on both sides, but for master
data of the CBV, which XML calls `urn:epcglobal:cbv:mda` and JSON-LD `urn:epcglobal:cbv:mda:`.

Within one event a prefix stands for one name space. Where two scopes of a document use one
prefix for two, or a prefix cannot be one in JSON, it gets another name; the hash of an event
looks at name spaces only.
"""

from __future__ import annotations

import re

from suyuan.event._context import Context
from suyuan.event._vocabulary import STANDARD_NAMESPACES
from suyuan.event._xml_source import Element

__all__ = [
    "CBV_MASTER_DATA",
    "EPCIS_NAMESPACES",
    "XML_NAMESPACE",
    "XSD_NAMESPACE",
    "XSI_NAMESPACE",
    "Names",
    "Scope",
    "decode_name",
    "decode_text",
    "encode_name",
    "encode_text",
]

EPCIS_NAMESPACES = frozenset(
    f"urn:epcglobal:{schema}:xsd:{version}"
    for schema in ("epcis", "epcis-query", "epcis-masterdata")
    for version in (1, 2)
)
"""The name spaces of EPCIS 1.x and 2.0 for documents, query documents and master data."""

CBV_MASTER_DATA = "urn:epcglobal:cbv:mda"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
XSI_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"
XSD_NAMESPACE = "http://www.w3.org/2001/XMLSchema"

_STANDARD_PREFIXES = {
    **{namespace: prefix for prefix, namespace in STANDARD_NAMESPACES.items()},
    CBV_MASTER_DATA: "cbvmda",
}
# Prefixes that JSON-LD protects, or that begin absolute URIs: they cannot be redefined.
_TAKEN = frozenset(STANDARD_NAMESPACES) | frozenset(
    {"urn", "http", "https", "ni", "tag", "mailto", "ftp", "data", "id", "type"}
)
_JSON_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9.\-]*")
_SCOPES_MAX = 1_000
_KEYS_MAX = 10_000

# -- what XML cannot spell -------------------------------------------------------------------

# The way of SQL/XML (ISO 9075-14, 9.1) for names and of Office Open XML (ISO 29500-1, 22.9.2)
# for texts: a character that cannot stand there is _xHHHH_. FNC1 in what a scanner read is
# such a character: XML has no spelling at all for U+001D.
_START = r"A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
_START += r"\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_NAME = re.compile(rf"[{_START}][{_START}\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*")
_NAME_FIRST = re.compile(rf"[{_START}]")
_NAME_CHARACTER = re.compile(rf"[{_START}\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]")
_ENCODED = re.compile(r"_x([0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{2})?)_")
_FORBIDDEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff"
_CODES = r"(?:00(?:0[0-8BbCcEeFf]|1[0-9A-Fa-f]|5[Ff])|[Ff]{3}[EeFf])"
# What follows may begin with the line of its own code: it ends what only looks like one.
_LOOKS_ENCODED = re.compile(r"_x[0-9A-Fa-f]{4}")
_FORBIDDEN_OR_ENCODED = re.compile(rf"[{_FORBIDDEN}]|_(?=x{_CODES}[_{_FORBIDDEN}])")
_ENCODED_CHARACTER = re.compile(rf"_x({_CODES})_")


def encode_name(name: str) -> str:
    """Spell any text as a local name of XML; `decode_name` is the exact inverse."""
    if _NAME.fullmatch(name) and "_x" not in name:
        return name
    spelled = []
    for index, character in enumerate(name):
        allowed = _NAME_FIRST if index == 0 else _NAME_CHARACTER
        if allowed.match(character) is None or (
            character == "_" and _LOOKS_ENCODED.match(name, index) is not None
        ):
            code = ord(character)
            spelled.append(f"_x{code:04X}_" if code <= 0xFFFF else f"_x{code:06X}_")
        else:
            spelled.append(character)
    return "".join(spelled)


def decode_name(name: str) -> str:
    """Give the text that a local name of XML spells."""
    if "_x" not in name:
        return name
    return _ENCODED.sub(_decoded, name)


def encode_text(text: str) -> str:
    """Spell any text with characters that XML has; `decode_text` is the exact inverse."""
    return _FORBIDDEN_OR_ENCODED.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def decode_text(text: str) -> str:
    """Give the text that a text of XML spells."""
    return _ENCODED_CHARACTER.sub(_decoded, text) if "_x" in text else text


def _decoded(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return match[0]
    return chr(code)


# -- name spaces -----------------------------------------------------------------------------


class Scope:
    """The name spaces in force in one event, and the JSON names they give."""

    def __init__(self, nsmap: dict[str | None, str]) -> None:
        self.is_grown = False
        self._prefixes: dict[str, str] = {}
        self._declared: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._keys: dict[str, str] = {}
        self._context: Context | None = None
        for prefix, namespace in nsmap.items():
            if prefix is not None and namespace not in EPCIS_NAMESPACES:
                self._assign(namespace, prefix)

    @property
    def context(self) -> Context:
        """Give the context that stands for these name spaces in JSON."""
        if self._context is None:
            self._context = Context(dict(self._declared), {}, ())
        return self._context

    def key(self, tag: str, element: Element) -> str:
        """Give the JSON name of an element, or of one of its attributes."""
        try:
            return self._keys[tag]
        except KeyError:
            pass
        namespace, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
        local = decode_name(local)
        prefix: str | None = element.prefix
        if tag != element.tag:
            prefix = "xml" if namespace == XML_NAMESPACE else None
            prefix = next((p for p, ns in element.nsmap.items() if ns == namespace and p), prefix)
        if not namespace:
            key = local
        else:
            known = self._prefixes.get(namespace)
            if known is None:
                known = self._assign(namespace, prefix or "ns")
                self.is_grown = True
            key = f"{known}:{local}"
        if len(self._keys) >= _KEYS_MAX:
            self._keys.clear()
        self._keys[tag] = key
        return key

    def _assign(self, namespace: str, wanted: str) -> str:
        """Find the prefix that stands for a name space, and declare it."""
        known = self._prefixes.get(namespace)
        if known is not None:
            return known
        prefix = _STANDARD_PREFIXES.get(namespace, "")
        if not prefix and namespace == f"{wanted}:":
            prefix = wanted  # an absolute URI as it stands in JSON: nothing to declare
        if not prefix:
            stem = wanted if _JSON_PREFIX.fullmatch(wanted) else "ns"
            prefix = stem
            while prefix in _TAKEN or prefix in self._declared:
                self._numbers[stem] = self._numbers.get(stem, 1) + 1
                prefix = f"{stem}{self._numbers[stem]}"
            self._declared[prefix] = namespace
        self._prefixes[namespace] = prefix
        self._context = None
        return prefix


class Names:
    """The scopes of one document: events under the same declarations share one."""

    def __init__(self) -> None:
        self._scopes: dict[tuple[object, ...], Scope] = {}

    def scope(self, nsmap: dict[str | None, str]) -> Scope:
        """Give the scope of an event element.

        A scope that has met declarations inside an event is not used again, so that the names
        in an event never depend on what other events are in the document.
        """
        marks = tuple(nsmap.items())
        known = self._scopes.get(marks)
        if known is not None and not known.is_grown:
            return known
        if len(self._scopes) >= _SCOPES_MAX:
            self._scopes.clear()
        self._scopes[marks] = scope = Scope(nsmap)
        return scope
