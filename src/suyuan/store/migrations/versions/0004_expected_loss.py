"""What of a product may be lost unseen is set by each tenant, for its mass balances."""

from alembic import op

revision = "0004"
down_revision = "0003"

_TRACE = """
CREATE SCHEMA trace;
GRANT USAGE ON SCHEMA trace TO suyuan_app;

-- The share of what came in of a product that may go missing, by the product's canonical URI.
CREATE TABLE trace.expected_loss (
    tenant_id integer NOT NULL REFERENCES account.tenant,
    product   text COLLATE "C" NOT NULL,
    share     double precision NOT NULL CHECK (share BETWEEN 0 AND 1),
    PRIMARY KEY (tenant_id, product)
);
ALTER TABLE trace.expected_loss ENABLE ROW LEVEL SECURITY;
ALTER TABLE trace.expected_loss FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON trace.expected_loss TO suyuan_app
    USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer));
CREATE POLICY owner ON trace.expected_loss TO suyuan_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON trace.expected_loss TO suyuan_app;
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_TRACE)
