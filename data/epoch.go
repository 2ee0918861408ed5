package data

import "github.com/simdlanes/lanes/net"

// epochOf returns the images of an epoch: d itself unless they are others in each.
func epochOf(d net.Dataset, epoch int) net.Dataset {
	if e, ok := d.(net.EpochDataset); ok {
		return e.Epoch(epoch)
	}
	return d
}

// Epoch implements [net.EpochDataset], for a subset of one.
func (s *subset) Epoch(epoch int) net.Dataset {
	d := epochOf(s.d, epoch)
	if d == nil || d.Len() != s.d.Len() {
		return nil // whose indices would be others, or none
	}
	return &subset{d: d, indices: s.indices}
}

// Epoch implements [net.EpochDataset], for classes of one.
func (c *classified) Epoch(epoch int) net.Dataset {
	d := epochOf(c.Dataset, epoch)
	if d == nil {
		return nil
	}
	return &classified{Dataset: d, classes: c.classes}
}
