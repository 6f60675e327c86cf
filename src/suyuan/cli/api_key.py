"""`suyuan api-key`: who may come in over HTTP. 接口密钥"""

from __future__ import annotations

import getpass
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from suyuan.account import Actor, ApiKey, list_api_keys, make_api_key, revoke_api_key
from suyuan.cli._spelling import moment_in
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
)
from suyuan.errors import Language

__all__ = ["api_key_command"]


def api_key_command(
    add: Annotated[
        str | None,
        typer.Option(
            help="Make a key of this name and show it.", metavar="NAME", show_default=False
        ),
    ] = None,
    revoke: Annotated[
        str | None,
        typer.Option(help="Close the key with this ID for ever.", metavar="ID", show_default=False),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What the new key opens, such as event.capture; several times [everything].",
            metavar="PERMISSION",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="When the new key ends, such as 2026-12-31.", metavar="TIME", show_default=False
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
    """List the API keys, make one, or revoke one.

    A key is shown when it is made and never again; only its hash is stored.
    """
    language = language_of(lang)
    with open_record(data, tenant, must_exist=add is None) as record:
        if add is not None:
            actor = _actor(record)
            key = make_api_key(
                record.database,
                record.tenant_id,
                name=add,
                scope=scope,
                expires=moment_in(until, "--until", is_end=True),
                actor=actor,
                why=why,
            )
            _show_new(key, as_json=as_json, language=language)
            return
        if revoke is not None:
            revoke_api_key(record.database, record.tenant_id, revoke, actor=_actor(record), why=why)
        keys = list_api_keys(record.database, record.tenant_id)
    if as_json:
        say_json([{**msgspec.to_builtins(key), "secret": None} for key in keys])
    else:
        _show(keys, language)


def _actor(record: Record) -> Actor:
    name = getpass.getuser()
    return Actor(tenant_id=record.tenant_id, actor=f"command_line:{name}", name=name)


def _show_new(key: ApiKey, *, as_json: bool, language: Language) -> None:
    if as_json:
        say_json({"id": key.api_key_id, "name": key.name, "secret": key.secret})
        return
    say(
        f"API key {key.api_key_id}, shown this once: {key.secret}",
        f"接口密钥 {key.api_key_id}（仅显示这一次）：{key.secret}",
        language,
    )


def _show(keys: list[ApiKey], language: Language) -> None:
    if not keys:
        say(
            "no API key yet; make one with --add NAME",
            "还没有接口密钥，可用 --add 名称 新建",
            language,
        )
        return
    table = Table(box=None, pad_edge=False)
    titles = {
        "en": ("ID", "name", "made", "expires", "revoked"),
        "zh": ("编号", "名称", "创建", "到期", "吊销"),
    }
    for title in titles[language]:
        table.add_column(title)
    for key in keys:
        times = (key.created, key.expires, key.revoked)
        table.add_row(
            key.api_key_id,
            key.name,
            *("" if moment is None else f"{moment:%Y-%m-%d %H:%M:%SZ}" for moment in times),
        )
    output.print(table)
