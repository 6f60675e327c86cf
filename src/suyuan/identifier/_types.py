"""Distinct types for keys: a text that has been checked, and what for. 标识类型"""

from __future__ import annotations

from typing import NewType

from suyuan.identifier._key import CanonicalUri

__all__ = ["Gln", "Gtin", "LotKey", "ProductKey", "SerialKey", "Sscc"]

Gtin = NewType("Gtin", str)
"""Fourteen digits, the last of which is the right check digit."""
Sscc = NewType("Sscc", str)
"""Eighteen digits, the last of which is the right check digit."""
Gln = NewType("Gln", str)
"""Thirteen digits, the last of which is the right check digit."""
ProductKey = NewType("ProductKey", CanonicalUri)
"""The canonical URI of a product: a GTIN, or a product code of a plant."""
LotKey = NewType("LotKey", CanonicalUri)
"""The canonical URI of a lot. The product is part of it, always."""
SerialKey = NewType("SerialKey", CanonicalUri)
"""The canonical URI of one instance of a product."""
