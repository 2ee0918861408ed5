package kernels

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/fingerprints.txt")

const fingerprintFile = "testdata/fingerprints.txt"

// TestFingerprints compares a hash of each operation's results with the one on
// file: every machine, build and implementation computes the same bits. After a
// change of the arithmetic, or of the operands drawn here, that is meant, run it
// with -update.
func TestFingerprints(t *testing.T) {
	if *update {
		writeFingerprints(t)
	}
	content, err := os.ReadFile(fingerprintFile)
	if err != nil {
		t.Fatal(err)
	}
	filed := strings.Split(string(content), "\n")
	for _, impl := range Impls() {
		for i := range operations {
			if got := fingerprint(t, &operations[i], impl); !slices.Contains(filed, got) {
				t.Errorf("%v: %s is not in %s", impl, got, fingerprintFile)
			}
		}
	}
}

func writeFingerprints(t *testing.T) {
	var content strings.Builder
	for i := range operations {
		fmt.Fprintln(&content, fingerprint(t, &operations[i], Generic))
	}
	if err := os.WriteFile(fingerprintFile, []byte(content.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fingerprint hashes the outputs of an operation for random shapes and all
// mixtures of values; the operation's name follows.
func fingerprint(t *testing.T, o *operation, impl Impl) string {
	h := fnv.New64a()
	for s := range settings(o, effort{sweepStep: sweepEnd, settings: 1, work: 1000, shapes: 2 * len(mixtures)}) {
		tr, err := s.runUnder(impl, aligned())
		if err != nil {
			t.Fatalf("%v: %v: %v", s, impl, err)
		}
		for _, p := range tr.outputs() {
			for _, v := range p.elements() {
				if v != v {
					v = quietNaN
				}
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		}
	}
	return fmt.Sprintf("%016x %s", h.Sum64(), o.name)
}
