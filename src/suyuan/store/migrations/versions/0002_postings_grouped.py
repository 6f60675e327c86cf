"""Postings stand once for each object of a commit, with all its events, not once an event.

Two of three index entries of a capture said the same object again, and the index over them
was half of what a capture costs (docs/adr/0010). What is stored already is gathered in
blocks of a few thousand events.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLE = """
ALTER TABLE journal.posting RENAME TO posting_before;
ALTER INDEX journal.posting_object RENAME TO posting_before_object;
ALTER INDEX journal.posting_sequence RENAME TO posting_before_sequence;

-- In which events of one commit an object stands in one role: the inverted index of the journal.
CREATE TABLE journal.posting (
    tenant_id      integer NOT NULL,
    object_id      bigint NOT NULL,
    -- Of the commit: the numbers of its events are from the first to the last.
    first_sequence bigint NOT NULL,
    last_sequence  bigint NOT NULL,
    role           smallint NOT NULL,
    word           text COLLATE "C",
    sequences      bigint[] NOT NULL,
    -- Beside each sequence, or NULL where none has one.
    quantities     numeric[],
    uoms           text[] COLLATE "C"
) PARTITION BY RANGE (tenant_id, first_sequence);
CREATE INDEX posting_object ON journal.posting (tenant_id, object_id, first_sequence)
    INCLUDE (role);
-- All rows of a commit have one key here, so it costs next to nothing.
CREATE INDEX posting_commit ON journal.posting (tenant_id, first_sequence);

ALTER TABLE journal.posting ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal.posting FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON journal.posting TO suyuan_app
    USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer));
CREATE POLICY owner ON journal.posting TO suyuan_owner USING (true);
GRANT SELECT ON journal.posting TO suyuan_app, suyuan_writer;
"""

_ROWS = """
DO $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT child.relname AS name, pg_get_expr(child.relpartbound, child.oid) AS bounds
        FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = 'journal.posting_before'::regclass
    LOOP
        EXECUTE format('ALTER TABLE journal.%I RENAME TO %I',
                       part.name, replace(part.name, 'posting', 'before'));
        EXECUTE format('CREATE TABLE journal.%I PARTITION OF journal.posting %s',
                       part.name, part.bounds);
        EXECUTE format('GRANT SELECT, INSERT ON journal.%I TO suyuan_writer', part.name);
        EXECUTE format(
            'INSERT INTO journal.%I SELECT tenant_id, object_id, sequence / 4096 * 4096, '
            'sequence / 4096 * 4096 + 4095, '
            'role, word, array_agg(sequence ORDER BY sequence), '
            'CASE WHEN count(quantity) > 0 THEN array_agg(quantity ORDER BY sequence) END, '
            'CASE WHEN count(uom) > 0 THEN array_agg(uom ORDER BY sequence) END FROM journal.%I '
            'GROUP BY tenant_id, object_id, role, word, sequence / 4096 '
            'ORDER BY sequence / 4096, object_id',
            part.name, replace(part.name, 'posting', 'before'));
    END LOOP;
END $$;
DROP TABLE journal.posting_before;
"""


def upgrade() -> None:
    """Make the new table, and gather what the old one says."""
    op.execute(_TABLE)
    op.execute(_ROWS)
