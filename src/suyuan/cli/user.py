"""`suyuan user`: the people of a tenant, for whoever sits at the server. 用户"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
import typer
from rich.table import Table

from suyuan.account import (
    Actor,
    Link,
    Role,
    RoleGrant,
    User,
    add_user,
    change_user,
    list_roles,
    list_users,
    make_link,
)
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    Record,
    TenantOption,
    language_of,
    open_record,
    output,
    say,
    say_json,
    served_at,
)
from suyuan.errors import InvalidInput, Language, NotFound, Problem

__all__ = ["user_command"]

_LOCAL = "http://127.0.0.1:8000"


def user_command(
    action: Annotated[
        Literal["list", "add", "change", "link", "disable", "enable"],
        typer.Argument(help="What to do.", metavar="list|add|change|link|disable|enable"),
    ] = "list",
    name: Annotated[
        str, typer.Argument(help="The name that the user signs in with.", show_default=False)
    ] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(help="A role that the user is to have; several times.", show_default=False),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="When these roles end, such as 2026-12-31.", metavar="TIME", show_default=False
        ),
    ] = None,
    why: Annotated[
        str, typer.Option(help="The reason, for the audit trail.", show_default=False)
    ] = "",
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """List the users, add or change one, make a link to set a password, or disable one.

    A link is shown when it is made, opens once, and takes the place of older ones.
    """
    language = language_of(lang)
    grants = [RoleGrant(role=one, expires=_end(until)) for one in role or ()]
    with open_record(data, tenant, must_exist=action != "add") as record:
        actor = _actor(record)
        link = None
        if action == "add":
            made = add_user(
                record.database, actor, name=name, language=language, grants=grants, why=why
            )
            link = make_link(record.database, actor, made.user_id, why=why)
        elif action == "link":
            link = make_link(record.database, actor, _named(record, name).user_id, why=why)
        elif action in ("disable", "enable"):
            user_id = _named(record, name).user_id
            is_disabled = action == "disable"
            change_user(record.database, actor, user_id, is_disabled=is_disabled, why=why)
        elif action == "change":
            user_id = _named(record, name).user_id
            change_user(record.database, actor, user_id, grants=grants, why=why)
        users = list_users(record.database, record.tenant_id)
        known = {one.role: one for one in list_roles(record.database, record.tenant_id)}
        settings = record.settings
        base = settings.base_url.rstrip("/") or served_at(settings.data) or _LOCAL
    if link is not None:
        _show_link(link, base, as_json=as_json, language=language)
    elif as_json:
        say_json(msgspec.to_builtins(users))
    else:
        _show(users, known, language)


def _actor(record: Record) -> Actor:
    name = getpass.getuser()
    return Actor(tenant_id=record.tenant_id, actor=f"command_line:{name}", name=name)


def _named(record: Record, name: str) -> User:
    for user in list_users(record.database, record.tenant_id):
        if user.name == name.strip().casefold():
            return user
    raise NotFound(Problem(code="account.user_unknown", found=name[:100]))


def _end(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            Problem(code="cli.time_malformed", where="--until", expected="2026-12-31", found=text)
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _show_link(link: Link, base: str, *, as_json: bool, language: Language) -> None:
    if as_json:
        say_json({"link": base + link.path, "expires": link.expires})
        return
    say(
        f"link to set a password, opens once: {base}{link.path}",
        f"设定密码的链接（只能使用一次）：{base}{link.path}",
        language,
    )


def _show(users: list[User], known: Mapping[str, Role], language: Language) -> None:
    if not users:
        say(
            "no user yet; add one with: suyuan user add NAME --role administrator",
            "还没有用户，可用 suyuan user add 登录名 --role administrator 新建",
            language,
        )
        return
    table = Table(box=None, pad_edge=False)
    titles = {
        "en": ("name", "roles", "made", "disabled"),
        "zh": ("登录名", "角色", "创建", "停用"),
    }
    for title in titles[language]:
        table.add_column(title)
    for user in users:
        held = [
            known[one.role].names[language] + (f" – {one.expires:%Y-%m-%d}" if one.expires else "")
            for one in user.roles
            if one.role in known
        ]
        times = (user.created, user.disabled)
        table.add_row(
            user.name,
            ", ".join(held),
            *("" if moment is None else f"{moment:%Y-%m-%d %H:%M:%SZ}" for moment in times),
        )
    output.print(table)
