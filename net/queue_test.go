package net

import (
	"fmt"
	"math"
	"sync"
	"testing"
)

// TestQueue lets workers take all items at once, several times over: each item
// once, and a worker that is alone its own first.
func TestQueue(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 8} {
		q := newQueue(workers)
		for _, n := range []int{0, 1, 7, 100, 5} {
			q.divide(n)
			taken := make([][]int, workers)
			var all sync.WaitGroup
			for w := range workers {
				q.rewind(w)
			}
			for w := range workers {
				all.Go(func() {
					for i := range q.items(w) {
						taken[w] = append(taken[w], i)
					}
				})
			}
			all.Wait()
			count := make([]int, n)
			for w := range taken {
				for _, i := range taken[w] {
					count[i]++
				}
			}
			for i, c := range count {
				if c != 1 {
					t.Errorf("%d workers: item %d of %d was taken %d times", workers, i, n, c)
				}
			}
		}
	}
}

func TestQueueOwnItemsFirst(t *testing.T) {
	q := newQueue(3)
	q.divide(6)
	var order []int
	for i := range q.items(1) {
		order = append(order, i)
	}
	if got := fmt.Sprint(order); got != "[2 3 4 5 0 1]" {
		t.Errorf("worker 1 of 3 takes %s", got)
	}
	for range q.items(2) {
		t.Error("an item was taken twice")
	}
	q.rewind(2)
	for i := range q.items(0) {
		if i != 4 {
			t.Errorf("worker 0 takes item %d, want 4", i)
		}
		break
	}
}

// TestDeal checks that every row of every layer is somebody's, and that the
// shares differ by no more than one task.
func TestDeal(t *testing.T) {
	n := LeNet5(1)
	for _, workers := range []int{1, 2, 3, 16, 64} {
		first := make([]int, workers+1)
		tasks := deal(planTasks(n.spans), first)
		if first[0] != 0 || first[workers] != len(tasks) {
			t.Errorf("%d workers: shares begin at %v, of %d tasks", workers, first, len(tasks))
		}
		rows := map[int]int{}
		longest, least, most := 0, math.MaxInt, 0
		for w := range workers {
			load := 0
			for _, task := range tasks[first[w]:first[w+1]] {
				rows[task.span.index] += task.hi - task.lo
				load += task.cost()
				longest = max(longest, task.cost())
			}
			least, most = min(least, load), max(most, load)
		}
		if most-least > longest {
			t.Errorf("%d workers: shares of %d to %d, the longest task is %d", workers, least, most, longest)
		}
		for _, s := range n.spans {
			if rows[s.index] != s.params.Rows {
				t.Errorf("%d workers: %d rows of layer %d, want %d", workers, rows[s.index], s.index, s.params.Rows)
			}
		}
	}
}
