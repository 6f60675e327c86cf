"""From the cells of one row to what they say, with every fault at its own cell. 行的解读

Pure: the same cells, mapping and names always say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import msgspec

from suyuan.errors import Problem
from suyuan.event import BUSINESS_STEP, DISPOSITION, Vocabulary
from suyuan.identifier import Identifier, class_of
from suyuan.importing._cells import Cell, cell_text, fault_of
from suyuan.importing._mapping import Bound
from suyuan.importing._resolve import Names, Resolver, Thing
from suyuan.importing._scalars import (
    Amount,
    find_zone,
    moment_text,
    read_amount,
    read_day,
    read_uom,
)
from suyuan.importing._synonyms import fields

__all__ = ["NO_COLUMN", "Fault", "Part", "Row", "RowReader"]

NO_COLUMN = -1
_ROUNDED_FROM = 1e15
_TEXT_CHARACTERS_MAX = 1_000
_PARTY_FIELDS = ("supplier", "customer")
_TEXT_FIELDS = ("order", "delivery_note", "work_order", "equipment", "note", "name", "name_zh")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a cell, or with a row where the column is `NO_COLUMN`."""

    row: int
    column: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Part:
    """A thing that a row speaks of: on which side it stands, and how much of it there is."""

    side: str
    """Empty, or `input` or `output` of what was made."""
    thing: Thing
    amount: Amount | None
    row: int


@dataclass(slots=True)
class Row:
    """What one row says."""

    number: int
    parts: list[Part] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    """All that the rows of one event must agree in, by field; `offset` beside `time`."""
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    """What somebody should know of, and what stops nothing: amounts that nobody knows."""


@cache
def _step_words() -> Mapping[str, Mapping[str, str]]:
    page = files("suyuan") / "importing" / "words.toml"
    return {
        vocabulary: {other: word for word, others in said.items() for other in others}
        for vocabulary, said in tomllib.loads(page.read_text(encoding="utf-8")).items()
    }


class RowReader:
    """Reads the rows of one table by one mapping."""

    def __init__(self, bound: Bound, names: Names) -> None:
        """Get ready; `bound` has no faults any more."""
        self._columns = bound.columns
        self._values = bound.mapping.values
        self._template = bound.template
        self._wanted = {*bound.columns, *(name for name, value in self._values.items() if value)}
        self._order = bound.mapping.date_order
        self._decimal = bound.mapping.decimal
        zone = find_zone(bound.mapping.time_zone)
        assert zone is not None
        self._zone = zone
        self._resolver = Resolver(names, bound.mapping.product_codes)
        self._moments: dict[tuple[str, str], tuple[str, str] | Problem] = {}
        self._sides = ("input", "output") if bound.template.event == "transformation" else ("",)
        self._faults: list[Fault] = []
        self._cells: Sequence[Cell] = ()
        self._number = 0

    def key(self, cells: Sequence[Cell], group: Sequence[str]) -> tuple[str, ...]:
        """Give what rows of one event have in common."""
        self._cells = cells
        return tuple(cell_text(self._cell(name)) for name in group)

    def read(self, number: int, cells: Sequence[Cell]) -> Row:
        """Give what a row says, and all that is wrong with it."""
        self._cells, self._number, self._faults = cells, number, []
        row = Row(number)
        for name in self._template.fields:
            if name in self._template.required and self._cell(name) == "":
                self._fault(name, Problem(code="importing.cell_missing", values=_named(name)))
        if self._template.event == "master_data":
            self._read_element(row)
        else:
            self._read_event(row)
        for name in _TEXT_FIELDS:
            if text := self._text(name):
                row.said[name] = text
        row.faults = self._faults
        return row

    def _read_event(self, row: Row) -> None:
        self._read_time(row)
        for name in ("place", "supplier", "customer", "operator"):
            if text := self._text(name):
                look_up = self._resolver.person if name == "operator" else self._resolver.party
                found = (self._resolver.place if name == "place" else look_up)(text)
                self._take(row, name, found)
        for name, vocabulary in (("business_step", BUSINESS_STEP), ("disposition", DISPOSITION)):
            if text := self._text(name):
                self._take(row, name, _word(vocabulary, name, text))
        if (cell := self._cell("expiry")) != "":
            day = read_day(cell, self._order)
            self._take(row, "expiry", day if isinstance(day, Problem) else day.isoformat())
        if self._template.event == "aggregation":
            self._read_container(row)
        before = len(self._faults)
        for side in self._sides:
            self._read_things(row, side)
        can_be_empty = self._template.event == "aggregation" and self._template.action == "DELETE"
        if not row.parts and len(self._faults) == before and not can_be_empty:
            self._fault(self._first_what(), Problem(code="importing.row_says_nothing"))

    def _read_time(self, row: Row) -> None:
        cell, clock = self._cell("time"), self._cell("clock")
        if cell == "":
            return
        key = cell_text(cell), cell_text(clock)
        found = self._moments.get(key)
        if found is None:
            if len(self._moments) > 20_000:
                self._moments.clear()
            found = moment_text(cell, clock, order=self._order, zone=self._zone)
            self._moments[key] = found
        if isinstance(found, Problem):
            self._fault("clock" if found.code == "importing.clock_wrong" else "time", found)
        else:
            row.said["time"], row.said["offset"] = found

    def _read_container(self, row: Row) -> None:
        text = self._text("container")
        if not text:
            return
        found = self._resolver.thing(text, "", "", "")
        if isinstance(found, tuple):
            self._fault("container", found[1])
        elif isinstance(found, Problem):
            self._fault("container", found)
        elif not found.is_item:
            self._fault("container", Problem(code="importing.container_no_item", found=text))
        else:
            row.said["container"] = found.uri

    def _read_things(self, row: Row, side: str) -> None:
        start = f"{side}_" if side else ""
        code, product, lot, serial = (
            self._text(start + name) for name in ("code", "product", "lot", "serial")
        )
        amount = self._amount(start)
        if not (code or product or lot or serial):
            if amount is not None:
                self._fault(start + "product", Problem(code="importing.product_missing", found=""))
            return
        things = [self._thing(start, code, product, lot, serial)]
        if code and product and things[0] is not None:
            own = class_of(things[0].uri)
            if own is None and things[0].uri.rpartition("/")[0] != "https://id.gs1.org/01":
                things.append(self._thing(start, "", product, lot, serial))
            else:
                self._compare(start, str(own or things[0].uri), product)
        found = [thing for thing in things if thing is not None]
        for thing in found:
            mine = amount if thing is found[-1] else None
            if thing.is_item and mine is not None:
                if mine.value != 1 or mine.uom is not None:
                    said = cell_text(self._cell(start + "quantity"))
                    problem = Problem(code="importing.item_with_quantity", found=said)
                    self._fault(start + "quantity", problem)
                mine = None
            row.parts.append(Part(side, thing, mine, self._number))
        if found and not found[-1].is_item and amount is None:
            self._note_no_amount(row, start)

    def _note_no_amount(self, row: Row, start: str) -> None:
        """Note that nobody knows how much of a lot it was, where that counts for something."""
        column = self._columns.get(start + "quantity", NO_COLUMN)
        is_told = any(fault.column == column != NO_COLUMN for fault in self._faults)
        if self._template.counts_amounts and not is_told:
            problem = Problem(code="importing.amount_unknown")
            row.notes.append(Fault(self._number, column, problem))

    def _thing(self, start: str, code: str, product: str, lot: str, serial: str) -> Thing | None:
        found = self._resolver.thing(code, product, lot, serial)
        if isinstance(found, Thing):
            return found
        name, problem = ("code", found) if isinstance(found, Problem) else found
        self._fault(start + name, problem)
        return None

    def _compare(self, start: str, own: str, product: str) -> None:
        """See that a code and the product beside it are of one product."""
        named = self._resolver.product(product)
        if isinstance(named, Problem):
            self._fault(start + "product", named)
        elif (named.canonical if isinstance(named, Identifier) else named) != own:
            problem = Problem(code="importing.codes_disagree", expected=own, found=product)
            self._fault(start + "product", problem)

    def _amount(self, start: str) -> Amount | None:
        cell = self._cell(start + "quantity")
        if cell == "":
            return None
        found = read_amount(cell, self._text(start + "uom"), self._decimal)
        if isinstance(found, Amount):
            return found
        of_unit = found.code in ("importing.unit_unknown", "importing.unit_is_package")
        has_own = self._cell(start + "uom") != ""
        self._fault(start + ("uom" if of_unit and has_own else "quantity"), found)
        return None

    def _read_element(self, row: Row) -> None:
        """Read one element of master data."""
        for name, look_up in (
            ("product", self._resolver.product),
            ("place", self._resolver.place),
            ("part_of", self._resolver.place),
            ("party", self._resolver.party),
        ):
            text = self._text(name)
            if not text:
                continue
            found = look_up(text)
            if isinstance(found, Identifier):
                found = Problem(code="importing.code_is_no_thing", found=text)
            self._take(row, name, found)
        if text := self._text("uom"):
            unit = read_uom(text)
            if isinstance(unit, Problem):
                self._fault("uom", unit)
            elif unit[0] is not None:
                row.said["uom"] = unit[0]
        if not (self._text("name") or self._text("name_zh")):
            self._fault("name_zh", Problem(code="importing.cell_missing", values=_named("name_zh")))

    # -- cells

    def _cell(self, name: str) -> Cell:
        column = self._columns.get(name)
        if column is not None and column < len(self._cells):
            cell = self._cells[column]
            if cell != "" and not (type(cell) is list and fault_of(cell)):
                return cell
        return self._values.get(name, "")

    def _text(self, name: str) -> str:
        """Give the text of a field; what can't be trusted is a fault and gives none."""
        if name not in self._wanted or name not in self._template.fields:
            return ""
        column = self._columns.get(name)
        cell = self._cells[column] if column is not None and column < len(self._cells) else ""
        if cell == "":
            return self._values.get(name, "").strip()
        if type(cell) is str:
            if len(cell) > _TEXT_CHARACTERS_MAX:
                limit = str(_TEXT_CHARACTERS_MAX)
                self._fault(
                    name,
                    Problem(code="importing.value_too_long", expected=limit, found=str(len(cell))),
                )
                return ""
            return cell
        if type(cell) is list and (code := fault_of(cell)):
            self._fault(name, Problem(code=code))
            return ""
        if type(cell) is float and abs(cell) >= _ROUNDED_FROM:
            self._fault(name, Problem(code="importing.number_rounded", found=cell_text(cell)))
            return ""
        return cell_text(cell)

    def _take(self, row: Row, name: str, found: str | Problem) -> None:
        if isinstance(found, Problem):
            self._fault(name, found)
        else:
            row.said[name] = found

    def _fault(self, name: str, problem: Problem) -> None:
        column = self._columns.get(name, NO_COLUMN)
        if column >= 0 and column < len(self._cells) and (own := fault_of(self._cells[column])):
            problem = Problem(code=own)  # It has no value, and that is all that is wrong with it.
        fault = Fault(self._number, column, problem)
        if fault not in self._faults:
            self._faults.append(fault)

    def _first_what(self) -> str:
        names = ("code", "product", "lot", "input_product", "input_lot", "output_product")
        return next((name for name in names if name in self._columns), "product")


def _word(vocabulary: Vocabulary, name: str, text: str) -> str | Problem:
    """Give the word of the vocabulary that a text stands for; URIs of one's own stay."""
    if text in vocabulary.spellings or "://" in text or text.startswith("urn:"):
        return vocabulary.bare.get(vocabulary.spellings.get(text, ""), text)
    plain = text.strip().casefold().replace(" ", "_").replace("-", "_")
    if plain in vocabulary.spellings:
        return plain
    known = _step_words()[name].get(text.strip().casefold())
    if known:
        return known
    return Problem(
        code="importing.word_unknown",
        expected=vocabulary.nearest(plain) or ", ".join(vocabulary.words[:8]),
        found=text[:100],
        values=_named(name),
    )


def _named(name: str) -> dict[str, str]:
    known = fields()[name]
    return {"field": known.names["en"], "field_zh": known.names["zh"]}
