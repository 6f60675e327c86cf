"""The tree against RFC 6962 itself, and proof checking against everything that is no proof."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import IntegrityBroken, InvalidInput, SuyuanError
from suyuan.tlog import (
    SIZE_MAX,
    TreeFrontier,
    empty_root,
    leaf_hash,
    leaf_hashes,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.tlog import oracle

# The leaves and roots that Certificate Transparency's own tests use.
CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_hashes_are_those_of_rfc_6962():
    assert leaf_hash(b"ab") == hashlib.sha256(b"\x00ab").digest()
    assert leaf_hashes([b"ab", b""]) == leaf_hash(b"ab") + leaf_hash(b"")
    assert (
        node_hash(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
    )
    assert empty_root() == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_of_certificate_transparency_are_met(size):
    frontier = TreeFrontier()
    frontier.append([leaf_hash(leaf) for leaf in CT_LEAVES[:size]])
    assert frontier.root().hex() == CT_ROOTS[size]
    assert oracle.root([leaf_hash(leaf) for leaf in CT_LEAVES[:size]]).hex() == CT_ROOTS[size]


def test_every_inclusion_proof_of_small_trees_holds_at_its_index_only():
    for size in range(1, 20):
        leaves = oracle.leaf_hashes(size)
        root = oracle.root(leaves)
        for index, leaf in enumerate(leaves):
            proof = oracle.path(index, leaves)
            verify_inclusion(leaf, index=index, size=size, root=root, proof=proof)
            for other in range(size):
                if other != index:
                    with pytest.raises(SuyuanError):
                        verify_inclusion(leaf, index=other, size=size, root=root, proof=proof)


def test_every_consistency_proof_of_small_trees_holds():
    for new_size in range(20):
        leaves = oracle.leaf_hashes(new_size)
        for old_size in range(new_size + 1):
            proof = oracle.consistency(old_size, leaves) if old_size else []
            verify_consistency(
                old_size=old_size,
                old_root=oracle.root(leaves[:old_size]),
                new_size=new_size,
                new_root=oracle.root(leaves),
                proof=proof,
            )


@given(st.integers(1, 3000), st.data())
def test_inclusion_proofs_of_any_tree_hold(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = oracle.leaf_hashes(size)
    proof = oracle.path(index, leaves)
    root = oracle.root(leaves)
    verify_inclusion(leaves[index], index=index, size=size, root=root, proof=proof)


def wrong_lists(proof):
    """A proof with one thing wrong in it, each way."""
    other = oracle.leaf_hashes(1, seed=9)[0]
    yield [*proof, other]
    yield [other, *proof]
    for i, step in enumerate(proof):
        yield [*proof[:i], *proof[i + 1 :]]
        yield [*proof[:i], bytes([step[0] ^ 1]) + step[1:], *proof[i + 1 :]]
        yield [*proof[:i], step[:-1] + bytes([step[-1] ^ 0x80]), *proof[i + 1 :]]
        yield [*proof[:i], step[:-1], *proof[i + 1 :]]
        yield [*proof[:i], step + b"\0", *proof[i + 1 :]]
        yield [*proof[:i], b"", *proof[i + 1 :]]
        yield [*proof[: i + 1], step, *proof[i + 1 :]]
        if i and proof[i - 1] != step:
            yield [*proof[: i - 1], step, proof[i - 1], *proof[i + 1 :]]


@given(st.integers(1, 300), st.data())
def test_changed_inclusion_proof_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = oracle.leaf_hashes(size)
    root = oracle.root(leaves)
    proof = oracle.path(index, leaves)
    wrong = oracle.leaf_hashes(1, seed=1)[0]
    for changed in wrong_lists(proof):
        with pytest.raises(SuyuanError):
            verify_inclusion(leaves[index], index=index, size=size, root=root, proof=changed)
    with pytest.raises(IntegrityBroken, match="leads to root"):
        verify_inclusion(wrong, index=index, size=size, root=root, proof=proof)
    with pytest.raises(IntegrityBroken, match="leads to root"):
        verify_inclusion(leaves[index], index=index, size=size, root=wrong, proof=proof)


@given(st.integers(1, 300), st.data())
def test_changed_consistency_proof_is_refused(new_size, data):
    old_size = data.draw(st.integers(1, new_size))
    leaves = oracle.leaf_hashes(new_size)
    sizes = {"old_size": old_size, "new_size": new_size}
    roots = {"old_root": oracle.root(leaves[:old_size]), "new_root": oracle.root(leaves)}
    proof = oracle.consistency(old_size, leaves)
    verify_consistency(**sizes, **roots, proof=proof)
    for changed in wrong_lists(proof):
        with pytest.raises(SuyuanError):
            verify_consistency(**sizes, **roots, proof=changed)
    wrong = oracle.leaf_hashes(1, seed=1)[0]
    for name in roots:
        with pytest.raises(IntegrityBroken):
            verify_consistency(**sizes, **(roots | {name: wrong}), proof=proof)


@given(st.integers(2, 200), st.data())
def test_history_that_was_rewritten_has_no_consistency_proof(new_size, data):
    old_size = data.draw(st.integers(1, new_size - 1))
    changed = data.draw(st.integers(0, old_size - 1))
    leaves = oracle.leaf_hashes(new_size)
    old_root = oracle.root(leaves[:old_size])
    leaves[changed] = oracle.leaf_hashes(1, seed=1)[0]
    with pytest.raises(IntegrityBroken) as refusal:
        verify_consistency(
            old_size=old_size,
            old_root=old_root,
            new_size=new_size,
            new_root=oracle.root(leaves),
            proof=oracle.consistency(old_size, leaves),
        )
    assert refusal.value.code == "tlog.consistency_not_proven"


HASH = oracle.leaf_hashes(1)[0]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"index": 0, "size": 0}, "tlog.tree_empty"),
        ({"index": -1, "size": 5}, "tlog.index_out_of_range"),
        ({"index": 5, "size": 5}, "tlog.index_out_of_range"),
        ({"index": 0, "size": -1}, "tlog.size_out_of_range"),
        ({"index": 0, "size": SIZE_MAX + 1}, "tlog.size_out_of_range"),
        ({"leaf": HASH[1:]}, "tlog.hash_length_wrong"),
        ({"leaf": b""}, "tlog.hash_length_wrong"),
        ({"root": HASH + b"\0"}, "tlog.hash_length_wrong"),
        ({"proof": [HASH]}, "tlog.proof_length_wrong"),
    ],
)
def test_question_about_inclusion_that_makes_no_sense_is_refused(question, code):
    asked = {"leaf": HASH, "index": 0, "size": 1, "root": HASH, "proof": []} | question
    with pytest.raises(InvalidInput) as refusal:
        verify_inclusion(asked.pop("leaf"), **asked)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"old_size": 2}, "tlog.size_out_of_range"),
        ({"old_size": -1}, "tlog.size_out_of_range"),
        ({"new_size": SIZE_MAX + 1}, "tlog.size_out_of_range"),
        ({"old_root": b""}, "tlog.hash_length_wrong"),
        ({"new_root": HASH[:-1]}, "tlog.hash_length_wrong"),
        ({"proof": [HASH]}, "tlog.proof_length_wrong"),
        ({"old_size": 0, "old_root": empty_root(), "proof": [HASH]}, "tlog.proof_length_wrong"),
        ({"new_size": 2, "proof": []}, "tlog.proof_length_wrong"),
        ({"new_size": 3, "proof": [HASH]}, "tlog.proof_length_wrong"),
        ({"new_size": 2, "proof": [b""]}, "tlog.hash_length_wrong"),
    ],
)
def test_question_about_consistency_that_makes_no_sense_is_refused(question, code):
    asked = {"old_size": 1, "old_root": HASH, "new_size": 1, "new_root": HASH, "proof": []}
    with pytest.raises(InvalidInput) as refusal:
        verify_consistency(**(asked | question))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "claim",
    [
        {"old_size": 0, "old_root": HASH, "new_size": 0, "new_root": HASH},
        {"old_size": 0, "old_root": empty_root(), "new_size": 0, "new_root": HASH},
        {"old_size": 0, "old_root": HASH, "new_size": 7, "new_root": HASH},
        {"old_size": 7, "old_root": HASH, "new_size": 7, "new_root": empty_root()},
    ],
)
def test_empty_and_equal_trees_must_have_the_same_roots(claim):
    with pytest.raises(IntegrityBroken, match="do not share one history"):
        verify_consistency(**claim, proof=[])


def test_empty_tree_begins_every_tree():
    verify_consistency(
        old_size=0, old_root=empty_root(), new_size=0, new_root=empty_root(), proof=[]
    )
    verify_consistency(old_size=0, old_root=empty_root(), new_size=7, new_root=HASH, proof=[])


def test_leaf_is_never_taken_for_a_node():
    """Without the prefixes a node's two children would pass as one leaf (RFC 6962 section 2.1)."""
    left, right = oracle.leaf_hashes(2)
    assert leaf_hash(left + right) != node_hash(left, right)
