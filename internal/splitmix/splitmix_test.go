package splitmix

import (
	"slices"
	"testing"
)

// TestSource compares with the numbers that other implementations of SplitMix64
// give, begun at 1234567.
func TestSource(t *testing.T) {
	s := Source(1234567)
	have := []uint64{s.Next(), s.Next(), s.Next(), s.Next(), s.Next()}
	want := []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821}
	if !slices.Equal(have, want) {
		t.Errorf("have %d, want %d", have, want)
	}
	if have := Hash(1234567); have != want[0] {
		t.Errorf("Hash: have %d, want %d", have, want[0])
	}
}
