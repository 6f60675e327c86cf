"""Serving: one process that answers, or several at one door with one above them. 服务进程"""

from suyuan.serving._encrypted import Encryption, helping, is_encrypted
from suyuan.serving._processes import Processes, count_together, get_ready, processes_wanted
from suyuan.serving._server import Server, config_of

__all__ = [
    "Encryption",
    "Processes",
    "Server",
    "config_of",
    "count_together",
    "get_ready",
    "helping",
    "is_encrypted",
    "processes_wanted",
]
