"""What must not stand in any committed file: a machine's paths, registry hosts, loose ends."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import REPOSITORY

# Written with brackets so that this file does not find itself.
PLACES = re.compile(
    r"(?<![\w.:])/(?:w[o]rk|r[o]ot|f[a]rm|h[o]me/[a-z]+)/|/tmp/b[a]sh_"
    r"|p[y]thonhosted|n[p]mjs[.]org|p[y]pi[.]org|d[e]bian[.]org"
)
LOOSE_ENDS = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X)\b|raise N[o]tImplementedError")


def committed_files() -> list[Path]:
    """Give what git knows or would add; everything outside hidden folders where git is missing."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git can't say what is committed here")
    return [REPOSITORY / name for name in listed if name and (REPOSITORY / name).is_file()]


def lines_with(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    found = []
    for page in files:
        try:
            text = page.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{page.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def test_no_file_names_a_path_of_one_machine_or_a_package_registry() -> None:
    found = lines_with(PLACES, committed_files())
    assert not found, "\n".join(found)


def test_nothing_is_left_for_later() -> None:
    sources = [page for page in committed_files() if page.suffix in {".py", ".sql", ".toml", ".sh"}]
    found = lines_with(LOOSE_ENDS, sources)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "page",
    sorted((REPOSITORY / "web/src/texts").rglob("*.json")),
    ids=lambda page: "/".join(page.parts[-2:]),
)
def test_no_text_of_the_pages_has_the_key_of_another(page: Path) -> None:
    twice: list[str] = []

    def noted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in keys if keys.count(key) > 1)
        return dict(pairs)

    json.loads(page.read_text(encoding="utf-8"), object_pairs_hook=noted)
    assert not twice
