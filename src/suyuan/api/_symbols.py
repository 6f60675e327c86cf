"""Symbols as pictures that scale: SVG that can stand in a page. 条码图形"""

from __future__ import annotations

import re

import zxingcpp

__all__ = ["svg_of"]

_SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')


def svg_of(symbol: zxingcpp.Barcode) -> str:
    """Draw a symbol with its quiet zones, at any size it is given."""
    picture = zxingcpp.write_barcode_to_svg(symbol, scale=4)
    drawn = picture[picture.index("<svg") :]  # What stands before it is for files alone.
    return _SIZE.sub(r'<svg viewBox="0 0 \1 \2" width="\1" height="\2"', drawn, count=1)
