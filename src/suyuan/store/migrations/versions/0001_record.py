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
    created     timestamptz NOT NULL DEFAULT now(),
    -- Signs page tokens, the same in every server process; 244 random bits.
    page_secret bytea NOT NULL DEFAULT
        decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
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
CREATE INDEX event_declared ON journal.event (tenant_id, sequence) WHERE is_error_declaration;
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
CREATE INDEX capture_job_waiting ON epcis.capture_job (created) WHERE finished IS NULL;
CREATE TABLE epcis.named_query (
    tenant_id  integer NOT NULL REFERENCES account.tenant,
    name       text COLLATE "C" NOT NULL,
    definition jsonb NOT NULL,
    created    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
);
-- Page tokens are signed, not stored; here stand those that were given back before their time.
CREATE TABLE epcis.released_page_token (
    tenant_id  integer NOT NULL REFERENCES account.tenant,
    token_hash bytea NOT NULL,
    expires    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, token_hash)
);

-- What queries ask of the body of an event. None of these can fail, whatever a body holds.
-- Not STRICT, or PostgreSQL would call them instead of putting their text in place.
CREATE FUNCTION epcis.as_number(value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(value) <= 100
                 AND value ~ '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$'
           THEN value::numeric END
$$;
CREATE FUNCTION epcis.as_time(value text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(value) <= 60 AND value ~ ('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]'
                     || '|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?'
                     || '(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$')
                 AND left(value, 4) <> '0000'
           THEN CASE WHEN substr(value, 9, 2)::integer <= date_part('day', make_date(
                     left(value, 4)::integer, substr(value, 6, 2)::integer, 1)
                     + interval '1 month' - interval '1 day')
           THEN value::timestamptz END END
$$;
-- The name spaces that an event declares: prefix -> name space.
CREATE FUNCTION epcis.namespaces(document jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(pair->>'key', pair->>'value'), '{}')
    FROM jsonb_path_query(
        document, 'lax $."@context"[*] ? (@.type() == "object").keyvalue()') AS pair
    WHERE jsonb_typeof(pair->'value') = 'string'
$$;
-- The full name of a field: its prefix replaced by the name space it stands for.
CREATE FUNCTION epcis.full_name(name text, namespaces jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (namespaces->>split_part(name, ':', 1)) || substr(name, strpos(name, ':') + 1), name)
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA epcis TO suyuan_app;
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
    "epcis.released_page_token",
)
_GRANTS = """
GRANT INSERT, UPDATE ON account.api_key TO suyuan_app;
GRANT INSERT ON journal.master_data TO suyuan_app;
GRANT INSERT, UPDATE, DELETE ON epcis.capture_job, epcis.named_query TO suyuan_app;
GRANT INSERT, DELETE ON epcis.released_page_token TO suyuan_app;
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
