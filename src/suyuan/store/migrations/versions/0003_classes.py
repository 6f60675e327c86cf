"""Objects know the number of the class they belong to by their name: a lot its product.

What was stored before gets its numbers by `suyuan reindex`.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; objects without a class of their own leave it empty."""
    op.execute("ALTER TABLE journal.object ADD COLUMN class_id bigint")
