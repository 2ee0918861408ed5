package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
)

// profiled runs f and writes a CPU profile of it to the named file, if there is a
// name.
func profiled(name string, f func() error) error {
	if name == "" {
		return f()
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("-cpuprofile: %w", err)
	}
	return profileTo(file, f)
}

// profileTo runs f, writes a CPU profile of it to out, and closes out.
func profileTo(out io.WriteCloser, f func() error) error {
	if err := pprof.StartCPUProfile(out); err != nil {
		return fmt.Errorf("-cpuprofile: %w", errors.Join(err, out.Close()))
	}
	err := f()
	pprof.StopCPUProfile()
	if closing := out.Close(); closing != nil {
		err = errors.Join(err, fmt.Errorf("-cpuprofile: %w", closing))
	}
	return err
}
