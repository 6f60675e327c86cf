"""Two JSON forms mean the same when these forms of them are equal.

What does not change the meaning: prefixes, the spelling of standard words, a list of one
against its element, an empty list against none, whether a scalar is a text or a number.
"""

from decimal import Decimal
from typing import Any

from suyuan.event._context import Context, read_context
from suyuan.event._vocabulary import VOCABULARIES

_WORDS = {
    spelling: uri
    for vocabulary in VOCABULARIES
    for spelling, uri in vocabulary.spellings.items()
    if ":" in spelling
}
_BARE = {uri: word for vocabulary in VOCABULARIES for uri, word in vocabulary.bare.items()}


def meaning(value: Any, context: Context | None = None) -> Any:
    """Give the form to compare, of an event's body or of a document's header."""
    if context is None:
        context = read_context(value.get("@context", []))
    match value:
        case dict():
            members = {
                _name(key, context): meaning(member, context)
                for key, member in value.items()
                if key != "@context" and member not in ([], {}, None)
            }
            return members or ""
        case list():
            members_of_list = [meaning(member, context) for member in value]
            return members_of_list[0] if len(members_of_list) == 1 else members_of_list
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return _number(Decimal(value))
        case str():
            return _text(value.strip())
    return ""


def _number(value: Decimal) -> str:
    return format(value.normalize() + 0, "f")


def _text(text: str) -> str:
    for prefix, namespace in (
        ("gs1:", "https://gs1.org/voc/"),
        ("cbv:", "https://ref.gs1.org/cbv/"),
    ):
        if text.startswith(prefix):
            text = namespace + text.removeprefix(prefix)
    uri = _WORDS.get(text, text)
    if uri in _BARE:
        return _BARE[uri]
    try:
        return _number(Decimal(text))
    except ArithmeticError:
        return text


def _name(key: str, context: Context) -> str:
    prefix, colon, local = key.partition(":")
    namespace = context.namespaces.get(prefix)
    return f"{{{namespace}}}{local}" if colon and namespace else key
