"""Holds as events tell them: by disposition, persistent disposition and business step. 暂扣

CBV 2.0 has no disposition "on hold". An object is on hold while the disposition said of it
last is one with which nobody may use or sell it, while a persistent disposition of that kind
was set and not unset (CBV 2.0, 7.2), or while `holding` is the business step seen last.
"""

from __future__ import annotations

from suyuan.event import BUSINESS_STEP, DISPOSITION

__all__ = ["HOLDING", "HOLD_WORDS", "opposite"]

HOLDING = BUSINESS_STEP.spellings["holding"]
_WORDS = (
    *("damaged", "expired", "mismatch_class", "mismatch_instance", "mismatch_quantity"),
    *("needs_replacement", "no_pedigree_match", "non_conformant", "non_sellable_other"),
    *("recalled", "stolen", "unavailable"),
)
HOLD_WORDS = {DISPOSITION.spellings[word]: word for word in _WORDS}
"""The dispositions with which an object is on hold, with their bare words."""

_OPPOSITES = {
    DISPOSITION.spellings["conformant"]: DISPOSITION.spellings["non_conformant"],
    DISPOSITION.spellings["available"]: DISPOSITION.spellings["unavailable"],
}


def opposite(disposition: str) -> str | None:
    """Give the disposition that ends where this one is set: found conformant, it conforms."""
    return _OPPOSITES.get(disposition)
