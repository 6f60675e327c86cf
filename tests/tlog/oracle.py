"""RFC 6962 section 2.1 as it stands there: recursive, slow, and sharing no line with ours."""

import hashlib
from collections.abc import Iterator, Sequence


def split(size: int) -> int:
    """The largest power of two smaller than size."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH, over leaf hashes."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    both = root(leaves[:middle]) + root(leaves[middle:])
    return hashlib.sha256(bytes([1]) + both).digest()


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH."""
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*path(index, leaves[:middle]), root(leaves[middle:])]
    return [*path(index - middle, leaves[middle:]), root(leaves[:middle])]


def consistency(old_size: int, leaves: Sequence[bytes], *, is_whole: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF."""
    if old_size == len(leaves):
        return [] if is_whole else [root(leaves)]
    middle = split(len(leaves))
    if old_size <= middle:
        return [
            *consistency(old_size, leaves[:middle], is_whole=is_whole),
            root(leaves[middle:]),
        ]
    return [
        *consistency(old_size - middle, leaves[middle:], is_whole=False),
        root(leaves[:middle]),
    ]


def damaged(data: bytes) -> Iterator[bytes]:
    """Every bit flipped, and every byte lost, doubled, swapped with the next, or put before
    something that readers like to overlook; every beginning and every end of the data."""
    for i, byte in enumerate(data):
        before, after = data[:i], data[i + 1 :]
        yield from (before + bytes([byte ^ 1 << bit]) + after for bit in range(8))
        yield before + after
        yield before + bytes([byte, byte]) + after
        yield from (before + extra + data[i:] for extra in (b"\n", b" ", b"\0", b"=", b"0"))
        if after and after[0] != byte:
            yield before + after[:1] + bytes([byte]) + after[1:]
        yield before
        yield after
    yield from (data + extra for extra in (b"\n", b" ", b"\0", b"=", b"0", data))


def leaf_hashes(count: int, *, seed: int = 0) -> list[bytes]:
    """Some different hashes."""
    return [hashlib.sha256(b"%d %d" % (seed, i)).digest() for i in range(count)]
