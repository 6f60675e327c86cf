"""What the latest commits said lies ready for those who follow the journal closely."""

from alembic import op

revision = "0016"
down_revision = "0015"

_RECENT = """
-- One row a commit, of the latest ones; `content` is a message of ours. It says nothing that the
-- other tables don't, so that a crash may empty it.
CREATE UNLOGGED TABLE journal.recent_commit (
    tenant_id      integer NOT NULL,
    first_sequence bigint NOT NULL,
    last_sequence  bigint NOT NULL CHECK (last_sequence >= first_sequence),
    first_object   bigint,
    content        bytea NOT NULL,
    PRIMARY KEY (tenant_id, first_sequence)
);
-- Packing it would take longer than all else that is done with it.
ALTER TABLE journal.recent_commit ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE journal.recent_commit ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal.recent_commit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON journal.recent_commit TO suyuan_app, suyuan_writer
    USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer));
CREATE POLICY owner ON journal.recent_commit TO suyuan_owner USING (true);
GRANT SELECT ON journal.recent_commit TO suyuan_app;
GRANT SELECT, INSERT, DELETE ON journal.recent_commit TO suyuan_writer;
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_RECENT)
