"""`python -m suyuan.cli` is `suyuan`."""

from suyuan.cli import main

main()
