package net

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// checked is a layer that may be unable to go on with a batch.
type checked struct {
	index int
	op    layer.BatchChecked
}

// checked returns those of a network.
func (n *Network) checked() (all []checked) {
	for i, op := range n.ops {
		if c, ok := op.(layer.BatchChecked); ok {
			all = append(all, checked{i, c})
		}
	}
	return all
}

// check returns an error that names the layer if it cannot go on.
func (c checked) check() error {
	if err := c.op.CheckBatch(); err != nil {
		return fmt.Errorf("layer %d (%v): %w: %w", c.index, c.op, ErrNotFinite, err)
	}
	return nil
}
