"""Permissions and the ready-made roles: which words stand for what may be done. 权限与角色

Read from `permissions.toml`. **Set in stone:** the codes, which databases hold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from suyuan.errors import Denied, InvalidInput, Language, Problem

__all__ = ["Role", "check_permissions", "check_within", "permissions", "permissions_of", "roles"]

_ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role, ready-made or of a tenant's own, with its name in each language."""

    role: str
    names: Mapping[Language, str]
    permissions: frozenset[str]
    is_time_limited: bool = False
    """Whoever has this role has it until some day."""
    is_own: bool = False
    """A tenant has made this role for itself."""


@cache
def _page() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    page = files("suyuan") / "account" / "permissions.toml"
    return tomllib.loads(page.read_text(encoding="utf-8"))


@cache
def permissions() -> Mapping[str, Mapping[Language, str]]:
    """Give every permission with what it is called in each language."""
    return {
        code: {"en": str(names["en"]), "zh": str(names["zh"])}
        for code, names in _page()["permissions"].items()
    }


@cache
def roles() -> Mapping[str, Role]:
    """Give every ready-made role by its code."""
    found = {}
    for code, said in _page()["roles"].items():
        listed = said["permissions"]
        assert isinstance(listed, list), code
        granted = frozenset(permissions()) if _ALL in listed else frozenset(listed)
        assert granted <= permissions().keys(), code
        found[code] = Role(
            role=code,
            names={"en": str(said["en"]), "zh": str(said["zh"])},
            permissions=granted,
            is_time_limited=bool(said.get("is_time_limited", False)),
        )
    return found


def permissions_of(codes: Iterable[str], known: Mapping[str, Role] | None = None) -> frozenset[str]:
    """Give what somebody with these roles may do; a role that is no more gives nothing.

    `known` are the roles that there are: the ready-made ones unless given.
    """
    known = roles() if known is None else known
    return frozenset().union(*(known[code].permissions for code in codes if code in known))


def check_permissions(codes: Iterable[str]) -> frozenset[str]:
    """Give permissions as a set. Raises InvalidInput `account.permission_unknown`."""
    wanted = frozenset(codes)
    unknown = sorted(wanted - permissions().keys())
    if unknown:
        known = ", ".join(permissions())
        raise InvalidInput(
            [
                Problem(code="account.permission_unknown", expected=known, found=code[:100])
                for code in unknown
            ]
        )
    return wanted


def check_within(granted: Iterable[str], own: frozenset[str]) -> None:
    """See that nobody gives away more than he has. Raises Denied `account.grant_too_wide`."""
    beyond = sorted(frozenset(granted) - own)
    if beyond:
        raise Denied(Problem(code="account.grant_too_wide", found=", ".join(beyond)))
