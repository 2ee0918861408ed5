package net

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/simdlanes/lanes/internal/learning"
	"github.com/simdlanes/lanes/layer"
)

// ReduceOnPlateau is a [Callback] that multiplies the trainer's learning rate by
// Factor when epochs become no better, like that of Keras, and PyTorch's
// ReduceLROnPlateau, whose patience is one less for the same. It sets the rate with
// [Trainer.SetRate], and so cannot be combined with FitConfig.Rate. It belongs to
// one training at a time; a new one begins without a memory of those before, and
// with the rate that they left.
type ReduceOnPlateau struct {
	Monitor  Monitor // what tells better from worse; default ValidationLoss
	Factor   float64 // above 0, below 1; default 0.1
	Patience int     // epochs in a row that are no better than the best before the rate is reduced; default 10
	MinDelta float64 // a better epoch is better by more than this
	Cooldown int     // epochs after a reduction that do not count; default 0
	MinRate  float64 // rate that is not passed, 0 to 1e20; default 0

	record  record
	cooling int // epochs that are not to count yet
}

// StepEnd implements [Callback].
func (p *ReduceOnPlateau) StepEnd(*Trainer, Progress) error { return nil }

// EpochEnd implements [Callback].
func (p *ReduceOnPlateau) EpochEnd(t *Trainer, r EpochResult) error {
	p.record.see(p.Monitor, p.MinDelta, r)
	if p.cooling > 0 {
		p.cooling--
		p.record.waiting = 0
	}
	if p.record.waiting < p.patience() {
		return nil
	}
	p.record.waiting, p.cooling = 0, p.Cooldown
	rate := max(p.MinRate, float64(t.Rate()*orDefault(p.Factor, 0.1)))
	return prefix("ReduceOnPlateau", t.SetRate(min(t.Rate(), rate)))
}

func (p *ReduceOnPlateau) patience() int {
	if p.Patience == 0 {
		return 10
	}
	return p.Patience
}

func (p *ReduceOnPlateau) check(c *FitConfig) error { return prefix("ReduceOnPlateau", p.options(c)) }

func (p *ReduceOnPlateau) options(c *FitConfig) error {
	if err := p.Monitor.check(c); err != nil {
		return err
	}
	if err := checkMinDelta(p.MinDelta); err != nil {
		return err
	}
	if f := orDefault(p.Factor, 0.1); !(f > 0 && f < 1) {
		return fmt.Errorf("%w: want Factor above 0 and below 1, have %v", layer.ErrOption, f)
	}
	if p.Patience < 0 || p.Cooldown < 0 {
		return fmt.Errorf("%w: want Patience and Cooldown of at least 0, have %d and %d", layer.ErrOption, p.Patience, p.Cooldown)
	}
	if err := learning.CheckRate(p.MinRate); err != nil {
		return fmt.Errorf("MinRate: %w", err)
	}
	if c.Rate != nil {
		return fmt.Errorf("%w: want no FitConfig.Rate, which overrules the rate that is reduced", layer.ErrOption)
	}
	return nil
}

func (p *ReduceOnPlateau) reset() { p.record, p.cooling = record{}, 0 }

const plateauState = "ReduceOnPlateau 1\n"

// MarshalBinary implements [encoding.BinaryMarshaler]: it returns what the
// callback remembers. It never fails.
func (p *ReduceOnPlateau) MarshalBinary() ([]byte, error) {
	b := p.record.append([]byte(plateauState), p.Monitor)
	return binary.LittleEndian.AppendUint64(b, uint64(p.cooling)), nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. An error wraps
// ErrState, and nothing has changed then.
func (p *ReduceOnPlateau) UnmarshalBinary(state []byte) error {
	r, cooling, err := p.parse(state)
	if err != nil {
		return prefix("ReduceOnPlateau", err)
	}
	p.record, p.cooling = r, cooling
	return nil
}

func (p *ReduceOnPlateau) parse(state []byte) (r record, cooling int, err error) {
	state, err = cutName(state, plateauState)
	if err != nil {
		return r, 0, err
	}
	r, rest, err := parseRecord(state, p.Monitor)
	if err != nil {
		return r, 0, err
	}
	if len(rest) != 8 {
		return r, 0, fmt.Errorf("%w: want 8 bytes after the record, have %d", ErrState, len(rest))
	}
	epochs := binary.LittleEndian.Uint64(rest)
	if epochs > math.MaxInt32 {
		return r, 0, fmt.Errorf("%w: want a number of epochs, have %d", ErrState, epochs)
	}
	return r, int(epochs), nil
}
