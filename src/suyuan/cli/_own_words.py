"""Words of one's own, by their last part: `filling` for `https://ns.example/filling`. 自定义词汇

The listing of events shows a business step of one's own by its last part; what it shows can
be pasted back as a filter, as long as one word of the record alone ends so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from suyuan.errors import InvalidInput, Problem
from suyuan.event import BUSINESS_STEP, DISPOSITION, Vocabulary, word_ending

if TYPE_CHECKING:
    from suyuan.cli._terminal import Record

__all__ = ["with_own_words"]

_COLUMNS: Mapping[str, tuple[Vocabulary, str]] = {
    "EQ_bizStep": (BUSINESS_STEP, "business_step"),
    "EQ_disposition": (DISPOSITION, "disposition"),
}
_NEARNESS_MIN = 0.6


def with_own_words(
    record: Record, asked: Mapping[str, tuple[str, ...]], options: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Put words of one's own in place of their last parts, in the parameters of a query.

    `options` names the option by which a parameter was given. Raises InvalidInput
    `query.word_misspelt`, `query.word_unknown` or `cli.word_ambiguous`.
    """
    whole = dict(asked)
    problems: list[Problem] = []
    for name, (vocabulary, column) in _COLUMNS.items():
        values = asked.get(name, ())
        if all(not text or ":" in text or text in vocabulary.spellings for text in values):
            continue
        own = _own_words(record, vocabulary, column)
        found = [_word(vocabulary, own, text, options.get(name, name)) for text in values]
        problems += [one for one in found if isinstance(one, Problem)]
        whole[name] = tuple(one for one in found if isinstance(one, str))
    if problems:
        raise InvalidInput(problems)
    return whole


def _own_words(record: Record, vocabulary: Vocabulary, column: str) -> dict[str, list[str]]:
    """Give the words of the record that are not of the standard, by their last part."""
    from suyuan.api import Known  # Slow to load, and hardly ever needed.

    found: defaultdict[str, list[str]] = defaultdict(list)
    for uri in sorted(Known(record.database).words(record.tenant_id, column)):
        if uri not in vocabulary.bare:
            found[word_ending(uri)].append(uri)
    return found


def _word(
    vocabulary: Vocabulary, own: Mapping[str, list[str]], text: str, where: str
) -> str | Problem:
    if not text or ":" in text or text in vocabulary.spellings:
        return text
    match own.get(text, []):
        case [uri]:
            return uri
        case [_, *_] as several:
            return Problem(
                code="cli.word_ambiguous", where=where, expected=", ".join(several), found=text
            )
    near = get_close_matches(text, [*own, *vocabulary.words], n=1, cutoff=_NEARNESS_MIN)
    return Problem(
        code="query.word_misspelt" if near else "query.word_unknown",
        where=where,
        rule=vocabulary.name,
        expected="".join(near),
        found=text[:200],
        values={"rule_zh": vocabulary.chinese},
    )
