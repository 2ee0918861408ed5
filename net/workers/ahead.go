package workers

import "runtime"

// Ahead makes items on a goroutine of its own, ahead of one consumer. Of items
// there is a fixed number, which go round: the producer fills them, the consumer
// uses them and gives them back.
//
// A panic of the producer comes again on the consumer's goroutine, in its place
// in the order of items, and so does runtime.Goexit.
type Ahead[T any] struct {
	free, made chan T
	ended      chan struct{} // closed by End
	once       bool          // End has been called

	// How the producer has ended, when made is closed.
	panicked any
	exited   bool
}

// NewAhead starts a goroutine that calls produce. Call End when done with it.
func NewAhead[T any](items []T, produce func(a *Ahead[T])) *Ahead[T] {
	a := &Ahead[T]{free: make(chan T, len(items)), made: make(chan T, len(items)), ended: make(chan struct{})}
	for _, item := range items {
		a.free <- item
	}
	go a.run(produce)
	return a
}

func (a *Ahead[T]) run(produce func(a *Ahead[T])) {
	a.exited = true
	defer func() {
		if value := recover(); value != nil {
			a.panicked, a.exited = value, false
		}
		close(a.made)
	}()
	produce(a)
	a.exited = false
}

// Take returns an item to fill, for the producer, which waits for one. It
// reports false when nobody wants more.
func (a *Ahead[T]) Take() (item T, ok bool) {
	if a.Ended() {
		return item, false
	}
	select {
	case item = <-a.free:
		return item, true
	case <-a.ended:
		return item, false
	}
}

// Give hands an item that the producer has filled to the consumer.
func (a *Ahead[T]) Give(item T) { a.made <- item }

// Ended reports to the producer whether nobody wants more.
func (a *Ahead[T]) Ended() bool {
	select {
	case <-a.ended:
		return true
	default:
		return false
	}
}

// Next returns the next item, for the consumer, which waits for it. It reports
// false when the producer has returned, and all it gave has been used, or when
// cancel is closed.
func (a *Ahead[T]) Next(cancel <-chan struct{}) (item T, ok bool) {
	select {
	case item, ok = <-a.made:
		if !ok {
			a.repeat()
		}
		return item, ok
	case <-cancel:
		return item, false
	}
}

// Return gives an item back that the consumer has used.
func (a *Ahead[T]) Return(item T) { a.free <- item }

// End tells the producer that nobody wants more and waits until it has
// returned. A second End does nothing.
func (a *Ahead[T]) End() {
	if a.once {
		return
	}
	a.once = true
	close(a.ended)
	for range a.made {
	}
	a.repeat()
}

// repeat ends the consumer as the producer has ended, once.
func (a *Ahead[T]) repeat() {
	value, exited := a.panicked, a.exited
	a.panicked, a.exited = nil, false
	if value != nil {
		panic(value)
	}
	if exited {
		runtime.Goexit()
	}
}
