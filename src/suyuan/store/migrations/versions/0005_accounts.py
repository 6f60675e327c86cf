"""People sign in: users with roles, sessions, one-time links, and the trail of what they changed.

Who holds a session or a link is not known before it is looked up, so these questions are
asked as owner, by the hash of a random secret. The trail can be added to and read, never
changed: the role of the application has no right to.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = """
CREATE TABLE account.user_account (
    tenant_id      integer NOT NULL REFERENCES account.tenant,
    user_id        text COLLATE "C" NOT NULL,
    -- What is typed to sign in: small letters, one of its kind in the tenant.
    name           text COLLATE "C" NOT NULL,
    full_name      text NOT NULL DEFAULT '',
    language       text NOT NULL DEFAULT 'zh' CHECK (language IN ('en', 'zh')),
    password_hash  text,
    totp_secret    bytea,
    -- The newest step whose code was used: no code opens twice.
    totp_step      bigint NOT NULL DEFAULT 0,
    created        timestamptz NOT NULL DEFAULT now(),
    disabled       timestamptz,
    PRIMARY KEY (tenant_id, user_id),
    UNIQUE (tenant_id, name)
);
CREATE TABLE account.user_role (
    tenant_id integer NOT NULL,
    user_id   text COLLATE "C" NOT NULL,
    role      text COLLATE "C" NOT NULL,
    expires   timestamptz,
    PRIMARY KEY (tenant_id, user_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES account.user_account
);
CREATE TABLE account.user_session (
    tenant_id  integer NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    user_id    text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created    timestamptz NOT NULL DEFAULT now(),
    last_seen  timestamptz NOT NULL DEFAULT now(),
    expires    timestamptz NOT NULL,
    address    text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, session_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES account.user_account
);
CREATE INDEX user_session_user ON account.user_session (tenant_id, user_id);
CREATE TABLE account.one_time_link (
    tenant_id  integer NOT NULL REFERENCES account.tenant,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    kind       text NOT NULL CHECK (kind IN ('first_start', 'invitation', 'reset', 'sign_in')),
    user_id    text COLLATE "C",
    created    timestamptz NOT NULL DEFAULT now(),
    expires    timestamptz NOT NULL,
    used       timestamptz,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES account.user_account,
    CHECK ((kind = 'first_start') = (user_id IS NULL))
);
CREATE TABLE account.audit_entry (
    tenant_id    integer NOT NULL REFERENCES account.tenant,
    entry_id     bigint GENERATED ALWAYS AS IDENTITY,
    record_time  timestamptz NOT NULL DEFAULT now(),
    -- The kind and the ID of who did it, and the name at that time.
    actor        text COLLATE "C" NOT NULL,
    actor_name   text NOT NULL,
    address      text NOT NULL,
    action       text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    why          text NOT NULL,
    before       jsonb,
    after        jsonb,
    PRIMARY KEY (tenant_id, entry_id)
);
ALTER TABLE account.api_key ADD COLUMN permissions text[];
"""

_FUNCTIONS = """
DROP FUNCTION account.find_api_key(bytea);
CREATE FUNCTION account.find_api_key(wanted bytea)
RETURNS TABLE (tenant_id integer, api_key_id text, name text, permissions text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT k.tenant_id, k.api_key_id, k.name, k.permissions FROM account.api_key AS k
    WHERE k.secret_hash = wanted AND k.revoked IS NULL
      AND (k.expires IS NULL OR k.expires > now())
$$;
CREATE FUNCTION account.find_session(wanted bytea, idle_s integer)
RETURNS TABLE (tenant_id integer, tenant_name text, session_id text, user_id text, name text,
               full_name text, language text, roles text[], idle interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.tenant_id, t.name, s.session_id, s.user_id, u.name, u.full_name, u.language,
           ARRAY(SELECT r.role FROM account.user_role AS r
                 WHERE r.tenant_id = s.tenant_id AND r.user_id = s.user_id
                   AND (r.expires IS NULL OR r.expires > now()) ORDER BY r.role),
           now() - s.last_seen
    FROM account.user_session AS s
    JOIN account.user_account AS u ON u.tenant_id = s.tenant_id AND u.user_id = s.user_id
    JOIN account.tenant AS t ON t.tenant_id = s.tenant_id
    WHERE s.token_hash = wanted AND u.disabled IS NULL AND s.expires > now()
      AND s.last_seen > now() - make_interval(secs => idle_s)
$$;
CREATE FUNCTION account.find_link(wanted bytea)
RETURNS TABLE (tenant_id integer, tenant_name text, kind text, user_id text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.tenant_id, t.name, l.kind, l.user_id, u.name
    FROM account.one_time_link AS l
    JOIN account.tenant AS t ON t.tenant_id = l.tenant_id
    LEFT JOIN account.user_account AS u ON u.tenant_id = l.tenant_id AND u.user_id = l.user_id
    WHERE l.token_hash = wanted AND l.used IS NULL AND l.expires > now() AND u.disabled IS NULL
$$;
-- 0 for a name that no tenant has, which is the number of none.
CREATE FUNCTION account.find_tenant(wanted text) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce((SELECT t.tenant_id FROM account.tenant AS t WHERE t.name = wanted), 0)
$$;
"""
_ASKED = (
    "find_api_key(bytea)",
    "find_session(bytea, integer)",
    "find_link(bytea)",
    "find_tenant(text)",
)
_TABLE_NAMES = ("user_account", "user_role", "user_session", "one_time_link", "audit_entry")
_GRANTS = """
GRANT INSERT, UPDATE ON account.user_account TO suyuan_app;
GRANT INSERT, DELETE ON account.user_role TO suyuan_app;
GRANT INSERT, UPDATE, DELETE ON account.user_session TO suyuan_app;
GRANT INSERT, UPDATE, DELETE ON account.one_time_link TO suyuan_app;
GRANT INSERT ON account.audit_entry TO suyuan_app;
"""


def upgrade() -> None:
    """Make the tables, each under row-level security, and the questions asked as owner."""
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)
    for function in _ASKED:
        op.execute(f"REVOKE ALL ON FUNCTION account.{function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION account.{function} TO suyuan_app")
    for table in _TABLE_NAMES:
        op.execute(f"ALTER TABLE account.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE account.{table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON account.{table} TO suyuan_app "
            "USING (tenant_id = (SELECT current_setting('suyuan.tenant_id')::integer))"
        )
        op.execute(f"CREATE POLICY owner ON account.{table} TO suyuan_owner USING (true)")
        op.execute(f"GRANT SELECT ON account.{table} TO suyuan_app")
    op.execute(_GRANTS)
