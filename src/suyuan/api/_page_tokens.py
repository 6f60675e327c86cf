"""Page tokens: where the next page begins, signed so that nobody can make one up. 分页令牌

A token holds its own state: who may use it, for which question, until when, and where to go
on. So any server process on the same database can answer the next page. A token that was
given back is remembered until it would have expired.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from suyuan.api._problem import HttpProblem, refuse
from suyuan.store import Database

__all__ = ["PageTokens"]

_SIGNATURE_BYTES = 16
_LENGTH_MAX = 4_000
State = TypeVar("State")


class _Content(msgspec.Struct, array_like=True):
    question: bytes
    expires: int
    state: msgspec.Raw


class PageTokens:
    """Makes and reads the tokens of all tenants."""

    def __init__(
        self, database: Database, lifetime_s: int, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._lifetime_s = lifetime_s
        self._clock = clock
        self._secrets: dict[int, bytes] = {}

    def make(self, tenant_id: int, question: str, state: object) -> tuple[str, datetime]:
        """Give a token for going on with a question, and when it expires."""
        expires = int(self._clock()) + self._lifetime_s
        content = msgspec.msgpack.encode(
            _Content(_digest(question), expires, msgspec.Raw(msgspec.msgpack.encode(state)))
        )
        token = base64.urlsafe_b64encode(content + self._signature(tenant_id, content))
        return token.decode().rstrip("="), datetime.fromtimestamp(expires, UTC)

    def read(self, tenant_id: int, question: str, token: str, kind: type[State]) -> State:
        """Give the state in a token. Raises QueryParameterException when it is no use."""
        content = self._open(tenant_id, token)
        if not hmac.compare_digest(content.question, _digest(question)):
            raise _useless("api.page_token_foreign")
        if self._is_released(tenant_id, token):
            raise _useless("api.page_token_expired")
        return msgspec.msgpack.decode(content.state, type=kind)

    def release(self, tenant_id: int, token: str) -> None:
        """Make a token useless from now on. Raises as `read` does."""
        content = self._open(tenant_id, token)
        with self._database.tenant(tenant_id) as connection:
            connection.execute(
                "DELETE FROM epcis.released_page_token WHERE tenant_id = %s AND expires < now()",
                (tenant_id,),
            )
            connection.execute(
                "INSERT INTO epcis.released_page_token (tenant_id, token_hash, expires) "
                "VALUES (%s, %s, to_timestamp(%s)) ON CONFLICT DO NOTHING",
                (tenant_id, _token_hash(token), content.expires),
            )

    def _open(self, tenant_id: int, token: str) -> _Content:
        try:
            if len(token) > _LENGTH_MAX:
                raise ValueError(token)
            data = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
            signed, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
            if not hmac.compare_digest(signature, self._signature(tenant_id, signed)):
                raise ValueError(token)
            content = msgspec.msgpack.decode(signed, type=_Content)
        except (ValueError, msgspec.DecodeError) as error:
            raise _useless("api.page_token_wrong") from error
        if content.expires < self._clock():
            raise _useless("api.page_token_expired")
        return content

    def _is_released(self, tenant_id: int, token: str) -> bool:
        with self._database.tenant(tenant_id, read_only=True) as connection:
            row = connection.execute(
                "SELECT FROM epcis.released_page_token WHERE tenant_id = %s AND token_hash = %s",
                (tenant_id, _token_hash(token)),
            ).fetchone()
        return row is not None

    def _signature(self, tenant_id: int, content: bytes) -> bytes:
        secret = self._secrets.get(tenant_id)
        if secret is None:
            with self._database.tenant(tenant_id, read_only=True) as connection:
                row = connection.execute(
                    "SELECT page_secret FROM account.tenant WHERE tenant_id = %s", (tenant_id,)
                ).fetchone()
            assert row is not None, f"there is no tenant {tenant_id}"
            secret = self._secrets[tenant_id] = bytes(row[0])
        return hmac.digest(secret, content, "sha256")[:_SIGNATURE_BYTES]


def _digest(question: str) -> bytes:
    return hashlib.sha256(question.encode()).digest()[:12]


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _useless(code: str) -> HttpProblem:
    return refuse("QueryParameterException", code, where="nextPageToken")
