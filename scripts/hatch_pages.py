"""The build hook that puts the pages for the browser into a wheel. 构建钩子"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the pages before they are packed; an editable installation shows those in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages unless they are there, made from the same files."""
        root = Path(self.root)
        if version == "editable" or not (root / "web").is_dir():
            return  # A source distribution carries the pages themselves.
        subprocess.run([root / "scripts" / "build-pages"], check=True)
