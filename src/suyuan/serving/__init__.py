"""Serving: one process that answers, or several at one door with one above them. 服务进程"""

from suyuan.serving._encrypted import Encryption, helping, is_encrypted
from suyuan.serving._processes import Processes
from suyuan.serving._server import Server, config_of

__all__ = [
    "Encryption",
    "Processes",
    "Server",
    "config_of",
    "helping",
    "is_encrypted",
]
