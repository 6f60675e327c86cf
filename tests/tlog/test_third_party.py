"""Verifiers written by strangers agree with us: pymerkle always, Go's where Go is installed.

The Go packages golang.org/x/mod/sumdb/note and tlog are those that every `go get` trusts; the
C2SP formats were drawn from them. Debian: `apt-get install golang-go golang-golang-x-mod-dev`.
"""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pymerkle import InmemoryTree
from pymerkle import verify_consistency as pymerkle_consistency
from pymerkle import verify_inclusion as pymerkle_inclusion
from pymerkle.proof import InclusionProof, InvalidProof

from suyuan.errors import IntegrityBroken
from suyuan.tlog import (
    Checkpoint,
    LogEntry,
    Tile,
    TileAddress,
    TreeFrontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    open_checkpoint,
    open_note,
    parse_signing_key,
    parse_verifier_key,
    sign_checkpoint,
    verify_consistency,
    verify_inclusion,
)
from tests.tlog.keys import KEY, ORIGIN
from tests.tlog.memory_tiles import MemoryTiles

SIZE = 1000
ENTRIES = [
    LogEntry(
        sequence=number,
        record_time_us=1735689600000000 + number,
        event_id=f"urn:x:{number}",
        event_hash=bytes(32),
        body_digest=number.to_bytes(32, "big"),
    ).encode()
    for number in range(1, SIZE + 1)
]
TILES = MemoryTiles(TreeFrontier().append(leaf_hashes(ENTRIES)))
SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 768, 999, 1000]


def root(size):
    frontier = TreeFrontier()
    frontier.append(leaf_hashes(ENTRIES[:size]))
    return frontier.root()


@pytest.fixture(scope="module")
def pymerkle_tree():
    tree = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        tree.append_entry(entry)
    return tree


def test_pymerkle_has_the_same_roots_at_every_size(pymerkle_tree):
    frontier = TreeFrontier()
    for size, entry in enumerate(ENTRIES, start=1):
        frontier.append([leaf_hash(entry)])
        assert frontier.root() == pymerkle_tree.get_root(size)


def test_pymerkle_and_we_accept_each_others_inclusion_proofs(pymerkle_tree):
    for size in SIZES:
        for index in {0, size // 3, size // 2, size - 1}:
            theirs = pymerkle_tree.prove_inclusion(index + 1, size)
            leaf = leaf_hash(ENTRIES[index])
            ours = inclusion_proof(TILES, index, size)
            assert theirs.path == [leaf, *ours]  # Theirs begins with the leaf itself.
            verify_inclusion(leaf, index=index, size=size, root=root(size), proof=theirs.path[1:])
            proof = InclusionProof("sha256", True, size, index + 1, theirs.rule, [leaf, *ours])
            pymerkle_inclusion(leaf, root(size), proof, index=index + 1, size=size)
            with pytest.raises(InvalidProof):
                pymerkle_inclusion(bytes(32), root(size), proof, index=index + 1, size=size)


def test_pymerkle_and_we_agree_which_trees_share_a_history(pymerkle_tree):
    """Its consistency proofs are cut differently from those of RFC 6962, so each checks its own:
    both say yes to the roots of one log, and no when either root is another."""
    for new_size in SIZES:
        for old_size in [size for size in SIZES if size < new_size]:
            theirs = pymerkle_tree.prove_consistency(old_size, new_size)
            ours = consistency_proof(TILES, old_size, new_size)
            sizes = {"old_size": old_size, "new_size": new_size}
            pymerkle_consistency(root(old_size), root(new_size), theirs)
            verify_consistency(
                **sizes, old_root=root(old_size), new_root=root(new_size), proof=ours
            )
            for old, new in ((bytes(32), root(new_size)), (root(old_size), bytes(32))):
                with pytest.raises(InvalidProof):
                    pymerkle_consistency(old, new, theirs)
                with pytest.raises(IntegrityBroken):
                    verify_consistency(**sizes, old_root=old, new_root=new, proof=ours)


@pytest.fixture(scope="module")
def go_checker(tmp_path_factory):
    """The Go program, built without network from Debian's packages."""
    gopath = os.environ.get("GOPATH", "/usr/share/gocode")
    if not shutil.which("go"):
        pytest.skip("Go is not installed (Debian: golang-go)")
    if not Path(gopath, "src/golang.org/x/mod/sumdb/note").is_dir():
        pytest.skip(f"golang.org/x/mod is not in {gopath} (Debian: golang-golang-x-mod-dev)")
    program = tmp_path_factory.mktemp("go") / "check"
    surroundings = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": gopath,
        "GOFLAGS": "",
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "CGO_ENABLED": "0",
    }
    if "HOME" not in surroundings:
        surroundings["GOCACHE"] = str(program.parent / "cache")
    source = Path(__file__).parent / "go" / "check.go"
    subprocess.run(["go", "build", "-o", program, source], env=surroundings, check=True)
    return program


def text64(data):
    return base64.b64encode(data).decode()


def ask_go(program, folder, *, note, tiles=TILES, size=SIZE, indexes=(), old_sizes=()):
    for (level, index), data in tiles.tiles.items():
        width = len(data) // 32
        path = folder / TileAddress(level, index, width).path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    question = {
        "VerifierKey": str(KEY.verifier_key),
        "SecretKey": KEY.secret_text(),
        "Note": note,
        "TileFolder": str(folder),
        "Inclusions": [
            {
                "Index": index,
                "Entry": text64(ENTRIES[index]),
                "Hashes": [text64(step) for step in inclusion_proof(TILES, index, size)],
            }
            for index in indexes
        ],
        "Consistencies": [
            {
                "OldSize": old,
                "OldRoot": text64(root(old)),
                "Hashes": [text64(step) for step in consistency_proof(TILES, old, size)],
            }
            for old in old_sizes
        ],
    }
    run = subprocess.run(
        [program], input=json.dumps(question).encode(), capture_output=True, check=True
    )
    return json.loads(run.stdout)


@pytest.fixture
def note():
    return sign_checkpoint(Checkpoint(ORIGIN, SIZE, root(SIZE)), KEY)


def test_go_accepts_checkpoint_tiles_and_proofs(go_checker, tmp_path, note):
    answer = ask_go(
        go_checker,
        tmp_path,
        note=note,
        indexes=(0, 1, 255, 256, 511, 512, 767, 768, 998, 999),
        old_sizes=SIZES,
    )
    assert answer["Problems"] == []
    assert answer["Root"] == text64(root(SIZE))
    assert answer["Path"].replace("tile/8/", "tile/") == TileAddress(2, 1234067, 5).path


def test_we_accept_keys_and_notes_of_go(go_checker, tmp_path, note):
    answer = ask_go(go_checker, tmp_path, note=note)
    assert answer["SignedByUs"] == note
    assert open_checkpoint(answer["SignedByUs"], [KEY.verifier_key]).size == SIZE
    verifier = parse_verifier_key(answer["VerifierKey"])
    assert parse_signing_key(answer["SecretKey"]).verifier_key == verifier
    text = note.split("\n\n")[0] + "\n"
    assert open_note(answer["SignedByNew"], [verifier]).text == text


def test_go_refuses_what_we_refuse(go_checker, tmp_path, note):
    answer = ask_go(go_checker, tmp_path / "note", note=note.replace("\n1000\n", "\n1001\n"))
    assert any(problem.startswith("note: ") for problem in answer["Problems"])
    broken = MemoryTiles(
        Tile(level, index, len(data) // 32, data[:-1] + bytes([data[-1] ^ 1]))
        for (level, index), data in TILES.tiles.items()
    )
    answer = ask_go(go_checker, tmp_path / "tile", note=note, tiles=broken, indexes=(5,))
    assert any("from tiles: " in problem for problem in answer["Problems"])
