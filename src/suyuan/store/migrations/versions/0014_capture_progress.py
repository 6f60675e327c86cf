"""A capture job that is worked on says how far it is, outside of its own transaction."""

from alembic import op

revision = "0014"
down_revision = "0013"

_CAPTURE_PROGRESS = """
-- A table of its own, without a foreign key: the worker keeps its job's row locked meanwhile.
-- What is lost when the server falls is told anew by whoever takes the job up.
CREATE UNLOGGED TABLE epcis.capture_progress (
    tenant_id  integer NOT NULL REFERENCES account.tenant,
    capture_id uuid NOT NULL,
    progress   jsonb NOT NULL,
    PRIMARY KEY (tenant_id, capture_id)
);
ALTER TABLE epcis.capture_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE epcis.capture_progress FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON epcis.capture_progress TO suyuan_app
    USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer));
CREATE POLICY owner ON epcis.capture_progress TO suyuan_owner USING (true);
GRANT SELECT, INSERT, UPDATE ON epcis.capture_progress TO suyuan_app;
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_CAPTURE_PROGRESS)
