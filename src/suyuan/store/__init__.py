"""The store: PostgreSQL embedded or given, migrations, tenants, backup. 存储"""

from suyuan.store._backup import restore_backup, write_backup
from suyuan.store._database import Connection, Database, open_database, translated_errors
from suyuan.store._server import EmbeddedServer, client_binary
from suyuan.store._watch import ServerWatch

__all__ = [
    "Connection",
    "Database",
    "EmbeddedServer",
    "ServerWatch",
    "client_binary",
    "open_database",
    "restore_backup",
    "translated_errors",
    "write_backup",
]
