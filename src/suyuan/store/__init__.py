"""The store: PostgreSQL embedded or given, migrations, tenants, backup. 存储"""

from suyuan.store._backup import (
    BackupRecord,
    backup_folder,
    backup_under_way,
    list_backups,
    restore_backup,
    write_backup,
)
from suyuan.store._call import Function
from suyuan.store._database import Connection, Database, open_database, translated_errors
from suyuan.store._locked import locked
from suyuan.store._server import EmbeddedServer, client_binary
from suyuan.store._watch import ServerWatch
from suyuan.store._worker import JobWorker, Stopping

__all__ = [
    "BackupRecord",
    "Connection",
    "Database",
    "EmbeddedServer",
    "Function",
    "JobWorker",
    "ServerWatch",
    "Stopping",
    "backup_folder",
    "backup_under_way",
    "client_binary",
    "list_backups",
    "locked",
    "open_database",
    "restore_backup",
    "translated_errors",
    "write_backup",
]
