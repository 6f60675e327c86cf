"""A plant says which parties and sites are its own, so that a recall tells them apart."""

from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Add the list of canonical URIs."""
    op.execute("ALTER TABLE account.plant ADD COLUMN parties text[] NOT NULL DEFAULT '{}'")
