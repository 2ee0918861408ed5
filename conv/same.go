package conv

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// padSame sets the padding of s to that of Same, or returns an error where it
// would be ambiguous.
func (l Layer) padSame(s *kernels.ConvShape) error {
	if l.Padding != 0 {
		return fmt.Errorf("%w: Same computes the padding: want a Padding of 0 with it, have %d", layer.ErrOption, l.Padding)
	}
	var err error
	s.PadTop, s.PadBottom, err = around(s.H, s.FH, s.StrideH, s.DilationH)
	if err == nil {
		s.PadLeft, s.PadRight, err = around(s.W, s.FW, s.StrideW, s.DilationW)
	}
	if err != nil {
		return fmt.Errorf("%w (a filter of %dx%d, dilation %d)", err, s.FH, s.FW, s.DilationH)
	}
	return nil
}

// around is the padding before and after n inputs with which taps that lie
// dilation apart, at positions that lie stride apart, make n/stride outputs,
// rounded up:
//
//	total  = max(0, (ceil(n/stride)-1)*stride + (taps-1)*dilation + 1 - n)
//	before = floor(total/2)
//	after  = ceil(total/2)
func around(n, taps, stride, dilation int) (before, after int, err error) {
	if dilation > layer.MaxLen/max(1, taps-1) {
		return 0, 0, fmt.Errorf("%w: want Dilation*(Size-1) of at most %d with Same, have %d*%d", layer.ErrOption, layer.MaxLen, dilation, taps-1)
	}
	reach := (taps - 1) * dilation
	if stride == 1 && reach%2 != 0 {
		return 0, 0, fmt.Errorf("%w: Same is ambiguous where Dilation*(Size-1) is odd, have %d: take an odd Size, or give Padding: "+
			"%d makes one row or column less than the input has, %d one more", layer.ErrOption, reach, reach/2, reach/2+1)
	}
	outputs := (n-1)/stride + 1
	total := max(0, (outputs-1)*stride+reach+1-n)
	return total / 2, total - total/2, nil
}
