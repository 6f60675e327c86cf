"""Cases, crates and pallets, and what is inside them. 容器

A case or a crate holds units of one lot: cartons with serial numbers, or cups by count. A
pallet holds cases and crates. A crate comes back and is used again, so each of its trips is a
container of its own here, with the same key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suyuan.demo._lots import Lot

__all__ = ["Container", "Pallet"]


class Container:
    """One case, or one trip of one crate, with units of one lot inside."""

    __slots__ = ("cartons", "count", "is_crate", "lot", "packed_at", "uri")

    def __init__(
        self,
        uri: str,
        lot: Lot,
        count: int,
        packed_at: int,
        *,
        cartons: list[str] | None = None,
        is_crate: bool = False,
    ) -> None:
        self.uri = uri
        self.lot = lot
        self.count = count
        self.packed_at = packed_at
        self.cartons = cartons if cartons is not None else []
        self.is_crate = is_crate

    @property
    def is_affected(self) -> bool:
        """Tell whether the lot inside has any of the planted contamination."""
        return self.lot.reached_at is not None


class Pallet:
    """A logistic unit with an SSCC: a full pallet of the plant or a mixed load for a shop."""

    __slots__ = ("containers", "ever_held", "ready_at", "uri")

    def __init__(self, uri: str, ready_at: int) -> None:
        self.uri = uri
        self.ready_at = ready_at
        self.containers: list[Container] = []
        self.ever_held: list[Container] = []

    def put(self, containers: list[Container]) -> None:
        """Stack containers on."""
        self.containers.extend(containers)
        self.ever_held.extend(containers)

    def remove(self, container: Container) -> None:
        """Take one container off."""
        self.containers.remove(container)

    def children(self) -> list[str]:
        """Give the keys of what is on it now."""
        return [container.uri for container in self.containers]

    @property
    def is_affected(self) -> bool:
        """Tell whether anything ever on it has any of the planted contamination."""
        return any(container.is_affected for container in self.ever_held)
