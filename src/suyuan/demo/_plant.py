"""One plant at work: its departments, and the day's plan. 工厂

A day starts at midnight: every department lays down what it will do and when; the agenda then
runs everything at its own moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Protocol

from suyuan.demo._agenda import Arrival
from suyuan.demo._butter import Butter
from suyuan.demo._cold_store import ColdStore
from suyuan.demo._crates import CratePool
from suyuan.demo._dispatch import Dispatch
from suyuan.demo._distribution import DistributionCentre
from suyuan.demo._farms import FarmRounds
from suyuan.demo._fermenting import Fermentation
from suyuan.demo._filling import Filling
from suyuan.demo._floor import Floor
from suyuan.demo._incidents import IncidentPlan
from suyuan.demo._ingredients import IngredientStore
from suyuan.demo._laboratory import Laboratory
from suyuan.demo._maintenance import Maintenance
from suyuan.demo._packing import Packing
from suyuan.demo._pasteurising import Pasteuriser
from suyuan.demo._places import Region
from suyuan.demo._returns import Returns
from suyuan.demo._shops import ShopFloor
from suyuan.demo._tanks import Tanks
from suyuan.demo._times import DAY, MINUTE

__all__ = ["Plant"]


class _Department(Protocol):
    """A part of the plant that plans its day at midnight."""

    def morning(self, moment: int) -> None: ...


class Plant:
    """One plant with its farms and customers, over a number of days."""

    def __init__(
        self,
        region: Region,
        *,
        seed: int,
        start: int,
        days: int,
        activity: float,
        plan: IncidentPlan,
    ) -> None:
        random = Random(f"suyuan demo {seed} {region.index}")  # noqa: S311 - a story, not a key
        floor = Floor(region, random, start=start, days=days, activity=activity, plan=plan)
        self.floor = floor
        maintenance = Maintenance(floor)
        laboratory = Laboratory(floor)
        ingredients = IngredientStore(floor)
        tanks = Tanks(floor)
        crates = CratePool(floor)
        returns = Returns(floor, tanks, crates)
        shops = [
            ShopFloor(floor, shop, number, returns, crates)
            for number, shop in enumerate(region.shops)
        ]
        half = len(shops) // 2
        centres = [
            DistributionCentre(floor, place, number, part, returns)
            for number, (place, part) in enumerate(
                zip(region.centres, (shops[:half], shops[half:]), strict=True)
            )
        ]
        cold_store = ColdStore(floor)
        dispatch = Dispatch(floor, cold_store, centres, maintenance)
        packing = Packing(floor, crates, cold_store)
        pasteuriser = Pasteuriser(floor, tanks, maintenance)
        fermentation = Fermentation(floor, pasteuriser, ingredients, maintenance)
        filling = Filling(floor, tanks, fermentation, ingredients, laboratory, packing, returns)
        farms = FarmRounds(floor, tanks, laboratory, maintenance)
        butter = Butter(floor, tanks, cold_store)
        self._tanks = tanks
        self._departments: tuple[_Department, ...] = (
            maintenance,
            ingredients,
            tanks,
            farms,
            pasteuriser,
            filling,
            fermentation,
            returns,
            butter,
            cold_store,
            dispatch,
            *centres,
            *shops,
        )

    def run(self) -> Iterator[Arrival]:
        """Live through all days, and give the events in order of arrival.

        What has not arrived when the last day ends does not arrive at all.
        """
        floor = self.floor
        for day in range(floor.days):
            midnight = floor.start + day * DAY
            floor.at(midnight, self._start_day)
            floor.at(floor.moment(day, 21.5), self._tanks.evening)
        end = floor.start + floor.days * DAY
        for moment in floor.agenda.run(end):
            yield from floor.outbox.release(moment)
        yield from floor.outbox.release(end)

    def _start_day(self, midnight: int) -> None:
        for department in self._departments:
            department.morning(midnight + MINUTE)
