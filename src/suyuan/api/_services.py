"""What all requests share: the database, a journal a tenant, keys, tokens, jobs, counters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from starlette.requests import Request

from suyuan.account import Actor, Caller, KeyHolders, SignIns
from suyuan.api._attention import Attention
from suyuan.api._backups import Backups
from suyuan.api._house import House
from suyuan.api._known import Known
from suyuan.api._metrics import Metrics
from suyuan.api._page_tokens import PageTokens
from suyuan.api._pulse import Pulse
from suyuan.api._turns import Turns
from suyuan.journal import Journal, Journals, Origin
from suyuan.settings import Settings
from suyuan.store import Database
from suyuan.trace import Genealogy, Presence, Search, index_folder

__all__ = [
    "Services",
    "actor_of",
    "address_of",
    "browser_of",
    "caller_of",
    "origin_of",
    "services_of",
]


@dataclass(slots=True)
class Services:
    """One of these stands behind each application."""

    database: Database
    settings: Settings
    holders: KeyHolders
    sign_ins: SignIns
    tokens: PageTokens
    metrics: Metrics
    known: Known
    pulse: Pulse
    search: Search
    backups: Backups
    house: House
    journals: Journals
    attention: Attention = field(default_factory=Attention)
    turns: Turns = field(default_factory=Turns)
    """In which small questions are answered."""
    is_demo: bool = False
    shown: object = None
    """What the start page remembers."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _genealogies: dict[int, Genealogy] = field(default_factory=dict)
    _presences: dict[int, Presence] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def journal(self, tenant_id: int) -> Journal:
        """Give the one journal of a tenant in this process: its callers share commits."""
        return self.journals.of(tenant_id)

    def genealogy(self, tenant_id: int) -> Genealogy:
        """Give the one genealogy of a tenant in this process."""
        with self._lock:
            if tenant_id not in self._genealogies:
                folder = index_folder(self.settings.data)
                self._genealogies[tenant_id] = Genealogy(self.database, tenant_id, folder)
            return self._genealogies[tenant_id]

    def genealogies(self) -> dict[int, Genealogy]:
        """Give those of all tenants that anybody has asked about, by tenant."""
        with self._lock:
            return dict(self._genealogies)

    def presence(self, tenant_id: int) -> Presence:
        """Give the one keeper of where everything of a tenant is in this process."""
        with self._lock:
            return self._presences.setdefault(tenant_id, Presence())


def services_of(request: Request) -> Services:
    """Give what the application of a request has."""
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


def caller_of(request: Request) -> Caller:
    """Give who asks; the gate has let nobody through without a key or a session."""
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


def address_of(request: Request) -> str:
    """Give the address that a request comes from."""
    return request.client.host if request.client else ""


def browser_of(request: Request) -> str:
    """Give what the browser of a request calls itself."""
    return request.headers.get("user-agent", "")


def actor_of(request: Request) -> Actor:
    """Give who asks as the audit trail names them."""
    return caller_of(request).actor(address_of(request))


def origin_of(request: Request) -> Origin:
    """Give who asks as the journal keeps who captured."""
    actor = actor_of(request)
    return Origin(actor.actor, actor.name, actor.address)
