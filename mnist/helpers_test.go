package mnist

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
)

var slow = flag.Bool("slow", false, "run the slow sweeps")

// sharedTest10k decodes the embedded images once for all tests, which only
// read them.
var sharedTest10k = sync.OnceValues(Test10k)

func test10k(t testing.TB) *Set {
	t.Helper()
	set, err := sharedTest10k()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// idx returns an IDX stream with the header that dims and data make.
func idx(data []byte, dims ...uint32) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, d)
	}
	return append(out, data...)
}

// zip compresses data.
func zip(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// ramp returns n bytes 0, 1, 2, ...
func ramp(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i)
	}
	return out
}

// readNPY returns the contents of an npy file, format 1.0, whose header has to
// say that they are bytes of the given shape.
func readNPY(t *testing.T, name, shape string) []uint8 {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(raw)
	var preamble struct {
		Magic  [8]byte
		Length uint16
	}
	if err := binary.Read(r, binary.LittleEndian, &preamble); err != nil {
		t.Fatal(err)
	}
	header := make([]byte, preamble.Length)
	if _, err := io.ReadFull(r, header); err != nil {
		t.Fatal(err)
	}
	want := "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }"
	if got := strings.TrimSpace(string(header)); string(preamble.Magic[:]) != "\x93NUMPY\x01\x00" || got != want {
		t.Fatalf("%s: header %s, want %s", name, got, want)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
