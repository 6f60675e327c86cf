// Checks a Suyuan log with the Go project's own packages: golang.org/x/mod/sumdb/note and tlog.
//
// Reads one JSON object on standard input and answers with one on standard output; a check
// that fails is a line in "problems". Built and called by test_third_party.py.
package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index  int64
	Entry  []byte
	Hashes [][]byte
}

type consistency struct {
	OldSize int64
	OldRoot []byte
	Hashes  [][]byte
}

type question struct {
	VerifierKey   string
	SecretKey     string
	Note          string
	TileFolder    string
	Inclusions    []inclusion
	Consistencies []consistency
}

type answer struct {
	Problems    []string
	Root        string
	Path        string
	SignedByUs  string
	SecretKey   string
	VerifierKey string
	SignedByNew string
}

var problems = []string{}

func problem(format string, values ...interface{}) {
	problems = append(problems, fmt.Sprintf(format, values...))
}

func hash(data []byte) (h tlog.Hash) {
	if copy(h[:], data) != len(h) || len(data) != len(h) {
		problem("a hash of %d bytes", len(data))
	}
	return h
}

func hashes(list [][]byte) (result []tlog.Hash) {
	for _, data := range list {
		result = append(result, hash(data))
	}
	return result
}

// tiles reads Suyuan's tiles. Go names a tile tile/8/<level>/…, C2SP tile/<level>/….
type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		content, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		data = append(data, content)
	}
	return data, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func openCheckpoint(asked question) (tlog.Tree, bool) {
	verifier, err := note.NewVerifier(asked.VerifierKey)
	if err != nil {
		problem("verifier key: %v", err)
		return tlog.Tree{}, false
	}
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifier))
	if err != nil {
		problem("note: %v", err)
		return tlog.Tree{}, false
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[0] != verifier.Name() {
		problem("checkpoint: %q", lines)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		problem("root: %v", err)
	}
	return tlog.Tree{N: size, Hash: hash(root)}, true
}

func checkProofs(asked question, tree tlog.Tree) {
	reader := tlog.TileHashReader(tree, tiles{asked.TileFolder})
	for _, one := range asked.Inclusions {
		leaf := tlog.RecordHash(one.Entry)
		if err := tlog.CheckRecord(hashes(one.Hashes), tree.N, tree.Hash, one.Index, leaf); err != nil {
			problem("inclusion of %d: %v", one.Index, err)
		}
		leaf[0] ^= 1
		if tlog.CheckRecord(hashes(one.Hashes), tree.N, tree.Hash, one.Index, leaf) == nil {
			problem("inclusion of %d holds for another leaf", one.Index)
		}
		proof, err := tlog.ProveRecord(tree.N, one.Index, reader)
		if err != nil {
			problem("inclusion of %d from tiles: %v", one.Index, err)
		} else if fmt.Sprint(proof) != fmt.Sprint(tlog.RecordProof(hashes(one.Hashes))) {
			problem("inclusion of %d from tiles differs", one.Index)
		}
	}
	for _, one := range asked.Consistencies {
		old := hash(one.OldRoot)
		if err := tlog.CheckTree(hashes(one.Hashes), tree.N, tree.Hash, one.OldSize, old); err != nil {
			problem("consistency with %d: %v", one.OldSize, err)
		}
		proof, err := tlog.ProveTree(tree.N, one.OldSize, reader)
		if err != nil {
			problem("consistency with %d from tiles: %v", one.OldSize, err)
		} else if fmt.Sprint(proof) != fmt.Sprint(tlog.TreeProof(hashes(one.Hashes))) {
			problem("consistency with %d from tiles differs", one.OldSize)
		}
	}
}

func sign(secretKey, text string) string {
	signer, err := note.NewSigner(secretKey)
	if err != nil {
		problem("secret key: %v", err)
		return ""
	}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		problem("sign: %v", err)
	}
	return string(signed)
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		problem("question: %v", err)
	}
	result := answer{}
	if tree, ok := openCheckpoint(asked); ok {
		root, err := tlog.TreeHash(tree.N, tlog.TileHashReader(tree, tiles{asked.TileFolder}))
		if err != nil {
			problem("root from tiles: %v", err)
		}
		result.Root = base64.StdEncoding.EncodeToString(root[:])
		checkProofs(asked, tree)
	}
	result.Path = tlog.Tile{H: 8, L: 2, N: 1234067, W: 5}.Path()
	text := strings.SplitAfter(asked.Note, "\n\n")[0]
	text = strings.TrimSuffix(text, "\n")
	result.SignedByUs = sign(asked.SecretKey, text)
	secretKey, verifierKey, err := note.GenerateKey(rand.Reader, "go.example/log")
	if err != nil {
		problem("generate key: %v", err)
	}
	result.SecretKey, result.VerifierKey = secretKey, verifierKey
	result.SignedByNew = sign(secretKey, text)
	result.Problems = problems
	json.NewEncoder(os.Stdout).Encode(result)
}
