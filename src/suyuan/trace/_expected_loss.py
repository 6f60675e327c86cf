"""Expected loss: the share of a product that may be lost unseen, set by each tenant. 预期损耗"""

from __future__ import annotations

from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import parse
from suyuan.store import Connection
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._names import plant_bases

__all__ = ["expected_loss_of", "set_expected_loss"]


def expected_loss_of(connection: Connection, tenant_id: int, product: str) -> float | None:
    """Give what is set for a product."""
    row = connection.execute(
        "SELECT share FROM trace.expected_loss WHERE tenant_id = %s AND product = %s",
        (tenant_id, product),
    ).fetchone()
    return None if row is None else float(row[0])


def set_expected_loss(genealogy: Genealogy, code: str, share: float | None) -> str:
    """Set the share of a product that may be lost, from 0 to 1; None takes it back. 设置预期损耗

    Gives the URI of the product. Raises InvalidInput `trace.product_expected`,
    `trace.share_wrong`.
    """
    with genealogy.database.tenant(genealogy.tenant_id) as connection:
        bases = plant_bases(connection, genealogy.tenant_id)
        problems: list[Problem] = []
        product = ""
        try:
            identifier = parse(code, plant_bases=bases)
            product = identifier.canonical
            if identifier.level != "class":
                problems.append(Problem(code="trace.product_expected", found=product))
        except InvalidInput as error:
            problems += error.problems
        if share is not None and not 0 <= share <= 1:
            problems.append(Problem(code="trace.share_wrong", found=str(share)))
        if problems:
            raise InvalidInput(problems)
        if share is None:
            connection.execute(
                "DELETE FROM trace.expected_loss WHERE tenant_id = %s AND product = %s",
                (genealogy.tenant_id, product),
            )
        else:
            connection.execute(
                "INSERT INTO trace.expected_loss (tenant_id, product, share) VALUES (%s, %s, %s) "
                "ON CONFLICT (tenant_id, product) DO UPDATE SET share = excluded.share",
                (genealogy.tenant_id, product, share),
            )
        return product
