package kernels

import "testing"

// TestJoinedFit holds the chunks of half blocks to the memory that their joined
// gradients are written to, which the assembly does not check, and those of all
// blocks to few classes, which alone take long to plan.
func TestJoinedFit(t *testing.T) {
	for _, s := range []ConvShape{
		{C: 1, H: 1, W: 832, Filters: 6, FH: 1, FW: 1}, {C: 40, H: 1, W: 832, Filters: 6, FH: 1, FW: 1},
		{C: 1, H: 9, W: 863, Filters: 6, FH: 9, FW: 32}, {C: 1, H: 40, W: 865, Filters: 6, FH: 31, FW: 34},
		{C: 3, H: 30, W: 840, Filters: 8, FH: 7, FW: 7, StrideH: 2, StrideW: 2, PadTop: 3, PadBottom: 3, PadLeft: 3, PadRight: 3},
		{C: 64, H: 56, W: 56, Filters: 64, FH: 3, FW: 3, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1},
		{C: 2, H: 3, W: 1 << 16, Filters: 3, FH: 1, FW: 1000, PadLeft: 500, PadRight: 500},
		{C: 5, H: 33, W: 32, Filters: 5, FH: 30, FW: 30, PadLeft: 29, PadRight: 29, PadTop: 29, PadBottom: 29},
	} {
		c := NewConv(s)
		for _, p := range []*gradPlan{&c.weights, &c.halves} {
			if !p.planned {
				continue
			}
			positions := 0
			for _, chunk := range p.chunks {
				positions += chunk.n
				if joined := p.filters * chunk.n; p.pair == 2 && joined > gradVectors {
					t.Errorf("%+v: %d joined vectors of %d filters, more than %d", s, joined, p.filters, gradVectors)
				}
			}
			if want := s.OutH() * s.OutW(); positions != want {
				t.Errorf("%+v: chunks of %d positions, want %d", s, positions, want)
			}
			if most := 100 + 10*s.FH; len(p.classes) > most {
				t.Errorf("%+v: %d classes of chunks, want at most %d", s, len(p.classes), most)
			}
		}
	}
}
