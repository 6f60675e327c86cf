"""The canonical URI of anything an event can mention. 规范标识

This is the hot path of capture: every identifier of every event comes through here. New
serial numbers of known products, new SSCCs of known companies and new keys below known
addresses are answered from what their first part told us the last time; everything else
is read in full once, and remembered while it is used.

Set in stone: the answer is the name of the object in every stored event, and what the
event hash of CBV 2.0 hashes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from suyuan.identifier._characters import in_path, unescape
from suyuan.identifier._check import GROUP_SUMS, weighted_sum
from suyuan.identifier._company_prefix import company_prefix_length
from suyuan.identifier._digital_link import key_of_segment, read_link
from suyuan.identifier._epc import PREFIX_LENGTHS, SCHEMES, Urn, read_urn, write_urn
from suyuan.identifier._fault import Fault, invalid
from suyuan.identifier._key import CANONICAL_STEM, KEYS, CanonicalUri, canonical_link, finest
from suyuan.identifier._uri import is_plain_tail, is_uri, uri_faults

__all__ = ["canonical_uri", "canonical_uris", "epc_urn"]

_KNOWN_MAX = 65_536  # About 20 MB for each of the two, when full of long URIs.

_Learnt = TypeVar("_Learnt")

_SERIAL, _SSCC, _SSCC_URN, _FOREIGN, _ASSET, _TYPED = range(6)


class _Head(NamedTuple):
    """What the part before the last separator tells about everything that shares it."""

    kind: int
    canonical: str = ""  # What the tail is appended to.
    length_max: int = 0
    # For an SSCC, by its extension digit: what it starts with, and the weighted sum of that.
    starts: Mapping[str, tuple[str, int]] = {}


_known: dict[str, CanonicalUri] = {}
_heads: dict[str, _Head] = {}
_types: dict[str, _Head] = {}  # The same for keys whose serial number no separator announces.
_urn_stems: dict[str, str] = {}

_is_82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+").fullmatch
_is_urn_serial = re.compile(r"(?:[!'()*+,\-.0-9:;=A-Z_a-z]|%[0-9A-Fa-f]{2})+").fullmatch
_is_path_serial = re.compile(r"(?:[!'()*+,\-.0-9:;=A-Z_a-z&]|%[0-9A-Fa-f]{2})+").fullmatch
# Characters that are written alike in a URN, in a path, and in the value itself.
_is_plain_serial = re.compile(r"[A-Za-z0-9\-.;=_']+").fullmatch
_is_plain_asset = re.compile(r"[0-9]{4}[A-Za-z0-9\-.;=_']*").fullmatch
_SSCC_STEM = f"{CANONICAL_STEM}/00/"
_CHECK_DIGITS = "0987654321"  # By the last digit of the weighted sum.
_SERIAL_LENGTHS = {"21": 20, "10": 20, "235": 28}
_TYPE_LENGTHS = {"8003": (14, 16), "253": (13, 17)}
_URN_LENGTHS = {"sgtin": 20, "lgtin": 20, "upui": 28, "itip": 20, "grai": 16, "gdti": 17}


def canonical_uri(text: str) -> CanonicalUri:
    """Give the canonical URI for an EPC URN, a Digital Link URI, or any other absolute URI.

    Keys of GS1 become constrained canonical Digital Links (GS1 CBV 2.0, section 8.9.2):
    host id.gs1.org, no query, the key with its finest qualifier only. Patterns whose serial
    alone is `*` become the class they name. Other URIs stay as they are. Raises
    `InvalidInput` with every problem and its position.
    """
    known = _known.get(text)
    if known is not None:
        return known
    separator = "/" if text[:4] != "urn:" else "." if text[:8] == "urn:epc:" else ":"
    head, _, tail = text.rpartition(separator)
    rule = _heads.get(head)
    if rule is not None and rule[0] == _TYPED:
        cut = rule[2] - len(tail)  # The serial number follows the type without a separator.
        if cut < 0:
            tail = tail[cut:]
            rule = _types.get(text[:cut])
    if rule is not None:
        kind, canonical, length_max, starts = rule
        if kind == _SERIAL:
            if len(tail) <= length_max and (
                (tail.isalnum() and tail.isascii()) or _is_plain_serial(tail)
            ):
                return canonical + tail  # type: ignore[return-value]
        elif kind == _SSCC:
            if (
                len(tail) == 18
                and tail.isdigit()
                and tail.isascii()
                and weighted_sum(int(tail)) % 10 == 0
            ):
                return _SSCC_STEM + tail  # type: ignore[return-value]
        elif kind == _SSCC_URN:
            if len(tail) == length_max and tail.isdigit() and tail.isascii():
                start, known_sum = starts[tail[0]]
                rest = tail[1:]
                number = int(rest)
                total = (
                    known_sum
                    + GROUP_SUMS[number % 1_000 * 10]
                    + GROUP_SUMS[number // 1_000 % 10_000]
                    + GROUP_SUMS[number // 10_000_000]
                )
                return start + rest + _CHECK_DIGITS[total % 10]  # type: ignore[return-value]
        elif kind == _FOREIGN:
            if is_plain_tail(tail) and len(text) <= 512:
                return text  # type: ignore[return-value]
        elif kind == _ASSET and len(tail) <= length_max and _is_plain_asset(tail):
            return canonical + tail  # type: ignore[return-value]
    return _with_odd_serial(text, rule, tail) or _canonical_uri_in_full(text)


def canonical_uris(texts: Sequence[str]) -> list[CanonicalUri]:
    """Give the canonical URI of each text, like `canonical_uri`, faster for lists.

    In a list of serial numbers of one product, what comes before the serial number is looked
    up once for as long as it stays the same.
    """
    found: list[CanonicalUri] = []
    start, cut, stem, length_max = _begun(texts[0]) if texts else _NO_START
    for text in texts:
        if text.startswith(start):
            tail = text[cut:]
            if len(tail) <= length_max and tail.isalnum() and tail.isascii():
                found.append(stem + tail)  # type: ignore[arg-type]
                continue
        found.append(canonical_uri(text))
        start, cut, stem, length_max = _begun(text)
    return found


_NO_START = ("\n", 0, "", 0)  # Begins no URI.


def _begun(text: str) -> tuple[str, int, str, int]:
    """Give how a serial number of a known product begins, how long that is, and its rule."""
    separator = "." if text[:8] == "urn:epc:" else "/"
    head = text.rpartition(separator)[0]
    rule = _heads.get(head)
    if rule is None or rule[0] != _SERIAL:
        return _NO_START
    start = head + separator
    return start, len(start), rule[1], rule[2]


def _with_odd_serial(text: str, rule: _Head | None, tail: str) -> CanonicalUri | None:
    """Answer from a known head when dots or escapes are in the serial number."""
    is_right = _is_path_serial
    if text[:8] == "urn:epc:":
        if rule is None:  # The last dot belongs to the serial number.
            dot = text.find(".")
            rule = _heads.get(text[:dot])
            if rule is None:
                dot = text.find(".", dot + 1)
                rule = _heads.get(text[:dot])
            tail = text[dot + 1 :]
        is_right = _is_urn_serial
    if rule is None or rule.kind != _SERIAL or not is_right(tail):
        return None
    value = unescape(tail)
    if len(value) > rule.length_max or not _is_82(value):
        return None
    return CanonicalUri(rule.canonical + in_path(value))


def _canonical_uri_in_full(text: str) -> CanonicalUri:
    if text[:8].lower() == "urn:epc:" and text[8:12] != "raw:":
        canonical = _of_urn(text)
    elif not is_uri(text):
        raise invalid(uri_faults(text))
    elif text[:8].lower().startswith(("http://", "https://")):
        canonical = _of_web_uri(text)
    else:
        canonical = CanonicalUri(text)
        head, _, tail = text.rpartition(":")
        if head[:4] == "urn:" and head[4:8] != "epc:" and is_plain_tail(tail):
            _learn(_heads, head, _Head(_FOREIGN))
    _learn(_known, text, canonical)
    return canonical


def _of_urn(text: str) -> CanonicalUri:
    urn = read_urn(text)
    if not urn.elements:
        return CanonicalUri(text)
    canonical = canonical_link(urn.elements)
    if not urn.is_class:
        _learn_urn(text, urn, canonical)
    return canonical


def _learn_urn(text: str, urn: Urn, canonical: CanonicalUri) -> None:
    """Remember what comes before the serial number."""
    scheme = SCHEMES[urn.scheme]
    is_asset = not scheme.digits and not scheme.serial_ai  # Or a consignment.
    if urn.scheme == "sscc":
        head = text.rpartition(".")[0]
        prefix = head.rpartition(":")[2]
        room = 17 - urn.prefix_length
        zeros = "0" * room  # The serial reference without its first digit, and the check digit.
        starts = {
            digit: (f"{_SSCC_STEM}{digit}{prefix}", weighted_sum(int(f"{digit}{prefix}{zeros}")))
            for digit in "0123456789"
        }
        _learn(_heads, head, _Head(_SSCC_URN, "", room, starts))
    elif is_asset or urn.scheme in _URN_LENGTHS:
        count = 1 if is_asset else 4 if scheme.has_pieces else 2
        *first, serial = text.split(".", count)
        room = 30 - urn.prefix_length if is_asset else _URN_LENGTHS[urn.scheme]
        stem = canonical.removesuffix(in_path(unescape(serial)))
        _learn(_heads, ".".join(first), _Head(_SERIAL, stem, room))


def _of_web_uri(text: str) -> CanonicalUri:
    link = read_link(text)
    head, _, tail = text.rpartition("/")
    is_bare = "?" not in text and "#" not in text
    if link is None:
        if is_bare and _is_foreign(head):
            _learn(_heads, head, _Head(_FOREIGN))
        return CanonicalUri(text)
    if KEYS[link.elements[0].ai].kept is None:
        return CanonicalUri(text)
    canonical = canonical_link(link.elements)
    last = link.elements[-1]
    if is_bare and canonical.endswith(f"/{last.ai}/{tail}"):
        _learn_link(head, last.ai, tail, canonical)
    return canonical


def _learn_link(head: str, ai: str, tail: str, canonical: CanonicalUri) -> None:
    stem = canonical[: -len(tail)]
    if ai == "00":
        _learn(_heads, head, _Head(_SSCC))
    elif ai in _SERIAL_LENGTHS:
        _learn(_heads, head, _Head(_SERIAL, stem, _SERIAL_LENGTHS[ai]))
    elif ai in ("8004", "401"):
        _learn(_heads, head, _Head(_ASSET, stem, 30))
    elif ai in _TYPE_LENGTHS:
        length, room = _TYPE_LENGTHS[ai]
        _learn(_heads, head, _Head(_TYPED, "", length))
        _learn(_types, f"{head}/{tail[:length]}", _Head(_SERIAL, stem + tail[:length], room))


def _is_foreign(head: str) -> bool:
    """Say whether nothing that follows this part of a path can make it a Digital Link."""
    _, *segments = head.partition("://")[2].split("/")
    return head.count("/") >= 2 and not any(key_of_segment(segment) for segment in segments)


def _learn(memory: dict[str, _Learnt], text: str, answer: _Learnt) -> None:
    """Remember an answer; a memory that is full is emptied and fills with what is used."""
    if len(memory) >= _KNOWN_MAX:
        memory.clear()
    memory[text] = answer


def epc_urn(canonical: str, *, prefix_length: int | None = None) -> str:
    """Give the EPC URN for a canonical URI; a class becomes a pattern with `*`.

    The length of the company prefix comes from GS1's table unless the caller says it.
    Refuses what has no EPC URN, and a key whose prefix length is not known.
    """
    head, _, tail = canonical.rpartition("/")
    if prefix_length is None:
        stem = _urn_stems.get(head)
        if stem is not None and _is_plain_serial(tail):
            return stem + tail
    if canonical[:8] == "urn:epc:":
        return canonical
    link = read_link(canonical) if canonical.startswith(f"{CANONICAL_STEM}/") else None
    if link is None or KEYS[link.elements[0].ai].kept is None:
        raise invalid([Fault(0, "epc_missing", found=canonical)])
    key, qualifier = finest(link.elements)
    length = prefix_length or company_prefix_length(key.ai, key.value)
    if length is None or length not in PREFIX_LENGTHS:
        found = str(length or "")
        raise invalid([Fault(0, "prefix_length_unknown", "", "6–12", found, key.value)])
    urn = write_urn((key,) if qualifier is None else (key, qualifier), length)
    if urn is None:
        raise invalid([Fault(0, "epc_missing", found=canonical)])
    if prefix_length is None and qualifier is not None and urn.endswith(f".{tail}"):
        _learn(_urn_stems, head, urn[: -len(tail)])
    return urn
