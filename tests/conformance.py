"""Where the standards' own documents and vectors are, which no file here copies."""

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parent.parent


def conformance_dir(*parts: str) -> Path:
    """Give a folder of the conformance data, or skip the module with a plain reason."""
    root = Path(
        os.environ.get("SUYUAN_CONFORMANCE_DIR", _REPOSITORY.parent / "shared" / "conformance")
    )
    folder = root.joinpath(*parts)
    if not folder.exists():
        pytest.skip(
            f"the standards' conformance data is not at {root}; "
            "set SUYUAN_CONFORMANCE_DIR to run these tests",
            allow_module_level=True,
        )
    return folder
