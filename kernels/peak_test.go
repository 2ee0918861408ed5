package kernels

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPeakFLOPs counts the fused multiply-adds of a round in the assembly:
// everything that is measured is a share of what PeakFLOPs says they do.
func TestPeakFLOPs(t *testing.T) {
	source, err := os.ReadFile("kernels_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	body := regexp.MustCompile(`(?s)\nTEXT ·fmaPeakAVX2\(SB\).*?\n\tRET\n`).FindString(string(source))
	if n := strings.Count(body, "\tVFMADD231PS "); n == 0 || n*Lanes*2 != PeakFLOPs {
		t.Errorf("a round has %d multiply-adds of %d lanes, and PeakFLOPs is %d", n, Lanes, PeakFLOPs)
	}
}

func TestPeak(t *testing.T) {
	for _, impl := range Impls() {
		undo := Use(impl)
		if got, want := Peak(3), impl == AVX2; got != want {
			t.Errorf("%v: Peak reports %v, want %v", impl, got, want)
		}
		if Peak(0) {
			t.Errorf("%v: Peak reports that it has run no round", impl)
		}
		undo()
	}
}
