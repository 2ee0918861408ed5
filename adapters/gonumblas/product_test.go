package gonumblas

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOverlaps compares the decision with one by elements. It may see an overlap
// where there is none, but not between columns of one matrix.
func TestOverlaps(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	array := make([]float32, 400)
	overlapping := 0
	for range 20000 {
		var places [2]matrix
		used := make([]int, len(array))
		common := r.IntN(20) + 1
		for i := range places {
			ld := pick(r, common, common, r.IntN(20)+1)
			rows, cols, from := r.IntN(8)+1, r.IntN(ld)+1, r.IntN(200)
			places[i], _ = operand{array[from:], ld, false}.matrix(rows, cols)
			for y := range rows {
				for x := range cols {
					used[from+y*ld+x] |= i + 1
				}
			}
		}
		if slices.Contains(used, 3) {
			overlapping++
			if !places[0].overlaps(places[1]) || !places[1].overlaps(places[0]) {
				t.Fatalf("%v and %v overlap", places[0], places[1])
			}
		}
	}
	if overlapping < 1000 {
		t.Errorf("only %d pairs overlap", overlapping)
	}
	left, _ := operand{array, 20, false}.matrix(8, 11)
	right, _ := operand{array[11:], 20, false}.matrix(8, 9)
	if left.overlaps(right) || right.overlaps(left) {
		t.Error("the left and right columns of a matrix do not overlap")
	}
}
