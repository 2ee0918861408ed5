// Command asm writes the AVX2/FMA assembly of package kernels, the Go
// declarations of its functions, and stand-ins for builds without assembly.
//
// Each family of kernels has a file of its own here. They describe a register
// tile once, with its size as a parameter; the names of values, the comments of
// each step and the register budget are those of the generated listing.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", ".", "directory of package kernels")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "asm:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	files, err := generate()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
