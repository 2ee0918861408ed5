package net

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/simdlanes/lanes/layer"
)

// EarlyStopping is a [Callback] that ends a training whose epochs become no
// better. It belongs to one training at a time; a new one begins without a
// memory of those before.
type EarlyStopping struct {
	Monitor  Monitor // what tells better from worse; default ValidationLoss
	Patience int     // epochs in a row that are no better than the best before the training ends; default 1
	MinDelta float64 // a better epoch is better by more than this

	// Restore gives the network the parameters of the best epoch when Fit
	// returns without an error, whatever ended it. Trainer.State is still that
	// of the last step, from which the training can go on.
	Restore bool

	record record
	params []float32 // of the best epoch, if Restore
}

// StepEnd implements [Callback].
func (e *EarlyStopping) StepEnd(*Trainer, Progress) error { return nil }

// EpochEnd implements [Callback].
func (e *EarlyStopping) EpochEnd(t *Trainer, r EpochResult) error {
	if e.record.see(e.Monitor, e.MinDelta, r) && e.Restore {
		e.params = append(e.params[:0], t.net.params...)
	}
	if e.over() {
		return ErrStop
	}
	return nil
}

// over reports whether the training is to end, also one that is resumed where
// it ended. A larger Patience lets it go on.
func (e *EarlyStopping) over() bool { return e.record.waiting >= max(1, e.Patience) }

func (e *EarlyStopping) check(c *FitConfig) error {
	err := e.Monitor.check(c)
	if err == nil {
		err = checkMinDelta(e.MinDelta)
	}
	if err == nil && e.Patience < 0 {
		err = fmt.Errorf("%w: want Patience of at least 0, have %d", layer.ErrOption, e.Patience)
	}
	return prefix("EarlyStopping", err)
}

func (e *EarlyStopping) reset() { e.record, e.params = record{}, nil }

// best is the parameters of the best epoch, if they are to be restored.
func (e *EarlyStopping) best() []float32 {
	if !e.Restore {
		return nil
	}
	return e.params
}

// fits returns an error unless the memory is of a training of n with the same
// options.
func (e *EarlyStopping) fits(n *Network) error {
	if e.params != nil && len(e.params) != n.NumParams() {
		return fmt.Errorf("EarlyStopping: %w: best parameters: want %d, have %d", ErrState, n.NumParams(), len(e.params))
	}
	if e.Restore && e.record.set && e.params == nil {
		return fmt.Errorf("EarlyStopping: %w: Restore: want the best parameters, have none", ErrState)
	}
	return nil
}

const earlyStoppingState = "EarlyStopping 1\n"

// MarshalBinary implements [encoding.BinaryMarshaler]: it returns what the
// callback remembers. It never fails.
func (e *EarlyStopping) MarshalBinary() ([]byte, error) {
	b := slices.Grow([]byte(earlyStoppingState), recordSize+4*len(e.params))
	b = e.record.append(b, e.Monitor)
	for _, p := range e.params {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(p))
	}
	return b, nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. An error wraps
// ErrState, and nothing has changed then.
func (e *EarlyStopping) UnmarshalBinary(b []byte) error {
	b, err := cutName(b, earlyStoppingState)
	if err != nil {
		return prefix("EarlyStopping", err)
	}
	r, b, err := parseRecord(b, e.Monitor)
	if err == nil && len(b)%4 != 0 {
		err = fmt.Errorf("%w: want whole parameters of 4 bytes, have %d bytes", ErrState, len(b))
	}
	if err != nil {
		return prefix("EarlyStopping", err)
	}
	e.record, e.params = r, nil
	for ; len(b) > 0; b = b[4:] {
		e.params = append(e.params, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return nil
}
