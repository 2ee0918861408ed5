package workers_test

import (
	"fmt"

	"github.com/simdlanes/lanes/net/workers"
)

// sum adds up numbers in two phases: every worker its share, then one of them
// the shares.
type sum struct {
	pool    *workers.Pool
	numbers []int
	shares  []int
	total   int
}

func (s *sum) Work(worker int) {
	for i := worker; i < len(s.numbers); i += s.pool.Workers() {
		s.shares[worker] += s.numbers[i]
	}
	s.pool.Barrier()
	if worker == 0 {
		for _, share := range s.shares {
			s.total += share
		}
	}
}

func ExampleNew() {
	pool := workers.New(3)
	defer pool.Close()
	s := &sum{pool: pool, numbers: []int{1, 2, 3, 4, 5, 6, 7}, shares: make([]int, pool.Workers())}
	pool.Run(s)
	fmt.Println(s.total)
	// Output: 28
}

// ExampleNewAhead squares numbers ahead of their consumer.
func ExampleNewAhead() {
	squares := workers.NewAhead([]*int{new(int), new(int)}, func(a *workers.Ahead[*int]) {
		for i := 1; ; i++ {
			square, ok := a.Take()
			if !ok {
				return
			}
			*square = i * i
			a.Give(square)
		}
	})
	defer squares.End()
	for range 4 {
		square, _ := squares.Next(nil)
		fmt.Println(*square)
		squares.Return(square)
	}
	// Output:
	// 1
	// 4
	// 9
	// 16
}

// Of six blocks four workers take one each, and share two. Eight workers share none
// of seven, which is faster than to take seven together.
func ExampleRest() {
	fmt.Println(workers.Rest(6, 4), workers.Rest(7, 8), workers.Rest(8, 4))
	// Output: 2 0 0
}

// A producer that makes many items of one asks between them whether any is wanted.
func ExampleAhead_Ended() {
	numbers := workers.NewAhead([]*int{new(int)}, func(a *workers.Ahead[*int]) {
		for i := 1; !a.Ended(); i++ {
			if number, ok := a.Take(); ok {
				*number = i
				a.Give(number)
			}
		}
	})
	number, ok := numbers.Next(nil)
	fmt.Println(*number, ok)
	numbers.End()
	// Output: 1 true
}
