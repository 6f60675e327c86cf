"""How long the GS1 company prefix of a key is. 厂商识别代码

Source: GS1's own table of prefix lengths, which biip carries. It says what a member
organisation allocates in a range, not what one company did with its prefix; so a caller
who knows better may say the length.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["company_prefix_length"]

# Where the company prefix starts in the value of each key.
_STARTS = {"00": 1, "01": 1, "8003": 1, "8006": 1}


def company_prefix_length(ai: str, value: str) -> int | None:
    """Give the length of the company prefix in a key, or None when it is not known."""
    start = _STARTS.get(ai, 0)
    digits = value[start : start + 12]
    if ai in ("01", "8006") and value.startswith("000000"):
        return None  # A GTIN-8 holds no company prefix.
    end = next((i for i, digit in enumerate(digits) if digit not in "0123456789"), len(digits))
    return _looked_up(digits[:end])


@lru_cache(maxsize=16_384)
def _looked_up(digits: str) -> int | None:
    # Reading the table takes a quarter of a second, which most commands need not spend.
    from biip.gs1_prefixes import GS1CompanyPrefix

    prefix = GS1CompanyPrefix.extract(digits) if digits else None
    return len(prefix.value) if prefix is not None else None
