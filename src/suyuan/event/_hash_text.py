"""How values are spelled in the pre-hash of an event: times, numbers, names, identifiers.

GS1 CBV 2.0, section 8.9.2: times in UTC with milliseconds, numbers without needless digits,
words and compact URIs in full, identifiers as canonical GS1 Digital Link URIs.

**Set in stone, as the hash is.**
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from suyuan.errors import InvalidInput
from suyuan.event._context import Context
from suyuan.identifier import canonical_uri

__all__ = ["name_text", "number_text", "scalar_text", "time_text", "value_text"]

_EPOCH = datetime(1970, 1, 1)
_MINUTE_MS = 60_000
_CACHE_MAX = 10_000
_CACHED_LENGTH_MAX = 200

_minutes: dict[int, str] = {}
_SECONDS = [f":{second:02}." for second in range(60)]
_THOUSANDTHS = [f"{thousandth:03}Z" for thousandth in range(1_000)]


def time_text(moment: int) -> str:
    """Spell a time, given in microseconds since 1970: UTC, to the millisecond, half up.

    The fourth digit alone decides, so it does not matter that finer digits are gone.
    """
    minute, rest = divmod((moment + 500) // 1_000, _MINUTE_MS)
    try:
        start = _minutes[minute]
    except KeyError:
        start = (_EPOCH + timedelta(minutes=minute)).isoformat(timespec="minutes")
        if len(_minutes) >= _CACHE_MAX:
            _minutes.clear()
        _minutes[minute] = start
    return start + _SECONDS[rest // 1_000] + _THOUSANDTHS[rest % 1_000]


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NUMBER_STARTS = frozenset("0123456789+-.")


def number_text(number: int | Decimal) -> str:
    """Spell a number: no exponent, no needless zeros, no sign but minus."""
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


# A text that is a compact URI of these is one even where no context says so.
_ALWAYS_COMPACT = {
    "cbv": "https://ref.gs1.org/cbv/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
}
_CBV_URNS = {
    "urn:epcglobal:cbv:bizstep:": "https://ref.gs1.org/cbv/BizStep-",
    "urn:epcglobal:cbv:disp:": "https://ref.gs1.org/cbv/Disp-",
    "urn:epcglobal:cbv:btt:": "https://ref.gs1.org/cbv/BTT-",
    "urn:epcglobal:cbv:sdt:": "https://ref.gs1.org/cbv/SDT-",
    "urn:epcglobal:cbv:er:": "https://ref.gs1.org/cbv/ER-",
}


def value_text(text: str, context: Context) -> str:
    """Spell a text that may be a number, a compact URI, a word of the CBV or an identifier."""
    try:
        return context.texts[text]
    except KeyError:
        spelled = _value_text(text.strip(), context)
        if len(text) <= _CACHED_LENGTH_MAX:
            if len(context.texts) >= _CACHE_MAX:
                context.texts.clear()
            context.texts[text] = spelled
        return spelled


def _value_text(text: str, context: Context) -> str:
    if ":" not in text:
        if text[:1] in _NUMBER_STARTS and _NUMBER.fullmatch(text):
            return number_text(Decimal(text))
        return text
    prefix, _, rest = text.partition(":")
    namespace = context.declared.get(prefix) or _ALWAYS_COMPACT.get(prefix)
    if namespace is not None and not rest.startswith("//"):
        text = namespace + rest
    if text.startswith("urn:epcglobal:cbv:"):
        for start, web in _CBV_URNS.items():
            if text.startswith(start):
                return web + text[len(start) :]
    if text.startswith(("urn:epc:", "http://", "https://")):
        try:
            return canonical_uri(text)
        except InvalidInput:
            return text  # an extension may hold what only looks like an identifier
    return text


def scalar_text(value: Any, context: Context) -> str:
    """Spell the value of an extension that is no object and no list."""
    if type(value) is str:
        return value_text(value, context)
    if type(value) is bool:
        return "true" if value else "false"
    return "" if value is None else number_text(value)


_COMMENT = "{http://www.w3.org/2000/01/rdf-schema#}comment"


def name_text(key: str, context: Context) -> str:
    """Spell the name of an extension: `{name space}name`; nothing for what takes no part."""
    try:
        return context.names[key]
    except KeyError:
        spelled = "" if key == "#text" else _name_text(key, context)
        if spelled == _COMMENT:
            spelled = ""
        if len(context.names) >= _CACHE_MAX:
            context.names.clear()
        context.names[key] = spelled
        return spelled


def _name_text(key: str, context: Context) -> str:
    prefix, colon, name = key.partition(":")
    namespace = context.namespaces.get(prefix)
    if colon and namespace is not None and not name.startswith("//"):
        if namespace == "urn:epcglobal:cbv:mda:":
            namespace = "urn:epcglobal:cbv:mda"  # as XML spells this one name space
        return f"{{{namespace}}}{name}"
    if key.startswith(("http://", "https://")):
        cut = max(key.rfind("/"), key.rfind("#")) + 1
        return f"{{{key[:cut]}}}{key[cut:]}"
    return key
