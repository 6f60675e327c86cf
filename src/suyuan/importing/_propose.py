"""What a table probably means: a mapping to begin with, from its headers and its cells. 映射建议

A proposal is never run by itself; a person looks at it first, or saves it as a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal

from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import parse
from suyuan.importing._cells import CLOCK, DAY, MOMENT, Cell, cell_text
from suyuan.importing._mapping import Mapping, default_group
from suyuan.importing._reading import Reading
from suyuan.importing._scalars import read_amount, read_clock, read_day, read_uom
from suyuan.importing._synonyms import (
    Template,
    fields,
    fields_of_name,
    plain,
    templates,
)

__all__ = ["propose"]

_SAMPLE = 100
_MOST = 0.8
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*\d{4}")
_WIDE = re.compile("[一-鿿]")
_AS_OUTPUT = {
    "code": "output_code",
    "product": "output_product",
    "lot": "output_lot",
    "serial": "output_serial",
    "quantity": "output_quantity",
    "uom": "output_uom",
}
_SIDES = ("input_", "output_")
_CODED_KINDS = ("product", "place", "party")
_WHERE_KINDS = ("place", "party", "new_party")
# Kinds of whole codes that say by themselves which field they stand in.
_TYPICAL = {
    "container": ("sscc", "grai"),
    "code": ("sscc", "sgtin", "lgtin", "grai", "giai"),
    "product": ("gtin",),
    "place": ("gln", "sgln"),
    "part_of": ("gln", "sgln"),
    "supplier": ("pgln", "gln"),
    "customer": ("pgln", "gln"),
    "party": ("pgln", "gln"),
}
Order = Literal["ymd", "dmy", "mdy"]


class _Column:
    """One column of the sample: its header, and what its cells look like."""

    def __init__(self, name: str, cells: Iterable[Cell]) -> None:
        self.name = name
        self.meant = fields_of_name(name)
        self.cells = [cell for cell in cells if cell != ""][:_SAMPLE]
        self._typical: dict[str, bool] = {}

    @cached_property
    def kinds(self) -> list[str]:
        """Give the kind of whole code of each cell."""
        return [_kind_of(cell) for cell in self.cells]

    def is_typical(self, field: str) -> bool:
        """Tell whether most cells are whole codes of the sort that stands in a field."""
        if field not in self._typical:
            kinds = _TYPICAL.get(field.removeprefix("input_").removeprefix("output_"), ())
            good = sum(kind in kinds for kind in self.kinds)
            self._typical[field] = bool(self.cells) and good >= _MOST * len(self.cells)
        return self._typical[field]

    def share(self, is_so: Callable[[Cell], bool]) -> float:
        """Give the share of its cells for which something holds."""
        return sum(map(is_so, self.cells)) / len(self.cells) if self.cells else 0.0

    def fits(self, kind: str) -> bool:
        """Tell whether its cells can be of a kind; an empty column can be anything."""
        if not self.cells:
            return True
        looks: dict[str, Callable[[Cell], bool]] = {
            "number": _is_amount,
            "time": _is_day,
            "day": _is_day,
            "clock": lambda cell: not isinstance(read_clock(cell), Problem),
            "unit": lambda cell: not isinstance(read_uom(cell_text(cell)), Problem),
            "product": lambda cell: not _is_marked(cell),
            "object": _is_code,
            "party": lambda cell: not _is_marked(cell),
            "place": lambda cell: not _is_marked(cell),
        }
        needed = 0.5 if kind in ("number", "time", "day", "unit") else 0.3
        return kind not in looks or self.share(looks[kind]) >= needed


def propose(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    titles: Sequence[str] = (),
    time_zone: str = "",
    reading: Reading | None = None,
    template: str = "",
) -> Mapping:
    """Propose a mapping for a table; `titles` are the names of the file and the sheet.

    `template` is what a row means, where somebody has said so. Where nothing is known of the
    zone of its clocks, a table with Chinese heads is from China; any other is in UTC.
    """
    found = [
        _Column(name, (row[at] if at < len(row) else "" for row in rows))
        for at, name in enumerate(columns)
    ]
    chosen = templates().get(template) or _best_template(found, titles)
    mapped = _assigned(found, chosen)
    by_name = {column.name: column for column in found}
    times = [by_name[mapped[name]] for name in ("time", "expiry") if name in mapped]
    numbers = [by_name[name] for code, name in mapped.items() if fields()[code].kind == "number"]
    products = [by_name[name] for code, name in mapped.items() if fields()[code].kind == "product"]
    return Mapping(
        template=chosen.code,
        columns=mapped,
        group=default_group(chosen, list(mapped)),
        time_zone=time_zone or ("Asia/Shanghai" if _is_chinese(columns) else "UTC"),
        date_order=_date_order(times),
        decimal=_decimal(numbers),
        product_codes="plant" if any(map(_has_plant_codes, products)) else "any",
        reading=reading or Reading(),
    )


def _is_chinese(columns: Sequence[str]) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for name in columns for sign in name)


def _best_template(found: Sequence[_Column], titles: Sequence[str]) -> Template:
    """Find what a row most likely means: by the words of headers and titles, and what fits."""
    headers = [plain(column.name) for column in found]
    told = [plain(title) for title in titles]
    best, most = templates()["observed"], 0.0
    for template in templates().values():
        words = [plain(word) for word in template.words]
        score = 2.0 * sum(any(word in title for word in words) for title in told)
        score += sum(any(word in header for word in words) for header in headers)
        mapped = _assigned(found, template)
        own = set(mapped) - {"code", "product", "lot", "serial", "quantity", "uom", "time"}
        score += 0.5 * len(mapped) + 0.25 * len(own)
        if template.required - mapped.keys():
            score -= 3.0
        if template.event == "transformation" and not _is_made(mapped):
            score -= 4.0
        if template.event == "master_data":
            score -= 1.5 * len({"lot", "quantity", "time"} & {f for c in found for f in c.meant})
            score -= 0 if {"name", "name_zh"} & mapped.keys() else 3.0
        if score > most:
            best, most = template, score
    return best


def _is_made(mapped: dict[str, str]) -> bool:
    return any(f.startswith("input_") for f in mapped) and any(
        f.startswith("output_") for f in mapped
    )


def _assigned(found: Sequence[_Column], template: Template) -> dict[str, str]:
    """Give each field of a template the column that says it best, each column once.

    What stands in the cells counts for more than what stands above them: of two columns that
    may be the product, that with GTINs is the product, however its header calls it.
    """
    bids = sorted(
        (
            (-score, at, rank, field)
            for at, column in enumerate(found)
            for score, rank, field in _bids(column, template)
        ),
    )
    mapped: dict[str, str] = {}
    taken: set[int] = set()
    for _, at, _, field in bids:
        if field not in mapped and at not in taken:
            mapped[field] = found[at].name
            taken.add(at)
    ranks = {code: rank for rank, code in enumerate(template.fields)}
    return dict(sorted(mapped.items(), key=lambda one: ranks[one[0]]))


def _bids(column: _Column, template: Template) -> Iterator[tuple[float, int, str]]:
    """Give the fields that a column may be, with how much speaks for each, and a rank."""
    titled = list(_meant(column, template))
    for rank, field in enumerate(titled):
        score = 2 - 0.1 * min(rank, 9)
        is_where = fields()[field].kind in _WHERE_KINDS
        if column.is_typical(field) or (is_where and column.share(_is_gln) >= _MOST):
            score += 3
        elif fields()[field].kind in _CODED_KINDS and column.share(_is_name) < 1 - _MOST:
            score += 0.5  # Codes of the plant rather than names, which may not be known.
        yield score, rank, field
    for rank, field in enumerate(_by_content(column, template)):
        if field not in titled:
            yield 2.8, rank, field


def _meant(column: _Column, template: Template) -> Iterable[str]:
    """Give the fields of a template that a column may hold, the nearest first."""
    for code in column.meant:
        own = code
        if template.event == "transformation":
            own = _AS_OUTPUT.get(code, code)
        elif code.startswith(("input_", "output_")):
            own = code.partition("_")[2]
        if template.event == "master_data" and own == "name_zh" and _is_latin(column):
            own = "name"
        elif template.event == "master_data" and own == "name" and not _is_latin(column):
            own = "name_zh"
        if template.code == "parties" and own in ("supplier", "customer"):
            own = "party" if column.share(_is_gln) >= _MOST else "name_zh"
        if own in template.fields and column.fits(fields()[own].kind):
            yield own


def _by_content(column: _Column, template: Template) -> Iterator[str]:
    """Give the fields that the cells of a column say by themselves, whatever stands above it."""
    meant = set(column.meant)
    # Thirteen digits are a GTIN or a GLN: where the header speaks of a place, they are no product.
    if not column.cells or any(fields()[code].kind in _WHERE_KINDS for code in meant):
        return
    if not meant and "time" in template.fields and column.share(_is_moment) >= 0.95:
        yield "time"
    if not meant and "quantity" in template.fields and column.share(_is_measured) >= 0.95:
        yield "quantity"
    side = next((code.partition("_")[0] for code in meant if code.startswith(_SIDES)), "output")
    for code in ("container", "code", "product", "place"):
        own = f"{side}_{code}" if template.event == "transformation" else code
        field = own if own in template.fields else code
        if field in template.fields and column.is_typical(field):
            yield field


# -- what cells look like


def _is_marked(cell: Cell) -> bool:
    return type(cell) is list


def _is_amount(cell: Cell) -> bool:
    if type(cell) in (int, float):
        return True
    return any(
        getattr(read_amount(cell, "", decimal), "code", "")
        not in ("importing.number_wrong", "importing.quantity_not_positive")
        for decimal in (".", ",")
    )


def _is_day(cell: Cell) -> bool:
    return any(not isinstance(read_day(cell, order), Problem) for order in ("dmy", "mdy"))


def _is_moment(cell: Cell) -> bool:
    if type(cell) is list:
        return cell[0] in (MOMENT, DAY)
    return type(cell) is str and len(cell) >= 8 and not cell.isdigit() and _is_day(cell)


def _is_code(cell: Cell) -> bool:
    return (type(cell) is list and cell[0] != CLOCK) or _kind_of(cell) != ""


def _is_gln(cell: Cell) -> bool:
    text = cell_text(cell)
    return text.isdigit() and len(text) == 13 and _kind_of(cell) == "gtin"  # The same check digit.


def _is_name(cell: Cell) -> bool:
    text = cell_text(cell)
    return " " in text or bool(_WIDE.search(text))


def _is_measured(cell: Cell) -> bool:
    """Tell an amount with its unit, such as `12.5 kg`."""
    if type(cell) is not str or not re.search(r"\d\s*[^\W\d]", cell):
        return False
    return not isinstance(read_amount(cell, "", "."), Problem)


def _kind_of(cell: Cell) -> str:
    """Give the kind of a whole code; empty for what is none."""
    if type(cell) is list:
        return ""
    text = cell_text(cell)
    if len(text) < 12:
        return ""
    try:
        return parse(text).kind
    except InvalidInput:
        return ""


def _is_latin(column: _Column) -> bool:
    return column.share(lambda cell: not _WIDE.search(cell_text(cell))) > 1 - _MOST


def _has_plant_codes(column: _Column) -> bool:
    """Tell a column of a plant's own digits from one of GTINs, where both are of one length."""
    texts = [text for text in map(cell_text, column.cells) if text.isdigit()]
    if not texts or len(texts) < len(column.cells) / 2:
        return False
    good = sum(_kind_of(text) == "gtin" for text in texts if len(text) in (12, 13, 14))
    return good < len(texts) / 2


def _date_order(columns: Iterable[_Column]) -> Order:
    """Find the order of day and month where the year stands last; the day first if both fit."""
    firsts, seconds = [], []
    for column in columns:
        for cell in column.cells:
            parts = _YEAR_LAST.match(cell) if type(cell) is str else None
            if parts:
                firsts.append(int(parts[1]))
                seconds.append(int(parts[2]))
    if not firsts:
        return "ymd"
    return "mdy" if max(seconds) > 12 >= max(firsts) else "dmy"


def _decimal(columns: Iterable[_Column]) -> Literal[".", ","]:
    """Find the sign before the decimals: a comma with other than three digits behind it."""
    commas = points = 0
    for column in columns:
        for cell in column.cells:
            if type(cell) is str:
                commas += bool(re.search(r"\d,\d{1,2}(\D|$)|\d,\d{4,}|\d\.\d{3},", cell))
                points += bool(re.search(r"\d\.\d{1,2}(\D|$)|\d\.\d{4,}|\d,\d{3}\.", cell))
    return "," if commas > points else "."
