"""Small questions take one way to the database; whoever keeps names learns of new ones."""

from alembic import op

revision = "0017"
down_revision = "0016"

_VERSION = """
-- Counts the commits that brought new master data: names that were read hold until it moves.
CREATE TABLE journal.master_data_version (
    tenant_id integer PRIMARY KEY REFERENCES account.tenant,
    version   bigint NOT NULL
);
ALTER TABLE journal.master_data_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal.master_data_version FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON journal.master_data_version TO suyuan_app
    USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer));
CREATE POLICY owner ON journal.master_data_version TO suyuan_owner USING (true);
GRANT SELECT, INSERT, UPDATE ON journal.master_data_version TO suyuan_app;
"""
_LOOK_UP = """
-- Where the journal has come to, and the numbers of those objects that an event names: at least
-- one row. It sets its tenant itself, so that a call is a transaction of its own, and is planned
-- once for good: to plan it over all partitions takes five times as long as to do it. Row-level
-- security holds as for whoever calls.
CREATE FUNCTION journal.look_up(tenant integer, uris text[])
RETURNS TABLE (last_sequence bigint, master_data bigint, uri text, object_id bigint)
LANGUAGE plpgsql SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('suyuan.tenant_id', tenant::text, true);
    RETURN QUERY
    SELECT head.last_sequence, coalesce(known.version, 0), named.uri, named.object_id
    FROM journal.head AS head
    LEFT JOIN journal.master_data_version AS known ON known.tenant_id = tenant
    LEFT JOIN journal.object AS named
      ON named.tenant_id = tenant AND named.uri = ANY (uris)
     AND EXISTS (SELECT FROM journal.posting AS posting
                 WHERE posting.tenant_id = tenant AND posting.object_id = named.object_id)
    WHERE head.tenant_id = tenant;
END $$;
REVOKE ALL ON FUNCTION journal.look_up(integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal.look_up(integer, text[]) TO suyuan_app;
"""
_NAMES = """
-- The names of objects, as `look_up` gives their numbers.
CREATE FUNCTION journal.names_of(tenant integer, numbers bigint[])
RETURNS TABLE (object_id bigint, uri text)
LANGUAGE plpgsql SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('suyuan.tenant_id', tenant::text, true);
    RETURN QUERY
    SELECT named.object_id, named.uri FROM journal.object AS named
    WHERE named.tenant_id = tenant AND named.object_id = ANY (numbers);
END $$;
REVOKE ALL ON FUNCTION journal.names_of(integer, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal.names_of(integer, bigint[]) TO suyuan_app;
"""


def upgrade() -> None:
    """Make the count and the functions."""
    for part in (_VERSION, _LOOK_UP, _NAMES):
        op.execute(part)
