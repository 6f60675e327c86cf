"""A wheel builds, holds all that the program reads, and runs in an environment of its own."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel where nothing of this folder is seen; only its dependencies are lent."""
    home = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", f"--python={python}", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    [packages] = home.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return home


def run(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    bare = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [str(home / "bin" / command[0]), *command[1:]],
        cwd=home,
        env=bare,
        capture_output=True,
        text=True,
    )


def test_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {
        str(page.relative_to(PACKAGE.parent))
        for page in PACKAGE.rglob("*")
        if page.is_file() and "__pycache__" not in page.parts
    }
    assert packed == ours
    assert {page for page in ours if page.endswith("messages.toml")}
    assert {page for page in ours if "/store/migrations/" in page}


def test_wheel_carries_its_licence_and_needs_no_development_tool(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [metadata] = [name for name in names if name.endswith(".dist-info/METADATA")]
        text = archive.read(metadata).decode()
    assert [name for name in names if name.endswith("/licenses/LICENSE")]
    assert "License-Expression: Apache-2.0" in text
    assert not [line for line in text.splitlines() if line.startswith("Requires-Dist: pytest")]


def test_installed_wheel_runs_from_its_own_files(installed: Path) -> None:
    found = run(installed, "python", "-c", "import suyuan; print(suyuan.__file__)")
    assert found.stdout.startswith(str(installed)), found.stderr
    helped = run(installed, "suyuan", "--help")
    assert helped.returncode == 0, helped.stderr
    assert "serve" in helped.stdout


def test_installed_wheel_finds_its_error_texts(installed: Path) -> None:
    code = "from suyuan.errors import message_catalogue; print(len(message_catalogue()))"
    counted = run(installed, "python", "-c", code)
    assert int(counted.stdout) > 50, counted.stderr
