"""`./run` prepares a fresh clone, is silent ever after, and mends what was cut off.

The real scripts, on a project of the same shape that needs nothing from a network.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.source import REPOSITORY

pytestmark = pytest.mark.slow

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "suyuan"
version = "0.1.0"
"""

# The least that pip takes for a project that can be installed from its folder.
BACKEND = """
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    info = "suyuan-0.1.0.dist-info/"
    pages = {
        "suyuan_said.py": "import sys\\ndef main():\\n    print(*sys.argv[1:])\\n",
        info + "METADATA": "Metadata-Version: 2.1\\nName: suyuan\\nVersion: 0.1.0\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nTag: py3-none-any\\n",
        info + "entry_points.txt": "[console_scripts]\\nsuyuan = suyuan_said:main\\n",
    }
    pages[info + "RECORD"] = "".join(name + ",,\\n" for name in [*pages, info + "RECORD"])
    with zipfile.ZipFile(folder + "/suyuan-0.1.0-py3-none-any.whl", "w") as wheel:
        for name, text in pages.items():
            wheel.writestr(name, text)
    return "suyuan-0.1.0-py3-none-any.whl"
"""


# What `python -m venv` takes so long with is to install pip; it is lent instead. That it does so
# in truth, and with what else is needed, `./test` has shown before it came here.
QUICK_PYTHON = """#!/bin/sh
[ "$*" = "-I -m venv .venv" ] || exec '{python}' "$@"
'{python}' -I -m venv --without-pip .venv && ln -s '{pip}' .venv/lib/python*/site-packages/
"""


def make_clone(folder: Path) -> Path:
    clone = folder / "a clone"
    clone.mkdir()
    shutil.copy(REPOSITORY / "run", clone)
    shutil.copytree(REPOSITORY / "scripts", clone / "scripts")
    (clone / "pyproject.toml").write_text(PROJECT)
    (clone / "backend.py").write_text(BACKEND)
    (clone / "requirements.lock").touch()
    (clone / "requirements-dev.lock").touch()
    lent = importlib.util.find_spec("pip")
    assert lent is not None
    assert lent.origin is not None
    quick = QUICK_PYTHON.format(python=sys.executable, pip=Path(lent.origin).parent)
    (clone / "python").write_text(quick)
    (clone / "python").chmod(0o755)
    return clone


@dataclass(frozen=True)
class Started:
    """A clone, and how two first runs of it at once ended: status, output, errors."""

    clone: Path
    ended: list[tuple[int, str, str]]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Started:
    clone = make_clone(tmp_path_factory.mktemp("project"))
    both = [
        subprocess.Popen(
            [str(clone / "run"), "code", "a b"],
            env=environment(clone),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    ended = [(one.returncode, *texts) for one, texts in zip(both, said, strict=True)]
    return Started(clone, ended)


@pytest.fixture
def clone(started: Started) -> Path:
    """Give a clone that was set up; each test leaves it so."""
    return started.clone


def environment(clone: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return kept | {"SUYUAN_PYTHON": str(clone / "python"), "PIP_NO_INDEX": "1"} | more


def run(clone: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [str(clone / "run"), *arguments]
    return subprocess.run(command, env=environment(clone, **more), capture_output=True, text=True)


def test_two_first_runs_at_once_both_work_and_one_says_in_a_line_what_it_does(
    started: Started,
) -> None:
    assert [one[:2] for one in started.ended] == [(0, "code a b\n")] * 2, started.ended
    quiet, telling = sorted(errors for _, _, errors in started.ended)
    assert quiet == ""
    assert telling.startswith("Setting up with Python 3.")
    assert telling.count("\n") == 1


def test_later_runs_say_nothing_and_show_the_demo_by_default(clone: Path) -> None:
    again = run(clone)
    assert (again.returncode, again.stdout, again.stderr) == (0, "serve --demo\n", "")


def test_changed_lock_is_taken_in_by_the_next_run(clone: Path) -> None:
    (clone / "requirements.lock").write_text("# another\n")
    assert run(clone).stderr.startswith("Setting up")
    assert run(clone).stderr == ""


def test_set_up_that_failed_says_why_and_is_done_afresh(clone: Path) -> None:
    lock = clone / "requirements.lock"
    lock.write_text("absent==1 --hash=sha256:" + "0" * 64 + "\n")
    refused = run(clone)
    assert refused.returncode == 1
    assert "Is there a network? The next call tries again." in refused.stderr
    half_written = clone / ".venv" / "half-written"
    half_written.touch()
    lock.write_text("")
    mended = run(clone)
    assert (mended.returncode, mended.stdout) == (0, "serve --demo\n"), mended.stderr
    assert not half_written.exists()


def test_copied_clone_is_set_up_for_its_new_place(clone: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(clone, tmp_path / "copied", symlinks=True))
    assert run(copied).stdout == "serve --demo\n"
    assert "a clone" not in (copied / ".venv" / "bin" / "suyuan").read_text()


def test_unfit_interpreter_is_named_in_one_sentence(clone: Path) -> None:
    refused = run(clone, SUYUAN_PYTHON="/bin/false")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("suyuan: SUYUAN_PYTHON=/bin/false is not Python 3.11")
    assert refused.stderr.count("\n") == 1
