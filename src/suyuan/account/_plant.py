"""What a plant is called, and who it is: its title, its own parties and sites. 工厂设置

Its title stands in the pages beside who is signed in. Which parties are its own no event tells:
goods come to them and leave them as with any other company. So the plant says it, and whoever
asks what has left can tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from suyuan.account._audit import Actor, audited, check_text
from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import parse
from suyuan.store import Connection, Database

__all__ = ["own_parties", "plant_title", "set_own_parties", "set_plant_title"]

_TITLE_CHARACTERS_MAX = 100
_PARTIES_MAX = 200
_OWN = "SELECT parties FROM account.plant WHERE tenant_id = %s"


def plant_title(database: Database, tenant_id: int) -> str:
    """Give what a tenant calls its plant; empty where it has said nothing."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT title FROM account.plant WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    return "" if row is None else str(row[0])


def set_plant_title(database: Database, actor: Actor, title: str, *, why: str = "") -> str:
    """Call the plant by another title. Raises InvalidInput `account.text_wrong`."""
    title = check_text(title, "title", _TITLE_CHARACTERS_MAX)
    with audited(database, actor, "plant.change", "plant", why=why) as change:
        row = change.connection.execute(
            "SELECT title FROM account.plant WHERE tenant_id = %s", (actor.tenant_id,)
        ).fetchone()
        change.connection.execute(
            "INSERT INTO account.plant (tenant_id, title) VALUES (%s, %s) "
            "ON CONFLICT (tenant_id) DO UPDATE SET title = excluded.title",
            (actor.tenant_id, title),
        )
        change.before = {"title": "" if row is None else row[0]}
        change.after = {"title": title}
    return title


def own_parties(database: Database, tenant_id: int) -> list[str]:
    """Give the URIs of the parties and sites that are a tenant's own, as it has said."""
    with database.tenant(tenant_id, read_only=True) as connection:
        return _said(connection, tenant_id)


def set_own_parties(
    database: Database, actor: Actor, codes: Sequence[str], *, why: str = ""
) -> list[str]:
    """Say which parties and sites are our own, in any spelling. 本企业参与方

    Raises InvalidInput with all that is wrong: `account.party_expected` for what is neither a
    party nor a place, `account.parties_many`, and the codes of identifiers.
    """
    with audited(database, actor, "plant.parties", "plant", why=why) as change:
        found = _read(change.connection, actor.tenant_id, codes)
        change.before = {"parties": _said(change.connection, actor.tenant_id)}
        change.connection.execute(
            "INSERT INTO account.plant (tenant_id, parties) VALUES (%s, %s) "
            "ON CONFLICT (tenant_id) DO UPDATE SET parties = excluded.parties",
            (actor.tenant_id, found),
        )
        change.after = {"parties": found}
    return found


def _said(connection: Connection, tenant_id: int) -> list[str]:
    row = connection.execute(_OWN, (tenant_id,)).fetchone()
    return [] if row is None else list(row[0])


def _read(connection: Connection, tenant_id: int, codes: Sequence[str]) -> list[str]:
    """Give the URI of each code once, or everything that is wrong with them."""
    if len(codes) > _PARTIES_MAX:
        raise InvalidInput(
            Problem(
                code="account.parties_many",
                where="parties",
                expected=str(_PARTIES_MAX),
                found=str(len(codes)),
            )
        )
    row = connection.execute(
        "SELECT base_url FROM account.tenant WHERE tenant_id = %s", (tenant_id,)
    ).fetchone()
    bases = [row[0]] if row and row[0] else []
    found: dict[str, None] = {}
    problems: list[Problem] = []
    for code in codes:
        try:
            identifier = parse(code, plant_bases=bases)
        except InvalidInput as error:
            problems += error.problems
            continue
        if identifier.level in ("party", "place", "unknown"):
            found[identifier.canonical] = None
        else:
            problems.append(
                Problem(code="account.party_expected", where="parties", found=identifier.canonical)
            )
    if problems:
        raise InvalidInput(problems)
    return list(found)
