"""Check digits and check character pairs of GS1 keys. 校验码

Source: GS1 General Specifications, sections 7.9.1 (check digit) and 7.9.5 (check pair).
Set in stone: a key that passes here is stored for ever.
"""

from __future__ import annotations

__all__ = ["GROUP_SUMS", "check_digit", "check_pair", "has_check_digit", "weighted_sum"]

# The weighted sum of every four-digit group, so that a long number is four look-ups.
# Groups are counted from the right, where the check digit itself has the weight 1.
GROUP_SUMS = tuple(n % 10 + n // 10 % 10 * 3 + n // 100 % 10 + n // 1000 * 3 for n in range(10_000))

# GS1 General Specifications, figure 7.9.5: the 82 characters in the order of their values,
# and the 32 characters a check pair is written in.
_PAIR_VALUES = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PAIR_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_VALUE = {character: value for value, character in enumerate(_PAIR_VALUES)}
_PAIR_PRIMES = (
    *(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37),
    *(41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83),
)


def weighted_sum(number: int) -> int:
    """Add up the digits of a number, weighted 1, 3, 1, 3 … from the right."""
    total = GROUP_SUMS[number % 10_000]
    number //= 10_000
    while number:
        total += GROUP_SUMS[number % 10_000]
        number //= 10_000
    return total


def check_digit(payload: str) -> str:
    """Calculate the check digit that follows these digits.

    >>> check_digit("0401234599999")
    '0'
    """
    return str(-weighted_sum(int(payload) * 10) % 10)


def has_check_digit(digits: str) -> bool:
    """Say whether the last digit is the right check digit for those before it."""
    return weighted_sum(int(digits)) % 10 == 0


def check_pair(payload: str) -> str:
    """Calculate the pair of check characters that follows these characters.

    The caller makes sure that all of them are of the 82-character set and that there are
    at most 23.
    """
    weights = reversed(_PAIR_PRIMES[: len(payload)])
    total = sum(
        _PAIR_VALUE[character] * weight for character, weight in zip(payload, weights, strict=True)
    )
    total %= 1021
    return _PAIR_LETTERS[total >> 5] + _PAIR_LETTERS[total & 31]
