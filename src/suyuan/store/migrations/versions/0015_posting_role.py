"""What stands in a role of some events is found without reading all that their commits name."""

from alembic import op

revision = "0015"
down_revision = "0014"

_POSTING_ROLE = """
CREATE INDEX posting_commit_role ON journal.posting (tenant_id, first_sequence, role);
DROP INDEX journal.posting_commit;
"""


def upgrade() -> None:
    """Put the role into the index by commit."""
    op.execute(_POSTING_ROLE)
