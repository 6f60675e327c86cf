"""Codes and times as they are typed and shown on a terminal. 终端写法"""

from __future__ import annotations

from datetime import datetime

__all__ = ["moment_in", "short_uri", "whole_code"]

_ROOT = "https://id.gs1.org"


def moment_in(text: str | None, option: str, *, is_end: bool = False) -> datetime | None:
    """Read a time or a day that was given with an option."""
    from suyuan.trace import parse_moment

    return None if text is None else parse_moment(text, where=option, is_end=is_end)


def whole_code(code: str) -> str:
    """Take a code as listings show it, without the address that all of them share."""
    return _ROOT + code if code.startswith("/") else code


def short_uri(uri: str) -> str:
    """Show a URI without that address."""
    return uri.removeprefix(_ROOT)
