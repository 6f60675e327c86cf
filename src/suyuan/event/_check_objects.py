"""Checks of the fields that name objects, places, parties and documents. 标识字段校验

What these find is what the event mentions: the genealogy and all queries live on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from suyuan.errors import InvalidInput
from suyuan.event._checks import PLAIN, Form, check_members, number, uri, vocabulary_uri, word
from suyuan.event._lots import lots_by_key
from suyuan.event._model import Mention, Named, Role
from suyuan.event._reading import SCHEMA, SHORT, Check, Path, Reading, repeated
from suyuan.event._text import shown
from suyuan.event._vocabulary import Vocabulary
from suyuan.identifier import canonical_uri, canonical_uris

__all__ = ["epcs", "identifier", "place", "quantities", "typed"]

_CACHE_MAX = 100_000

_PARENT = int(Role.PARENT)
_known: dict[str, str] = {}


def _canonical(reading: Reading, at: Path, value: Any) -> str | None:
    """Give the canonical URI of an identifier that comes again and again, or a problem."""
    try:
        return _known[value]
    except (KeyError, TypeError):
        pass
    if type(value) is not str:
        reading.wrong_type(at, value, "a URI as text", "uri")
        return None
    full = value if value[:4] in PLAIN else reading.expanded(value)
    try:
        found = canonical_uri(full)
    except InvalidInput as error:
        _identifier_problems(reading, at, value, error)
        return None
    if value[:4] in PLAIN:
        if len(_known) >= _CACHE_MAX:
            _known.clear()
        _known[value] = found
    return found


def _identifier_problems(reading: Reading, at: Path, value: str, error: InvalidInput) -> None:
    """Take over the problems of an identifier, with the place in the event."""
    for problem in error.problems:
        if len(reading.problems) < reading.limits.problems_max:
            reading.problems.append(
                replace(
                    problem,
                    where=reading.where(at),
                    rule=problem.rule or SCHEMA + "uri",
                    expected=problem.expected or "an identifier or any other absolute URI",
                    found=problem.found or shown(value),
                    values={"position": problem.where, **problem.values},
                )
            )


def identifier(role: Role) -> Check:
    """Make the check of a field that holds one identifier."""
    stored = int(role)  # a plain number: an enum member is slow to hash

    def check(reading: Reading, at: Path, value: Any) -> None:
        found = _canonical(reading, at, value)
        if found is not None:
            reading.named.append((stored, (found,)))
            if stored == _PARENT:
                reading.detailed += lots_by_key([value], [found])

    return check


# Lists of instances as they were told last, by the first of each: the same units are made, looked
# at and packed, so that event after event names them together. What is here is in order, holds
# nothing twice, and means the same in every context.
_lists: dict[str, tuple[list[str], Sequence[str], list[Mention]]] = {}
_LISTS_MAX = 2_000
_LIST_LENGTH_MAX = 50


def epcs(role: Role, *, is_set: bool, definition: str) -> Check:
    """Make the check of a list of identifiers of instances.

    Where the schema says so (`is_set`), nothing may stand in the list twice. Elsewhere a
    repetition is taken as the one mention it means.
    """
    stored = int(role)

    def check(reading: Reading, at: Path, value: Any) -> None:
        if type(value) is not list:
            reading.wrong_type(at, value, "a list of URIs", definition)
            return
        known = _lists.get(value[0]) if value and type(value[0]) is str else None
        if known is not None and known[0] == value:
            reading.named.append((stored, known[1]))
            reading.detailed += known[2]
            return
        before = len(reading.problems)
        if len(value) > SHORT:
            reading.list_length(at, value)
        is_plain = True
        try:
            # Nearly every value is new here, so no cache of ours: identifier has its own.
            found: list[str] = [*canonical_uris(value)]
            # What the least and the greatest begin with, all between them begin with.
            if value and not min(value)[:4] == max(value)[:4] in PLAIN:
                raise TypeError
        except (InvalidInput, TypeError, AttributeError):
            found = _canonical_each(reading, at, value)
            is_plain = False
        distinct: Sequence[str] = found
        if len(set(found)) != len(found):
            distinct, is_plain = [*dict.fromkeys(found)], False
            if is_set:
                repeated(reading, at, value, definition)
        if distinct:
            reading.named.append((stored, distinct))
        if len(reading.problems) == before:
            is_urn = is_plain and bool(value) and value[0][:4] == "urn:"
            lots = [] if is_urn else [*lots_by_key(value, found)]
            reading.detailed += lots
            if is_plain and 0 < len(value) <= _LIST_LENGTH_MAX:
                if len(_lists) >= _LISTS_MAX:
                    _lists.clear()
                _lists[value[0]] = value.copy(), distinct, lots

    return check


def _canonical_each(reading: Reading, at: Path, value: list[Any]) -> list[str]:
    """Look at each identifier of a list on its own, so that each gets its problem."""
    found = []
    for index, element in enumerate(value):
        canonical = _canonical(reading, (*at, index), element)
        if canonical is not None:
            found.append(canonical)
    return found


_UOM = re.compile(r"[A-Z0-9]{2,3}")
_uoms: set[str] = set()
_QUANTITY_RULE = "EPCIS 2.0, 7.3.3.3 QuantityElement"


def quantities(role: Role) -> Check:
    """Make the check of a list of quantities of classes."""
    stored = int(role)

    def check(reading: Reading, at: Path, value: Any) -> None:
        if type(value) is not list:
            reading.wrong_type(at, value, "a list of quantities", "quantityList")
            return
        if len(value) > SHORT:
            reading.list_length(at, value)
        for index, element in enumerate(value):
            if type(element) is not dict or "epcClass" not in element:
                check_members(reading, (*at, index), element, _QUANTITY)
                continue
            reading.members += len(element)
            found = _known.get(element["epcClass"]) if type(element["epcClass"]) is str else None
            if found is None:
                found = _canonical(reading, (*at, index, "epcClass"), element["epcClass"])
            quantity = element.get("quantity")
            uom = element.get("uom")
            if type(quantity) is int:
                amount: Decimal | None = Decimal(quantity)
            else:
                amount = quantity
            if (
                len(element) == (quantity is not None) + (uom is not None) + 1
                and type(amount) is Decimal
                and amount > 0
                and -1_000 <= amount.adjusted() < 308
                and (
                    uom in _uoms
                    if type(uom) is str
                    else uom is None and amount == amount.to_integral_value()
                )
            ):
                pass
            elif not _quantity(reading, (*at, index), element):
                continue
            if found is not None:
                reading.detailed.append((stored, found, amount, uom, None))

    return check


def _quantity(reading: Reading, at: Path, element: dict[str, Any]) -> bool:
    """Look at one quantity slowly; tell whether it can be used."""
    before = len(reading.problems)
    known = {key: value for key, value in element.items() if key != "epcClass"}
    reading.members -= len(known)  # counted by the caller
    check_members(reading, at, known, _QUANTITY_REST)
    if len(reading.problems) != before:
        return False
    quantity = element.get("quantity")
    uom = element.get("uom")
    if uom is not None:
        _uoms.add(uom)
        if quantity is None:
            reading.fault(
                (*at, "uom"),
                "uom_without_quantity",
                rule=_QUANTITY_RULE,
                expected="quantity beside uom, or neither",
                found=uom,
            )
    if quantity is not None and quantity <= 0:
        reading.fault(
            (*at, "quantity"),
            "quantity_not_positive",
            rule=_QUANTITY_RULE,
            expected="more than 0",
            found=quantity,
        )
    elif quantity is not None and uom is None and quantity != int(quantity):
        reading.fault(
            (*at, "quantity"),
            "quantity_not_whole",
            rule=_QUANTITY_RULE,
            expected="a whole number where there is no uom",
            found=quantity,
        )
    return len(reading.problems) == before


def _uom(reading: Reading, at: Path, value: Any) -> None:
    if type(value) is not str or _UOM.fullmatch(value) is None:
        reading.fault(
            at,
            "uom_malformed",
            rule=SCHEMA + "uom",
            expected="2 or 3 capital letters or digits (UN/ECE Recommendation 20)",
            found=value,
        )


_QUANTITY = Form(
    "quantityElement", {"epcClass": uri, "quantity": number, "uom": _uom}, ("epcClass",)
)
_QUANTITY_REST = Form("quantityElement", {"quantity": number, "uom": _uom})


def place(role: Role, definition: str) -> Check:
    """Make the check of a read point or business location."""
    form = Form(definition, {"id": identifier(role)}, ("id",), others="extensions")
    known: dict[str, Named] = {}

    def check(reading: Reading, at: Path, value: Any) -> None:
        try:
            if len(value) == 1:
                reading.named.append(known[value["id"]])
                reading.members += 1
                return
        except (KeyError, TypeError):
            pass  # not known yet, or not what it should be
        before = len(reading.named)
        check_members(reading, at, value, form)
        if len(reading.named) > before and value["id"][:4] in PLAIN:
            if len(known) >= _CACHE_MAX:
                known.clear()
            known[value["id"]] = reading.named[-1]

    return check


def typed(role: Role, key: str, vocabulary: Vocabulary, *, is_type_required: bool) -> Check:
    """Make the check of a list of business transactions, sources or destinations."""
    stored = int(role)
    allowed = {"type", key}
    required = allowed if is_type_required else {key}
    form = Form(key, {"type": word(vocabulary), key: uri}, tuple(sorted(required)))
    known: dict[tuple[str, str], Mention] = {}

    def check(reading: Reading, at: Path, value: Any) -> None:
        if type(value) is not list:
            reading.wrong_type(at, value, f"a list of {key} objects", key)
            return
        if len(value) > SHORT:
            reading.list_length(at, value)
        for index, element in enumerate(value):
            try:
                if len(element) == 2:
                    reading.detailed.append(known[element["type"], element[key]])
                    reading.members += 2
                    continue
            except (KeyError, TypeError):
                pass  # not known yet, or not what it should be
            path = (*at, index)
            if type(element) is not dict or not required <= element.keys() <= allowed:
                check_members(reading, path, element, form)
                continue
            reading.members += len(element)
            kind = None
            if "type" in element:
                kind = vocabulary_uri(reading, (*path, "type"), element["type"], vocabulary)
            found = _canonical(reading, (*path, key), element[key])
            if found is None:
                continue
            mention = (stored, found, None, None, kind)
            reading.detailed.append(mention)
            if (
                kind is not None
                and element[key][:4] in PLAIN
                and (kind in vocabulary.bare or element["type"][:4] in PLAIN)
            ):
                if len(known) >= _CACHE_MAX:
                    known.clear()
                known[element["type"], element[key]] = mention

    return check
