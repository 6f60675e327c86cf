"""Expected loss: the share of a product that may be lost unseen, set by each tenant. 预期损耗"""

from __future__ import annotations

import msgspec

from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import parse
from suyuan.store import Connection, Database
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._names import plant_bases

__all__ = [
    "ExpectedLoss",
    "expected_loss_of",
    "list_expected_losses",
    "put_expected_loss",
    "read_expected_loss",
    "set_expected_loss",
]


class ExpectedLoss(msgspec.Struct, frozen=True):
    """The share of a product that may be lost; None where nothing is set."""

    product: str
    share: float | None


def expected_loss_of(connection: Connection, tenant_id: int, product: str) -> float | None:
    """Give what is set for a product."""
    row = connection.execute(
        "SELECT share FROM trace.expected_loss WHERE tenant_id = %s AND product = %s",
        (tenant_id, product),
    ).fetchone()
    return None if row is None else float(row[0])


def list_expected_losses(database: Database, tenant_id: int) -> list[ExpectedLoss]:
    """Give every product for which a share is set."""
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT product, share FROM trace.expected_loss WHERE tenant_id = %s ORDER BY product",
            (tenant_id,),
        ).fetchall()
    return [ExpectedLoss(str(product), float(share)) for product, share in rows]


def read_expected_loss(genealogy: Genealogy, code: str) -> ExpectedLoss:
    """Give what is set for a product. Raises InvalidInput `trace.product_expected`."""
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        product, problems = _product(connection, genealogy.tenant_id, code)
        if problems:
            raise InvalidInput(problems)
        return ExpectedLoss(product, expected_loss_of(connection, genealogy.tenant_id, product))


def set_expected_loss(genealogy: Genealogy, code: str, share: float | None) -> ExpectedLoss:
    """Set the share of a product that may be lost, from 0 to 1; None takes it back. 设置预期损耗

    Gives what was set before. Raises InvalidInput `trace.product_expected`,
    `trace.share_wrong`.
    """
    with genealogy.database.tenant(genealogy.tenant_id) as connection:
        return put_expected_loss(connection, genealogy.tenant_id, code, share)


def put_expected_loss(
    connection: Connection, tenant_id: int, code: str, share: float | None
) -> ExpectedLoss:
    """Do what `set_expected_loss` does in a transaction of the caller's, who may audit it."""
    product, problems = _product(connection, tenant_id, code)
    if share is not None and not 0 <= share <= 1:
        problems.append(Problem(code="trace.share_wrong", found=str(share)))
    if problems:
        raise InvalidInput(problems)
    before = ExpectedLoss(product, expected_loss_of(connection, tenant_id, product))
    if share is None:
        connection.execute(
            "DELETE FROM trace.expected_loss WHERE tenant_id = %s AND product = %s",
            (tenant_id, product),
        )
    else:
        connection.execute(
            "INSERT INTO trace.expected_loss (tenant_id, product, share) VALUES (%s, %s, %s) "
            "ON CONFLICT (tenant_id, product) DO UPDATE SET share = excluded.share",
            (tenant_id, product, share),
        )
    return before


def _product(connection: Connection, tenant_id: int, code: str) -> tuple[str, list[Problem]]:
    """Give the URI of a product, and what is wrong with its code."""
    try:
        identifier = parse(code, plant_bases=plant_bases(connection, tenant_id))
    except InvalidInput as error:
        return "", list(error.problems)
    if identifier.level != "class":
        return "", [Problem(code="trace.product_expected", found=identifier.canonical)]
    return identifier.canonical, []
