"""The Merkle tree of RFC 6962 with SHA-256: hashes of leaves and nodes, and proof checking.

Set in stone: a leaf hashes as SHA-256(0x00 ‖ leaf), a node as SHA-256(0x01 ‖ left ‖ right),
the tree without leaves as SHA-256 of nothing; a tree splits at the largest power of two
below its size. Every proof ever given out depends on it.

The checks here need nothing but the proof: a stranger can run them. RFC 9162 section 2.1
words the same tree anew and is the source of the algorithms of proof checking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from hmac import compare_digest

from suyuan.errors import IntegrityBroken, InvalidInput, Problem

__all__ = [
    "HASH_BYTES",
    "SIZE_MAX",
    "check_hash_lengths",
    "check_index",
    "check_order",
    "check_sizes",
    "empty_root",
    "hash_pairs",
    "leaf_hash",
    "leaf_hashes",
    "node_hash",
    "root_from_inclusion",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
SIZE_MAX = 2**63 - 1  # What the database and every other reader of checkpoints can hold.

_EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(entries: Iterable[bytes]) -> bytes:
    """Hash many leaves; the hashes come packed one after the other, 32 bytes each."""
    return b"".join([sha256(b"\x00" + entry).digest() for entry in entries])


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node from its two children (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def empty_root() -> bytes:
    """Give the root of the tree without leaves (RFC 6962 section 2.1)."""
    return _EMPTY_ROOT


def hash_pairs(packed: bytes) -> bytes:
    """Hash each two neighbours of a packed row into the row above; the row must be even."""
    return b"".join(
        [sha256(b"\x01" + packed[i : i + 64]).digest() for i in range(0, len(packed), 64)]
    )


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the leaf hash stands at `index` in the tree of that size and root.

    Silent when proven (RFC 9162 section 2.1.3.2). Raises InvalidInput when the question or
    the shape of the proof is wrong (`tlog.size_out_of_range`, `tlog.tree_empty`,
    `tlog.index_out_of_range`, `tlog.hash_length_wrong`, `tlog.proof_length_wrong`),
    IntegrityBroken `tlog.inclusion_not_proven` when the hashes do not meet the root.
    """
    check_hash_lengths(("root", root))
    computed = root_from_inclusion(leaf, index=index, size=size, proof=proof)
    if not compare_digest(computed, root):
        raise IntegrityBroken(
            Problem(
                code="tlog.inclusion_not_proven",
                where=f"leaf[{index}]",
                rule="RFC 9162 section 2.1.3.2",
                expected=root.hex(),
                found=computed.hex(),
                values={"index": index, "size": size},
            )
        )


def root_from_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Compute the root that an inclusion proof leads to.

    Raises InvalidInput as `verify_inclusion` does. The root is worth nothing until it is
    compared with one that was signed.
    """
    check_index(index, size)
    inner, border = _path_lengths(index, size)
    _check_proof(proof, inner + border, rule="RFC 6962 section 2.1.1")
    check_hash_lengths(("leaf", leaf))
    return _climb_border(_climb(leaf, proof[:inner], index), proof[inner:])


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree begins with all of the old tree, unchanged.

    Silent when proven (RFC 9162 section 2.1.4.2). The tree without leaves begins every tree
    and a tree begins itself, both by the empty proof. Raises InvalidInput when the question
    or the shape of the proof is wrong, IntegrityBroken `tlog.consistency_not_proven` when
    the hashes do not meet the roots: then two histories exist.
    """
    check_hash_lengths(("old_root", old_root), ("new_root", new_root))
    check_order(old_size, new_size)
    if old_size in (0, new_size):
        _check_proof(proof, 0, rule="RFC 6962 section 2.1.2")
        _meet_root("old_root", empty_root() if old_size == 0 else new_root, old_root)
        if new_size == 0:
            _meet_root("new_root", empty_root(), new_root)
        return
    # The proof climbs from the last complete subtree that ends where the old tree ends.
    shift = (old_size & -old_size).bit_length() - 1
    inner, border = _path_lengths(old_size - 1, new_size)
    inner -= shift
    is_old_complete = old_size == 1 << shift  # Then its root is that subtree: not repeated.
    _check_proof(
        proof, inner + border + (0 if is_old_complete else 1), rule="RFC 6962 section 2.1.2"
    )
    seed, path = (old_root, proof) if is_old_complete else (proof[0], proof[1:])
    turns = (old_size - 1) >> shift
    left_only = [step for height, step in enumerate(path[:inner]) if turns >> height & 1]
    _meet_root("old_root", _climb_border(_climb_border(seed, left_only), path[inner:]), old_root)
    _meet_root("new_root", _climb_border(_climb(seed, path[:inner], turns), path[inner:]), new_root)


def check_sizes(*sizes: tuple[str, int]) -> None:
    """Refuse tree sizes below zero or above the limit; each comes with its name."""
    problems = [
        Problem(
            code="tlog.size_out_of_range", where=name, expected=f"0 … {SIZE_MAX}", found=str(size)
        )
        for name, size in sizes
        if not 0 <= size <= SIZE_MAX
    ]
    if problems:
        raise InvalidInput(problems)


def check_index(index: int, size: int) -> None:
    """Refuse an index at which a tree of that size has no leaf."""
    check_sizes(("size", size))
    if size == 0:
        raise InvalidInput(Problem(code="tlog.tree_empty", where="size", found="0"))
    if not 0 <= index < size:
        raise InvalidInput(
            Problem(
                code="tlog.index_out_of_range",
                where="index",
                expected=f"0 … {size - 1}",
                found=str(index),
            )
        )


def check_order(old_size: int, new_size: int) -> None:
    """Refuse an old tree that is larger than the new one."""
    check_sizes(("old_size", old_size), ("new_size", new_size))
    if old_size > new_size:
        raise InvalidInput(
            Problem(
                code="tlog.size_out_of_range",
                where="old_size",
                expected=f"0 … {new_size}",
                found=str(old_size),
            )
        )


def check_hash_lengths(*hashes: tuple[str, bytes]) -> None:
    """Refuse hashes that are not 32 bytes long; each comes with its name."""
    problems = [
        Problem(
            code="tlog.hash_length_wrong",
            where=name,
            expected=str(HASH_BYTES),
            found=str(len(value)),
        )
        for name, value in hashes
        if len(value) != HASH_BYTES
    ]
    if problems:
        raise InvalidInput(problems)


def _path_lengths(index: int, size: int) -> tuple[int, int]:
    """Say how long the path of a leaf is: up to where it joins the right edge, and along it."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(start: bytes, steps: Sequence[bytes], turns: int) -> bytes:
    """Climb where both turns are possible; bit h of `turns` is set where we are a right child."""
    result = start
    for height, step in enumerate(steps):
        result = node_hash(step, result) if turns >> height & 1 else node_hash(result, step)
    return result


def _climb_border(start: bytes, steps: Sequence[bytes]) -> bytes:
    """Climb along the right edge, where we are always the right child."""
    result = start
    for step in steps:
        result = node_hash(step, result)
    return result


def _check_proof(proof: Sequence[bytes], length: int, *, rule: str) -> None:
    if len(proof) != length:
        raise InvalidInput(
            Problem(
                code="tlog.proof_length_wrong",
                where="proof",
                rule=rule,
                expected=str(length),
                found=str(len(proof)),
            )
        )
    check_hash_lengths(*((f"proof[{i}]", step) for i, step in enumerate(proof)))


def _meet_root(name: str, computed: bytes, root: bytes) -> None:
    if not compare_digest(computed, root):
        raise IntegrityBroken(
            Problem(
                code="tlog.consistency_not_proven",
                where=name,
                rule="RFC 9162 section 2.1.4.2",
                expected=root.hex(),
                found=computed.hex(),
            )
        )
