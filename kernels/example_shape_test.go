package kernels_test

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
)

// Zeros stand for what is usual.
func ExampleConvShape() {
	s := kernels.ConvShape{C: 4, H: 28, W: 28, Filters: 8, FH: 5, FW: 5, Groups: 2}
	fmt.Println(s.OutH(), s.OutW(), "with", s.Taps(), "weights a filter")
	fmt.Println(s.WithDefaults().StrideH, s.WithDefaults().DilationW)

	s.Groups = 3 // of four channels
	fmt.Println(s.Valid())
	// Output:
	// 24 24 with 50 weights a filter
	// 1 1
	// false
}

func ExamplePoolShape() {
	s := kernels.PoolShape{C: 1, H: 28, W: 27, FH: 2, FW: 2}
	fmt.Println(s.OutH(), s.OutW()) // the last column fills no window
	s.Ceil = true
	fmt.Println(s.OutH(), s.OutW())
	s.PadTop = 2
	fmt.Println(s.Valid()) // a window would lie in the padding
	// Output:
	// 14 13
	// 14 14
	// false
}

// Sizes of which only the product matters, and which may come from a file.
func ExampleFits() {
	fmt.Println(kernels.Fits(64, 224, 224), kernels.Fits(1<<30, 1<<30))
	// Output: true false
}
