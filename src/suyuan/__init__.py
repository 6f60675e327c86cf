"""Suyuan (溯源): production traceability, whole, fast and provable."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("suyuan")
