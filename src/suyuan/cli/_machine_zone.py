"""The time zone of this machine, by its name in the database of time zones. 本机时区"""

from __future__ import annotations

import os
from pathlib import Path

from suyuan.importing import find_zone

__all__ = ["machine_zone"]

_LINK, _FILE, _FOLDER = Path("/etc/localtime"), Path("/etc/timezone"), "zoneinfo/"


def machine_zone() -> str:
    """Give the name, or an empty string where the machine does not tell.

    UTC tells nothing: servers and containers are set to it wherever they stand.
    """
    for name in (os.environ.get("TZ", "").lstrip(":"), _linked(), _written()):
        if name and find_zone(name) is not None:
            return "" if name in ("UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu") else name
    return ""


def _linked() -> str:
    try:
        return str(_LINK.resolve()).rpartition(_FOLDER)[2] if _LINK.is_symlink() else ""
    except OSError:
        return ""


def _written() -> str:
    try:
        return _FILE.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
