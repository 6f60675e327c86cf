"""A tenant may give a map of its own, on which its places are drawn."""

from alembic import op

revision = "0013"
down_revision = "0012"

_PLACE_MAP = """
-- The file as it was given: it is read anew by whoever draws it.
CREATE TABLE account.place_map (
    tenant_id integer PRIMARY KEY REFERENCES account.tenant,
    file_name text NOT NULL,
    content   bytea NOT NULL,
    sha256    text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    changed   timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE account.place_map ENABLE ROW LEVEL SECURITY;
ALTER TABLE account.place_map FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON account.place_map TO suyuan_app
    USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer));
CREATE POLICY owner ON account.place_map TO suyuan_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON account.place_map TO suyuan_app;
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_PLACE_MAP)
