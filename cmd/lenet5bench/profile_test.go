package main

import (
	"bytes"
	"errors"
	"testing"
)

// closer is a file that says how it was closed.
type closer struct {
	bytes.Buffer
	closed int
	err    error
}

func (c *closer) Close() error {
	c.closed++
	return c.err
}

// TestProfileTo wants the errors of the work and of the file, of both if both
// fail, and the file closed once.
func TestProfileTo(t *testing.T) {
	work, file := errors.New("work"), errors.New("disk full")
	for _, errs := range [][2]error{{nil, nil}, {work, nil}, {nil, file}, {work, file}} {
		out := &closer{err: errs[1]}
		err := profileTo(out, func() error { return errs[0] })
		for _, want := range errs {
			if want != nil && !errors.Is(err, want) {
				t.Errorf("work %v, file %v: error %v", errs[0], errs[1], err)
			}
		}
		if errs[0] == nil && errs[1] == nil && err != nil {
			t.Errorf("error %v, want none", err)
		}
		if out.closed != 1 || out.Len() == 0 {
			t.Errorf("closed %d times after %d bytes of profile", out.closed, out.Len())
		}
	}
}
