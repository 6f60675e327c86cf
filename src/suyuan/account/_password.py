"""Passwords: which ones do, their Argon2id hashes, and their check in steady time. 密码

A check needs 64 MiB and a core for some tens of milliseconds; only a few are made at once, so
that nobody can fill the machine by trying passwords.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from suyuan.errors import InvalidInput, Problem

__all__ = ["check_password", "hash_password", "is_password"]

_CHARACTERS_MIN = 10
_CHARACTERS_MAX = 200
_KINDS_MIN = 4
_AT_ONCE_MAX = 4

_hasher = PasswordHasher()  # RFC 9106, its second recommendation: for machines of all sizes.
_places = BoundedSemaphore(_AT_ONCE_MAX)
# Is checked against when there is nobody of that name: that must take as long.
_OF_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$c3V5dWFuLW9mLW5vYm9keQ$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


def check_password(password: str, *, name: str) -> None:
    """See that a new password will do. Raises InvalidInput `account.password_weak`."""
    is_long = _CHARACTERS_MIN <= len(password) <= _CHARACTERS_MAX
    is_of_one_kind = len(set(password)) < _KINDS_MIN
    is_name = len(name) >= _KINDS_MIN and name.casefold() in password.casefold()
    if not is_long or is_of_one_kind or is_name:
        raise InvalidInput(
            Problem(
                code="account.password_weak",
                where="password",
                expected=f"{_CHARACTERS_MIN}–{_CHARACTERS_MAX}",
            )
        )


def hash_password(password: str) -> str:
    """Give what is stored of a password."""
    with _places:
        return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether a password is the one stored; takes the same time when none is."""
    if len(password) > _CHARACTERS_MAX:
        return False
    with _places:
        try:
            is_right = _hasher.verify(stored or _OF_NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return is_right and stored is not None
