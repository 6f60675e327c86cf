"""The record: tenants, keys of access, journal, transparency log, capture jobs, named queries.

Every table belongs to a tenant and is under row-level security from its first day. Three
roles stand behind the one login: `suyuan_owner` owns, `suyuan_app` reads and writes what
row-level security lets it, `suyuan_writer` appends to the journal (PostgreSQL refuses COPY
into tables under row-level security, so this role alone may bypass it).
"""

from alembic import op

revision = "0001"
down_revision = None

_SCHEMAS = """
CREATE SCHEMA account;
CREATE SCHEMA journal;
CREATE SCHEMA tlog;
CREATE SCHEMA epcis;
GRANT USAGE ON SCHEMA account, journal, tlog, epcis TO suyuan_app;
GRANT USAGE ON SCHEMA journal, tlog TO suyuan_writer;
"""

_ACCOUNT = """
CREATE TABLE account.tenant (
    tenant_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    base_url    text NOT NULL DEFAULT '',
    created     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE account.api_key (
    tenant_id   integer NOT NULL REFERENCES account.tenant,
    api_key_id  text NOT NULL,
    secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    name        text NOT NULL,
    created     timestamptz NOT NULL DEFAULT now(),
    expires     timestamptz,
    revoked     timestamptz,
    PRIMARY KEY (tenant_id, api_key_id)
);
-- Who holds a key is not known before it is looked up, so this one question is asked as owner.
CREATE FUNCTION account.find_api_key(wanted bytea)
RETURNS TABLE (tenant_id integer, api_key_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT k.tenant_id, k.api_key_id FROM account.api_key AS k
    WHERE k.secret_hash = wanted AND k.revoked IS NULL
      AND (k.expires IS NULL OR k.expires > now())
$$;
REVOKE ALL ON FUNCTION account.find_api_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account.find_api_key(bytea) TO suyuan_app;
"""

_JOURNAL = """
-- One row a tenant: whoever holds its lock is the only one to append.
CREATE TABLE journal.head (
    tenant_id        integer PRIMARY KEY REFERENCES account.tenant,
    last_sequence    bigint NOT NULL DEFAULT 0,
    last_object      bigint NOT NULL DEFAULT 0,
    last_record_time timestamptz NOT NULL DEFAULT 'epoch',
    partitioned_to   bigint NOT NULL DEFAULT 0
);
CREATE TABLE journal.event (
    tenant_id            integer NOT NULL,
    sequence             bigint NOT NULL,
    record_time          timestamptz NOT NULL,
    event_time           timestamptz NOT NULL,
    event_type           smallint NOT NULL,
    action               smallint NOT NULL,
    is_error_declaration boolean NOT NULL,
    business_step        text COLLATE "C",
    disposition          text COLLATE "C",
    event_id             text COLLATE "C" NOT NULL,
    event_hash           bytea NOT NULL,
    leaf_hash            bytea NOT NULL,
    body                 text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
) PARTITION BY RANGE (tenant_id, sequence);
-- Compressing each body costs more than the room it saves.
ALTER TABLE journal.event ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX event_time ON journal.event (tenant_id, event_time, sequence);
CREATE INDEX event_word ON journal.event USING brin (
    business_step text_bloom_ops, disposition text_bloom_ops, event_type int2_bloom_ops,
    record_time timestamptz_minmax_ops
) WITH (pages_per_range = 64);

-- Which identifier stands in which event, and as what: the inverted index of the journal.
CREATE TABLE journal.posting (
    tenant_id integer NOT NULL,
    sequence  bigint NOT NULL,
    object_id bigint NOT NULL,
    role      smallint NOT NULL,
    quantity  numeric,
    uom       text COLLATE "C",
    word      text COLLATE "C"
) PARTITION BY RANGE (tenant_id, sequence);
CREATE INDEX posting_object ON journal.posting (tenant_id, object_id, sequence) INCLUDE (role);
CREATE INDEX posting_sequence ON journal.posting USING brin (sequence) WITH (pages_per_range = 32);

-- Every identifier ever recorded gets a dense number a tenant.
CREATE TABLE journal.object (
    tenant_id integer NOT NULL,
    object_id bigint NOT NULL,
    uri       text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, object_id),
    UNIQUE (tenant_id, uri)
) PARTITION BY LIST (tenant_id);

-- An event ID may stand twice: once for the event, once for its error declaration.
CREATE TABLE journal.event_key (
    tenant_id integer NOT NULL,
    event_key uuid NOT NULL,
    sequence  bigint NOT NULL,
    PRIMARY KEY (tenant_id, event_key) INCLUDE (sequence)
) PARTITION BY LIST (tenant_id);

-- Master data is kept as sent, newest version first; `masterdata` reads it.
CREATE TABLE journal.master_data (
    tenant_id   integer NOT NULL REFERENCES account.tenant,
    vocabulary  text COLLATE "C" NOT NULL,
    element_id  text COLLATE "C" NOT NULL,
    record_time timestamptz NOT NULL,
    content     jsonb NOT NULL,
    PRIMARY KEY (tenant_id, vocabulary, element_id, record_time)
);

-- Partitions bear the tenant in their bounds: the writer copies straight into its own tenant's,
-- and PostgreSQL refuses a row of any other.
CREATE FUNCTION journal.add_block(tenant integer, first_sequence bigint, end_sequence bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    kind text;
    name text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['event', 'posting'] LOOP
        name := format('%s_%s_%s', kind, tenant, first_sequence);
        EXECUTE format(
            'CREATE TABLE journal.%I PARTITION OF journal.%I FOR VALUES FROM (%s, %s) TO (%s, %s)',
            name, kind, tenant, first_sequence, tenant, end_sequence);
        EXECUTE format('GRANT SELECT, INSERT ON journal.%I TO suyuan_writer', name);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION journal.add_block(integer, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal.add_block(integer, bigint, bigint) TO suyuan_writer;

CREATE FUNCTION journal.add_tenant(tenant integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kind text;
    name text;
BEGIN
    INSERT INTO journal.head (tenant_id) VALUES (tenant);
    FOREACH kind IN ARRAY ARRAY['object', 'event_key'] LOOP
        name := format('%s_%s', kind, tenant);
        EXECUTE format('CREATE TABLE journal.%I PARTITION OF journal.%I FOR VALUES IN (%s)',
                       name, kind, tenant);
        EXECUTE format('GRANT SELECT, INSERT ON journal.%I TO suyuan_writer', name);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION journal.add_tenant(integer) FROM PUBLIC;
"""

_TLOG = """
CREATE TABLE tlog.log_key (
    tenant_id    integer PRIMARY KEY REFERENCES account.tenant,
    origin       text NOT NULL,
    verifier_key text NOT NULL
);
-- The newest width of each tile; an older partial tile is its prefix.
CREATE TABLE tlog.tile (
    tenant_id  integer NOT NULL,
    level      smallint NOT NULL,
    tile_index bigint NOT NULL,
    data       bytea NOT NULL,
    PRIMARY KEY (tenant_id, level, tile_index)
);
CREATE TABLE tlog.checkpoint (
    tenant_id integer NOT NULL,
    size      bigint NOT NULL,
    note      text NOT NULL,
    created   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, size)
);
"""

_EPCIS = """
CREATE TABLE epcis.capture_job (
    tenant_id   integer NOT NULL REFERENCES account.tenant,
    capture_id  uuid NOT NULL,
    created     timestamptz NOT NULL DEFAULT now(),
    started     timestamptz,
    finished    timestamptz,
    success     boolean NOT NULL DEFAULT true,
    rollback    boolean NOT NULL,
    media_type  text NOT NULL,
    payload     bytea,
    captured    bigint NOT NULL DEFAULT 0,
    duplicates  bigint NOT NULL DEFAULT 0,
    sequence    bigint,
    errors      jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (tenant_id, capture_id)
);
CREATE INDEX capture_job_created ON epcis.capture_job (tenant_id, created DESC, capture_id);
CREATE TABLE epcis.named_query (
    tenant_id  integer NOT NULL REFERENCES account.tenant,
    name       text COLLATE "C" NOT NULL,
    definition jsonb NOT NULL,
    created    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
);
"""

_APP_READS = (
    "account.tenant",
    "account.api_key",
    "journal.head",
    "journal.event",
    "journal.posting",
    "journal.object",
    "journal.event_key",
    "journal.master_data",
    "tlog.log_key",
    "tlog.tile",
    "tlog.checkpoint",
    "epcis.capture_job",
    "epcis.named_query",
)
_GRANTS = """
GRANT INSERT, UPDATE ON account.api_key TO suyuan_app;
GRANT INSERT ON journal.master_data TO suyuan_app;
GRANT INSERT, UPDATE, DELETE ON epcis.capture_job, epcis.named_query TO suyuan_app;
GRANT SELECT, UPDATE ON journal.head TO suyuan_writer;
GRANT SELECT ON journal.event, journal.posting, journal.object, journal.event_key
    TO suyuan_writer;
GRANT SELECT ON tlog.log_key TO suyuan_writer;
GRANT SELECT, INSERT, UPDATE ON tlog.tile TO suyuan_writer;
GRANT SELECT, INSERT ON tlog.checkpoint TO suyuan_writer;
"""


def upgrade() -> None:
    """Create everything."""
    for part in (_SCHEMAS, _ACCOUNT, _JOURNAL, _TLOG, _EPCIS):
        op.execute(part)
    for table in _APP_READS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO suyuan_app "
            "USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer))"
        )
        # The owner is not exempt (FORCE), and makes tenants and looks up keys: so say it aloud.
        op.execute(f"CREATE POLICY owner ON {table} TO suyuan_owner USING (true)")
        op.execute(f"GRANT SELECT ON {table} TO suyuan_app")
    op.execute(_GRANTS)
