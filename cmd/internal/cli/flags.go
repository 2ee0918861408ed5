package cli

import (
	"fmt"
	"strconv"
)

// Whole returns a flag's function that sets *p to a number from lo to hi.
func Whole[T int | uint64](p *T, lo, hi T) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil || n < uint64(lo) || n > uint64(hi) {
			return fmt.Errorf("want a whole number from %d to %d", lo, hi)
		}
		*p = T(n)
		return nil
	}
}

// Real returns a flag's function that sets *p to a number from lo to hi.
func Real(p *float64, lo, hi float64) func(string) error {
	return func(s string) error {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || !(x >= lo && x <= hi) {
			return fmt.Errorf("want a number from %v to %v", lo, hi)
		}
		*p = x
		return nil
	}
}
