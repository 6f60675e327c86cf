"""Rows in columns that are never cut: a code that lost its end would look like another. 对齐"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len

from suyuan.cli._terminal import output

__all__ = ["say_rows"]

_GAP = "  "


def say_rows(rows: Sequence[Sequence[str]], *, numbers: Collection[int] = ()) -> None:
    """Print rows in columns, each as wide as its widest cell; `numbers` stand to the right."""
    if not rows:
        return
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - cell_len(cell))
            cells.append(space + cell if at in numbers else cell + space)
        output.print(_GAP.join(cells).rstrip(), markup=False)
