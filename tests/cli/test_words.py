"""How the terminal says amounts."""

from __future__ import annotations

import pytest

from suyuan.cli._words import amount_of
from suyuan.errors import Language


@pytest.mark.parametrize(
    ("value", "uom", "language", "said"),
    [
        (1_234_567.5, "KGM", "en", "1,234,567.5 KGM"),
        (0.125, "LTR", "zh", "0.125 LTR"),
        (1, "C62", "en", "1 piece"),
        (12_000, "C62", "en", "12,000 pieces"),
        (12_000, "C62", "zh", "12,000 件"),
        (None, "KGM", "en", "? KGM"),
    ],
)
def test_an_amount_is_said_whole_and_pieces_by_their_word(
    value: float | None, uom: str, language: Language, said: str
) -> None:
    assert amount_of(value, uom, language) == said
