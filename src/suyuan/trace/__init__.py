"""Genealogy: where it came from, where it went, what is affected. 追溯"""

__all__: list[str] = []
