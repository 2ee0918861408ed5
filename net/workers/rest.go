package workers

// Rest is the number of the last of some items of equal size that all workers should
// share, one after the other, because there are too few of them for each worker to
// have one: of 3 items and 2 workers, 1. An item that is shared by all takes about
// 1.25 times at most its part of the time. It is 0 if every worker has equally many.
func Rest(items, workers int) int {
	rest := items % workers
	if 125*rest >= 100*workers {
		return 0
	}
	return rest
}
