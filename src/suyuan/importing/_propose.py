"""What a table probably means: a mapping to begin with, from its headers and its cells. 映射建议

A proposal is never run by itself; a person looks at it first, or saves it as a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
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
_OBJECT_KINDS = ("object", "product", "text")
Order = Literal["ymd", "dmy", "mdy"]


class _Column:
    """One column of the sample: its header, and what its cells look like."""

    def __init__(self, name: str, cells: Iterable[Cell]) -> None:
        self.name = name
        self.meant = fields_of_name(name)
        self.cells = [cell for cell in cells if cell != ""][:_SAMPLE]

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
    """Give each field of a template the column that says it best, each column once."""
    mapped: dict[str, str] = {}
    left: list[_Column] = []
    for column in found:
        field = next((f for f in _meant(column, template) if f not in mapped), None)
        if field is None:
            left.append(column)
        else:
            mapped[field] = column.name
    for column in left:
        field = _by_content(column, template, mapped)
        if field is not None and not column.meant:
            mapped[field] = column.name
    ranks = {code: rank for rank, code in enumerate(template.fields)}
    return dict(sorted(mapped.items(), key=lambda one: ranks[one[0]]))


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


def _by_content(column: _Column, template: Template, mapped: dict[str, str]) -> str | None:
    """Find the field of a column whose header says nothing to us."""
    looks: tuple[tuple[str, Callable[[Cell], bool]], ...] = (
        ("time", _is_moment),
        ("container", lambda cell: _kind_of(cell) == "sscc"),
        ("code", lambda cell: _kind_of(cell) in ("sscc", "sgtin", "lgtin")),
        ("product", lambda cell: _kind_of(cell) == "gtin"),
        ("output_product", lambda cell: _kind_of(cell) == "gtin"),
    )
    if not column.cells:
        return None
    for code, is_so in looks:
        if code in template.fields and code not in mapped and column.share(is_so) >= 0.95:
            return code
    return None


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
    return text.isdigit() and len(text) == 13


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
