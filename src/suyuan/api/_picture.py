"""QR codes as pictures that a page can show without any script. 二维码"""

from __future__ import annotations

import re

import zxingcpp

__all__ = ["qr_code"]


def qr_code(text: str) -> str:
    """Give a QR code as SVG, with its margin, black on white in every colour scheme."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = barcode.to_svg(add_quiet_zones=True)
    # Only the picture itself: no declaration, which HTML has no place for.
    found = re.search(r"<svg.*</svg>", drawn, re.DOTALL)
    assert found is not None
    return re.sub(
        r'<svg width="(\d+)" height="(\d+)"', r'<svg viewBox="0 0 \1 \2"', found[0], count=1
    )
