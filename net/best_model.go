package net

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// BestModel is a [Callback] that saves the network after every epoch that is the
// best so far. It belongs to one training at a time; a new one begins without a
// memory of those before.
type BestModel struct {
	Monitor Monitor // what tells better from worse; default ValidationLoss

	// Save saves the network. Its error ends the training, and the epoch then
	// does not count as the best; a training that is resumed calls it again.
	Save func(n *Network) error

	record record
}

// StepEnd implements [Callback].
func (b *BestModel) StepEnd(*Trainer, Progress) error { return nil }

// EpochEnd implements [Callback].
func (b *BestModel) EpochEnd(t *Trainer, r EpochResult) error {
	next := b.record
	if next.see(b.Monitor, 0, r) {
		if err := b.Save(t.net); err != nil {
			return fmt.Errorf("BestModel: %w", err)
		}
	}
	b.record = next
	return nil
}

func (b *BestModel) check(c *FitConfig) error {
	err := b.Monitor.check(c)
	if err == nil && b.Save == nil {
		err = fmt.Errorf("%w: want Save, have nil", layer.ErrOption)
	}
	return prefix("BestModel", err)
}

func (b *BestModel) reset() { b.record = record{} }

const bestModelState = "BestModel 1\n"

// MarshalBinary implements [encoding.BinaryMarshaler]: it returns what the
// callback remembers. It never fails.
func (b *BestModel) MarshalBinary() ([]byte, error) {
	return b.record.append([]byte(bestModelState), b.Monitor), nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. An error wraps
// ErrState, and nothing has changed then.
func (b *BestModel) UnmarshalBinary(state []byte) error {
	state, err := cutName(state, bestModelState)
	if err != nil {
		return prefix("BestModel", err)
	}
	r, rest, err := parseRecord(state, b.Monitor)
	if err == nil && len(rest) != 0 {
		err = fmt.Errorf("%w: want no more, have %d bytes", ErrState, len(rest))
	}
	if err != nil {
		return prefix("BestModel", err)
	}
	b.record = r
	return nil
}
