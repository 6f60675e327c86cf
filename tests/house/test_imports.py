"""Imports point downwards only: a lower floor never knows a higher one."""

from tests.house.source import Module, imports, modules

# From the ground up. A package may import what stands on lower floors, never its own floor's
# neighbours. A new package needs a place here.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    frozenset({"attachment", "quantity", "settings", "tls"}),
    frozenset({"identifier"}),
    frozenset({"event", "tlog"}),
    frozenset({"store"}),
    frozenset({"journal"}),
    frozenset({"trace"}),
    frozenset(
        {"masterdata", "label", "production", "stock", "quality", "recall", "account", "demo"}
    ),
    frozenset({"importing", "place_map"}),
    frozenset({"api"}),
    frozenset({"serving"}),
    frozenset({"bench"}),
    frozenset({"cli"}),
)

# These decide and fold: what they know of the world comes in as arguments.
PURE = frozenset({"errors", "quantity", "identifier", "event", "tlog"})
WORLD = frozenset(
    {
        "aiohttp",
        "alembic",
        "asyncio",
        "fastapi",
        "http",
        "httpx",
        "multiprocessing",
        "psycopg",
        "psycopg_pool",
        "requests",
        "socket",
        "sqlalchemy",
        "starlette",
        "structlog",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "typer",
        "urllib.request",
        "uvicorn",
    }
)

# Written exceptions, with the reason.
TOUCHES = {
    ("suyuan.event._json_source", "tempfile"): "what follows a document's events may be needed "
    "before them, and a pipe can't be read twice",
}


def floor(part: str) -> int:
    for number, parts in enumerate(FLOORS):
        if part in parts:
            return number
    raise AssertionError(f"suyuan.{part} has no floor; give it one in FLOORS")


def foreign_parts(module: Module) -> set[tuple[str, int]]:
    """Give the other packages of ours that a module imports, with the line."""
    found = ((name.split("."), line) for name, line in imports(module))
    return {
        (name[1], line)
        for name, line in found
        if name[0] == "suyuan" and len(name) > 1 and name[1] not in {module.part, "__version__"}
    }


def test_every_package_has_a_floor() -> None:
    for module in modules():
        if module.part and not module.part.startswith("__"):
            floor(module.part)


def test_imports_point_downwards_only() -> None:
    upwards = [
        f"{module.place}:{line}: {module.part} imports {part}"
        for module in modules()
        if module.part and not module.part.startswith("__")
        for part, line in foreign_parts(module)
        if floor(part) >= floor(module.part)
    ]
    assert not upwards, "\n".join(upwards)


def test_private_modules_are_imported_by_their_own_package_alone() -> None:
    reached = [
        f"{module.place}:{line}: {name}"
        for module in modules()
        for name, line in imports(module)
        if name.startswith("suyuan.")
        and any(piece.startswith("_") and not piece.endswith("__") for piece in name.split("."))
        and name.split(".")[1] != module.part
    ]
    assert not reached, "\n".join(reached)


def test_what_decides_touches_neither_clock_nor_disk_nor_network() -> None:
    touched = [
        f"{module.place}:{line}: {name}"
        for module in modules()
        if module.part in PURE
        for name, line in imports(module)
        if (name in WORLD or name.split(".")[0] in WORLD) and (module.name, name) not in TOUCHES
    ]
    assert not touched, "\n".join(touched)
