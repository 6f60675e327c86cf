"""The documentation keeps up with the program: pages, links, commands, settings."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs import generate

from tests.house.source import REPOSITORY

DOCS = REPOSITORY / "docs"
TOP_PAGES = ("README.md", "README.zh.md", "CONTRIBUTING.md")
PAGES = sorted(
    [REPOSITORY / name for name in TOP_PAGES]
    + [*DOCS.rglob("*.md"), *(REPOSITORY / "changelog.d").glob("*.md")]
)
OTHER_VARIABLES = {
    "SUYUAN_CONFIG",  # which settings file
    "SUYUAN_CONFORMANCE_DIR",  # tests
    "SUYUAN_LANG",  # the language of the command line
    "SUYUAN_PYTHON",  # ./run and ./test
}


def place(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def is_generated(page: Path) -> bool:
    return page.parent == generate.REFERENCE and page.name in generate.PAGES


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """Give the lines outside code blocks, with their numbers."""
    is_code = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield number, line


def links(page: Path) -> Iterator[Path]:
    for _, line in prose(page):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if not re.match(r"[a-z]+:", target) and not target.startswith("#"):
                yield (page.parent / target.partition("#")[0]).resolve()


def shell_commands(page: Path) -> Iterator[list[str]]:
    """Give every call of ours in the shell blocks of a page, as its words."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for piece in re.split(r"\||&&|;", line.removeprefix("$ ")):
                said = shlex.split(piece, comments=True)
                if said and said[0] in {"./run", "suyuan"}:
                    yield said


@pytest.mark.parametrize("name", generate.PAGES)
def test_generated_page_is_up_to_date(name: str) -> None:
    assert not generate.is_stale(name), "run: python docs/generate.py"


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert not [str(target) for target in links(page) if not target.exists()]


def test_every_page_can_be_reached_from_the_first() -> None:
    reached, ahead = set(), [DOCS / "index.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            ahead += [target for target in links(page) if target.is_file()]
    assert not {place(page) for page in DOCS.rglob("*.md")} - {place(page) for page in reached}


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_commands_of_a_page_exist_with_their_options(page: Path) -> None:
    calls = list(shell_commands(page))
    if not calls:
        return
    known = {words.removeprefix("suyuan").strip(): made for words, made in generate.commands()}
    for said in calls:
        given = [word for word in said[1:] if not word.startswith("-")]
        name = next((n for n in (" ".join(given[:2]), "".join(given[:1])) if n in known), "?")
        assert name in known, said
        options = {"--help", *(o for p in known[name].params for o in [*p.opts, *p.secondary_opts])}
        used = {word.partition("=")[0] for word in said[1:] if re.match(r"--?[a-z]", word)}
        assert used <= options, said


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_settings_that_a_page_names_exist(page: Path) -> None:
    from suyuan.settings import Settings

    known = {f"SUYUAN_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    named = set(re.findall(r"SUYUAN_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
    assert named <= known


@pytest.mark.parametrize("page", [page for page in PAGES if not is_generated(page)], ids=place)
def test_prose_has_one_sentence_a_line(page: Path) -> None:
    crowded = [
        f"{place(page)}:{number}: {line}"
        for number, line in prose(page)
        if not line.startswith("|")
        and re.search(r"[^\d\s.][.!?]\)? +[A-Z]|[。！？][^」）\s*`]", re.sub(r"`[^`]*`", "`", line))
    ]
    assert not crowded, "\n".join(crowded)


def test_changelog_fragments_are_one_sentence_of_a_known_kind() -> None:
    for page in (REPOSITORY / "changelog.d").glob("*"):
        if page.name != "README.md":
            assert re.fullmatch(r"\d+(-\w+)?\.(added|changed|fixed|security)\.md", page.name)
            text = page.read_text(encoding="utf-8")
            assert text.count("\n") == 1, place(page)
            assert text.endswith(".\n"), place(page)


def test_decisions_are_numbered_and_say_context_decision_and_consequences() -> None:
    pages = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. "), place(page)
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], place(page)
