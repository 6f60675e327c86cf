"""People look after themselves, a plant has roles of its own, and verifications are kept.

Recovery codes stand in for a lost phone, each once; sessions say from which browser they are,
so that their owner can tell them apart. Roles of a tenant's own stand beside the ready-made
ones. Who holds a session is asked as owner, so what their roles open is answered with it.
"""

from alembic import op

revision = "0008"
down_revision = "0005"

_TABLES = """
ALTER TABLE account.user_account ADD COLUMN totp_waiting bytea;
ALTER TABLE account.user_session ADD COLUMN browser text NOT NULL DEFAULT '';
CREATE TABLE account.own_role (
    tenant_id   integer NOT NULL REFERENCES account.tenant,
    role        text COLLATE "C" NOT NULL,
    name_en     text NOT NULL,
    name_zh     text NOT NULL,
    permissions text[] NOT NULL,
    created     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, role)
);
CREATE TABLE account.recovery_code (
    tenant_id integer NOT NULL,
    user_id   text COLLATE "C" NOT NULL,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (tenant_id, user_id, code_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES account.user_account
);
CREATE TABLE account.plant (
    tenant_id integer PRIMARY KEY REFERENCES account.tenant,
    title     text NOT NULL DEFAULT ''
);
CREATE TABLE journal.verification (
    tenant_id       integer NOT NULL REFERENCES account.tenant,
    verification_id text COLLATE "C" NOT NULL,
    created         timestamptz NOT NULL DEFAULT now(),
    -- When whoever works on it last said so.
    seen            timestamptz NOT NULL DEFAULT now(),
    finished        timestamptz,
    state           text NOT NULL DEFAULT 'running',
    is_unwanted     boolean NOT NULL DEFAULT false,
    actor_name      text NOT NULL,
    done            bigint NOT NULL DEFAULT 0,
    total           bigint NOT NULL,
    problems        bigint NOT NULL DEFAULT 0,
    report          jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, verification_id)
);
"""

_FUNCTIONS = """
DROP FUNCTION account.find_session(bytea, integer);
CREATE FUNCTION account.find_session(wanted bytea, idle_s integer)
RETURNS TABLE (tenant_id integer, tenant_name text, session_id text, user_id text, name text,
               full_name text, language text, roles text[], idle interval, own text[],
               access_end timestamptz, plant text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH held AS (
        SELECT r.tenant_id, r.user_id, r.role, r.expires FROM account.user_role AS r
    )
    SELECT s.tenant_id, t.name, s.session_id, s.user_id, u.name, u.full_name, u.language,
           ARRAY(SELECT r.role FROM held AS r
                 WHERE r.tenant_id = s.tenant_id AND r.user_id = s.user_id
                   AND (r.expires IS NULL OR r.expires > now()) ORDER BY r.role),
           now() - s.last_seen,
           ARRAY(SELECT DISTINCT one FROM held AS r
                 JOIN account.own_role AS o ON o.tenant_id = r.tenant_id AND o.role = r.role,
                 unnest(o.permissions) AS one
                 WHERE r.tenant_id = s.tenant_id AND r.user_id = s.user_id
                   AND (r.expires IS NULL OR r.expires > now()) ORDER BY one),
           -- The day on which the last role ends, in the past too; none where one never does.
           (SELECT CASE WHEN bool_and(r.expires IS NOT NULL) THEN max(r.expires) END
            FROM held AS r WHERE r.tenant_id = s.tenant_id AND r.user_id = s.user_id),
           coalesce((SELECT p.title FROM account.plant AS p WHERE p.tenant_id = s.tenant_id), '')
    FROM account.user_session AS s
    JOIN account.user_account AS u ON u.tenant_id = s.tenant_id AND u.user_id = s.user_id
    JOIN account.tenant AS t ON t.tenant_id = s.tenant_id
    WHERE s.token_hash = wanted AND u.disabled IS NULL AND s.expires > now()
      AND s.last_seen > now() - make_interval(secs => idle_s)
$$;
"""
_TABLE_NAMES = (
    *("account.own_role", "account.recovery_code", "account.plant"),
    "journal.verification",
)
_GRANTS = """
GRANT INSERT, UPDATE, DELETE ON account.own_role TO suyuan_app;
GRANT INSERT, DELETE ON account.recovery_code TO suyuan_app;
GRANT INSERT, UPDATE ON account.plant TO suyuan_app;
GRANT INSERT, UPDATE, DELETE ON journal.verification TO suyuan_app;
REVOKE ALL ON FUNCTION account.find_session(bytea, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account.find_session(bytea, integer) TO suyuan_app;
"""


def upgrade() -> None:
    """Make the tables, each under row-level security, and the question asked as owner."""
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)
    for table in _TABLE_NAMES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO suyuan_app "
            "USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer))"
        )
        op.execute(f"CREATE POLICY owner ON {table} TO suyuan_owner USING (true)")
        op.execute(f"GRANT SELECT ON {table} TO suyuan_app")
    op.execute(_GRANTS)
