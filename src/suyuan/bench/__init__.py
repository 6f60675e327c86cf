"""Benchmarks: every speed budget, measured beside a baseline in the same run. 性能测试

They ship with the product, so that anybody can measure their own machine.
"""

from suyuan.bench._figure import Figure, Report, at_least, at_most, machine
from suyuan.bench._record import BENCHES

__all__ = ["BENCHES", "Figure", "Report", "at_least", "at_most", "machine"]
