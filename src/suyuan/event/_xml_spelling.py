"""Spell JSON names and values in XML: escaping, prefixes, declarations. XML 书写

The inverse of `_xml_value`: an object with `#text` is an element with attributes, any other
an element with children, a list the same element again and again. What reading makes of the
result has the same hash; but for the kinds of numbers and booleans, which XML does not have,
and for lists in lists, it is the same JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

from suyuan.event._context import Context
from suyuan.event._xml_names import (
    CBV_MASTER_DATA,
    XML_NAMESPACE,
    XSD_NAMESPACE,
    XSI_NAMESPACE,
    encode_name,
    encode_text,
)

__all__ = ["Indents", "Spelling", "attribute_text", "element_text", "number_text", "scalar_text"]

Indents = Callable[[int], str]
"""Gives what stands before an element at a level: a line break with spaces, or nothing."""

_SPECIAL = re.compile("[&<>\r\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x")
_SPECIAL_IN_ATTRIBUTE = re.compile('[&<>"\r\n\t\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x')
_PREFIX = re.compile(r"(?!xml)[A-Za-z][A-Za-z0-9.\-_]*", re.IGNORECASE)
_KEYS_MAX = 10_000
_PREFIXES_MAX = 1_000


def element_text(text: str) -> str:
    """Write a text between tags."""
    if _SPECIAL.search(text) is None:
        return text
    text = encode_text(text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")


def attribute_text(text: str) -> str:
    """Write a text between the quotes of an attribute."""
    if _SPECIAL_IN_ATTRIBUTE.search(text) is None:
        return text
    text = element_text(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


def number_text(value: Any) -> str:
    """Write a number without exponent, as `xsd:decimal` wants it."""
    return format(value, "f") if isinstance(value, Decimal | float) else str(value)


def scalar_text(value: Any) -> str:
    """Write a value that is no object and no list."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    return number_text(value)


class Spelling:
    """The XML names of one JSON-LD context, and the values of extensions under it.

    `used` gathers the declarations that what has been written needs: prefix and name space.
    """

    def __init__(self, context: Context) -> None:
        self.used: set[tuple[str, str]] = set()
        self._context = context
        self._tags: dict[str, tuple[str, tuple[str, str] | None]] = {}
        self._prefixes: dict[str, str] = {}
        self._taken: set[str] = set()
        self._numbers = count(1)
        self._forget()

    def begin(self) -> None:
        """Begin a new event: nothing is used yet."""
        self.used.clear()
        # Never inside an event: a prefix must not change its meaning there.
        if len(self._prefixes) >= _PREFIXES_MAX:
            self._forget()

    def _forget(self) -> None:
        self._tags.clear()
        self._prefixes.clear()
        self._taken = {prefix for prefix in self._context.namespaces if _PREFIX.fullmatch(prefix)}
        self._taken |= {"epcis", "epcisq", "sbdh", "xsi", "xsd"}
        self._numbers = count(1)

    # -- names -------------------------------------------------------------------------------

    def tag(self, key: str) -> str:
        """Give the XML name of a JSON name, and remember what must be declared for it."""
        try:
            name, declaration = self._tags[key]
        except KeyError:
            name, declaration = self._tag(key)
            if len(self._tags) >= _KEYS_MAX:
                self._tags.clear()
            self._tags[key] = name, declaration
        if declaration is not None:
            self.used.add(declaration)
        return name

    def namespace(self, key: str) -> str:
        """Give the name space of a JSON name."""
        return self._split(key)[0]

    def _split(self, key: str) -> tuple[str, str, str]:
        """Take a JSON name apart: name space, local name, wanted prefix."""
        prefix, colon, local = key.partition(":")
        if not colon:
            return "", key, ""
        namespace = self._context.namespaces.get(prefix)
        if prefix == "xml":
            namespace = XML_NAMESPACE
        elif prefix == "xsi":
            namespace = namespace or XSI_NAMESPACE
        if namespace is not None and not local.startswith("//"):
            if prefix == "cbvmda" and prefix not in self._context.declared:
                namespace = CBV_MASTER_DATA
            if namespace == "http://www.w3.org/2000/xmlns/":
                namespace += "#"  # nothing can be declared to be in this one
            return namespace, local, prefix
        cut = max(key.rfind("/"), key.rfind("#")) + 1
        if key.startswith(("http://", "https://")) and cut < len(key):
            return key[:cut], key[cut:], "ns"
        return f"{prefix}:", local, prefix  # declared nowhere: an absolute URI as it stands

    def _tag(self, key: str) -> tuple[str, tuple[str, str] | None]:
        namespace, local, wanted = self._split(key)
        local = encode_name(local) or "_x005F_"
        if not namespace:
            return local, None
        if namespace == XML_NAMESPACE:
            return f"xml:{local}", None
        prefix = self._prefixes.get(namespace, "")
        if not prefix:
            is_own = _PREFIX.fullmatch(wanted) is not None and (
                wanted in self._context.namespaces or wanted not in self._taken
            )
            if is_own and wanted != "epcis" and (wanted != "xsi" or namespace == XSI_NAMESPACE):
                prefix = wanted
            else:
                names = (f"ns{number}" for number in self._numbers)
                prefix = next(name for name in names if name not in self._taken)
            self._taken.add(prefix)
            self._prefixes[namespace] = prefix
        return f"{prefix}:{local}", (prefix, namespace)

    # -- values ------------------------------------------------------------------------------

    def extension(self, parts: list[str], key: str, value: Any, level: int, nl: Indents) -> None:
        """Write an extension: an element, or one for each element of a list."""
        kind = type(value)
        if kind is list:
            for each in value:
                self.extension(parts, key, each, level, nl)
            return
        tag = self.tag(key)
        if kind is dict:
            self._object(parts, tag, value, level, nl)
            return
        text = scalar_text(value)
        if not text:
            parts.append(f"{nl(level)}<{tag}/>")
        else:
            parts.append(f"{nl(level)}<{tag}{_space(text)}>{element_text(text)}</{tag}>")

    def _object(
        self, parts: list[str], tag: str, value: dict[str, Any], level: int, nl: Indents
    ) -> None:
        """Write an element with attributes or children."""
        attributes, children = self.attributes(value)
        text = scalar_text(value.get("#text"))
        start = f"{nl(level)}<{tag}{attributes}"
        if not children and not text:
            parts.append(f"{start}/>")
            return
        parts.append(f"{start}{_space(text)}>{element_text(text)}")
        for key, member in children:
            # Beside a text, line breaks would be part of it.
            self.extension(parts, key, member, level + 1, nl if not text else _nothing)
        parts.append(f"{nl(level) if children and not text else ''}</{tag}>")

    def attributes(
        self, value: dict[str, Any], known: tuple[str, ...] = (), *, are_all: bool = False
    ) -> tuple[str, list[tuple[str, Any]]]:
        """Part the members of an object into attributes, written, and children.

        Attributes are those of XML itself and of schema instances, and beside `#text`, or
        where `are_all` says so, whatever an attribute can hold. `known` are neither.
        """
        are_all = are_all or "#text" in value
        written = []
        children = []
        seen: set[tuple[str, str]] = set()
        for key, member in value.items():
            if key == "#text" or key in known:
                continue
            namespace, local, _ = self._split(key)
            is_attribute = type(member) is not dict and type(member) is not list
            if (
                is_attribute
                and (are_all or namespace in (XML_NAMESPACE, XSI_NAMESPACE))
                and (namespace, local) not in seen
            ):
                seen.add((namespace, local))
                text = scalar_text(member)
                if namespace == XSI_NAMESPACE and local == "type":
                    self._declare_type(text)
                written.append(f' {self.tag(key)}="{attribute_text(text)}"')
            else:
                children.append((key, member))
        return "".join(written), children

    def _declare_type(self, name: str) -> None:
        """Declare the prefix of the name of a schema type: it is a name in a value."""
        prefix, colon, _ = name.partition(":")
        namespace = self._context.declared.get(prefix)
        if namespace is None and prefix in ("xsd", "xs"):
            namespace = XSD_NAMESPACE
        if colon and namespace is not None and _PREFIX.fullmatch(prefix):
            self.used.add((prefix, namespace))


def _nothing(level: int) -> str:
    return ""


def _space(text: str) -> str:
    """Say that space around a text is meant, where there is any."""
    return ' xml:space="preserve"' if text != text.strip() else ""
