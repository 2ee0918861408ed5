//go:build race

package kernels

import (
	"runtime"
	"unsafe"
)

const raceEnabled = true

// raceRead tells the race detector, which cannot see into assembly, that s is
// read.
func raceRead(s []float32) {
	if len(s) > 0 {
		runtime.RaceReadRange(unsafe.Pointer(&s[0]), len(s)*4)
	}
}

// raceWrite tells the race detector that s is written.
func raceWrite(s []float32) {
	if len(s) > 0 {
		runtime.RaceWriteRange(unsafe.Pointer(&s[0]), len(s)*4)
	}
}

// raceReadRows and raceWriteRows tell it of n rows of cols elements, and not of
// what lies between them.
func raceReadRows(s []float32, cols, stride, n int) {
	for i := range n {
		raceRead(s[i*stride:][:cols])
	}
}

func raceWriteRows(s []float32, cols, stride, n int) {
	for i := range n {
		raceWrite(s[i*stride:][:cols])
	}
}
