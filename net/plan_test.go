package net

import (
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// TestTasksCoverRows lists the tasks of LeNet-5: every row of every layer once,
// cut where layer.Trained.Pack allows it.
func TestTasksCoverRows(t *testing.T) {
	n := LeNet5(1)
	times := make(map[int][]int) // by layer, how often each row occurs
	for _, task := range planTasks(n.spans) {
		i := task.span.index
		if times[i] == nil {
			times[i] = make([]int, task.span.params.Rows)
		}
		for row := task.lo; row < task.hi; row++ {
			times[i][row]++
		}
		if task.lo%layer.PackRows != 0 || task.hi%layer.PackRows != 0 && task.hi != task.span.params.Rows {
			t.Errorf("layer %d: rows %d to %d, want multiples of %d", i, task.lo, task.hi, layer.PackRows)
		}
	}
	for _, s := range n.spans {
		if len(times[s.index]) == 0 {
			t.Errorf("layer %d has no task", s.index)
		}
		for row, n := range times[s.index] {
			if n != 1 {
				t.Errorf("layer %d: %d tasks have row %d", s.index, n, row)
			}
		}
	}
}
