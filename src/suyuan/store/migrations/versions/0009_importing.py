"""Tables of users become events: uploads that wait, cells typed anew, jobs, and saved mappings.

Files lie in the data folder; here stands whose they are, how long they stay, and what is done
with them. A job is a row that a worker locks, as capture jobs are (docs/adr/0008).
"""

from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = """
CREATE SCHEMA importing;
GRANT USAGE ON SCHEMA importing TO suyuan_app;

CREATE TABLE importing.upload (
    tenant_id  integer NOT NULL REFERENCES account.tenant,
    upload_id  uuid NOT NULL,
    file_name  text NOT NULL,
    size_bytes bigint NOT NULL,
    digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
    actor      text COLLATE "C" NOT NULL,
    actor_name text NOT NULL,
    created    timestamptz NOT NULL DEFAULT now(),
    expires    timestamptz NOT NULL,
    -- What somebody said about how it is read, what it turned out to be, what it means.
    reading    jsonb NOT NULL,
    found      jsonb NOT NULL,
    mapping    jsonb NOT NULL,
    PRIMARY KEY (tenant_id, upload_id)
);
CREATE TABLE importing.edited_cell (
    tenant_id     integer NOT NULL,
    upload_id     uuid NOT NULL,
    row_number    integer NOT NULL CHECK (row_number > 0),
    column_number integer NOT NULL CHECK (column_number >= 0),
    content       text NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, row_number, column_number),
    FOREIGN KEY (tenant_id, upload_id) REFERENCES importing.upload ON DELETE CASCADE
);
CREATE TABLE importing.import_job (
    tenant_id  integer NOT NULL,
    job_id     uuid NOT NULL,
    upload_id  uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('check', 'run')),
    mapping    jsonb NOT NULL,
    actor      text COLLATE "C" NOT NULL,
    actor_name text NOT NULL,
    address    text NOT NULL,
    created    timestamptz NOT NULL DEFAULT clock_timestamp(),
    started    timestamptz,
    finished   timestamptz,
    result     jsonb,
    problems   jsonb,
    PRIMARY KEY (tenant_id, job_id),
    FOREIGN KEY (tenant_id, upload_id) REFERENCES importing.upload ON DELETE CASCADE
);
CREATE INDEX import_job_upload ON importing.import_job (tenant_id, upload_id, created);
CREATE INDEX import_job_waiting ON importing.import_job (created) WHERE finished IS NULL;
-- One job at a time works on the files of an upload.
CREATE UNIQUE INDEX import_job_alone ON importing.import_job (tenant_id, upload_id)
    WHERE finished IS NULL;
CREATE TABLE importing.mapping (
    tenant_id  integer NOT NULL REFERENCES account.tenant,
    name       text NOT NULL,
    content    jsonb NOT NULL,
    actor_name text NOT NULL,
    changed    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
);
"""
_NAMES = ("upload", "edited_cell", "import_job", "mapping")


def upgrade() -> None:
    """Make the tables, each under row-level security."""
    op.execute(_TABLES)
    for table in _NAMES:
        op.execute(f"ALTER TABLE importing.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE importing.{table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON importing.{table} TO suyuan_app "
            "USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer))"
        )
        op.execute(f"CREATE POLICY owner ON importing.{table} TO suyuan_owner USING (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON importing.{table} TO suyuan_app")
