"""Who captured what is kept beside the journal, and a correction is audited as it is made."""

from alembic import op

revision = "0010"
down_revision = "0009"

_ORIGINS = """
-- Who captured the events of these numbers, both included; the journal itself does not tell.
CREATE TABLE journal.origin (
    tenant_id      integer NOT NULL REFERENCES account.tenant,
    first_sequence bigint NOT NULL,
    last_sequence  bigint NOT NULL CHECK (last_sequence >= first_sequence),
    actor          text NOT NULL,
    actor_name     text NOT NULL,
    address        text NOT NULL,
    PRIMARY KEY (tenant_id, first_sequence)
);
ALTER TABLE journal.origin ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal.origin FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON journal.origin TO suyuan_app
    USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer));
CREATE POLICY owner ON journal.origin TO suyuan_owner USING (true);
GRANT SELECT ON journal.origin TO suyuan_app;
GRANT SELECT, INSERT ON journal.origin TO suyuan_writer;

-- A job is done later, by the server: it says for whom, and whether they may correct.
ALTER TABLE epcis.capture_job ADD COLUMN origin jsonb,
    ADD COLUMN may_correct boolean NOT NULL DEFAULT true;

-- A correction and its entry in the audit trail go in together, by the journal's own role.
GRANT USAGE ON SCHEMA account TO suyuan_writer;
GRANT INSERT ON account.audit_entry TO suyuan_writer;
"""


def upgrade() -> None:
    """Make the table, the columns and the grants."""
    op.execute(_ORIGINS)
