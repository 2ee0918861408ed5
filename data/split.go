package data

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Split parts d in two: held has the given share of its examples, rounded to a
// whole number, and train all others, both in the order of d. Which ones is chosen
// at random by seed: the same for the same labels, share and seed, on every
// machine.
//
// If d is net.Examples or has a method Labels() []int, as the data sets of this
// package and of package mnist do, the split is stratified: of each label, held
// has the share to within one example. Nothing but labels is read now. Parts of a
// net.EpochDataset, such as what [Augment] makes, are other images in every epoch, too.
//
// The error wraps layer.ErrOption unless 0 < share < 1, or net.ErrData if one of
// the parts would be empty.
func Split(d net.Dataset, share float64, seed uint64) (train, held net.Dataset, err error) {
	train, held, err = split(d, share, seed)
	if err != nil {
		return nil, nil, fmt.Errorf("data: split: %w", err)
	}
	return train, held, nil
}

func split(d net.Dataset, share float64, seed uint64) (train, held net.Dataset, err error) {
	if d == nil {
		return nil, nil, fmt.Errorf("%w: want a Dataset, have nil", net.ErrData)
	}
	if !(share > 0 && share < 1) {
		return nil, nil, fmt.Errorf("%w: want a share above 0 and below 1, have %v", layer.ErrOption, share)
	}
	n := d.Len()
	k := int(math.RoundToEven(share * float64(n)))
	if k < 1 || k >= n {
		return nil, nil, fmt.Errorf("%w: a share of %v of %d examples leaves one part empty", net.ErrData, share, n)
	}
	r := layer.Stream(seed, "split", 0)
	isHeld := choose(order(d, r), k, r.Uint64()%uint64(n))
	t, h := &subset{d: d}, &subset{d: d}
	for i := range n {
		part := t
		if isHeld[i] {
			part = h
		}
		part.indices = append(part.indices, i)
	}
	return t, h, nil
}

// order returns the examples of d in random order, or, if their labels are known,
// by label, and in random order for each.
func order(d net.Dataset, r *rand.Rand) []int {
	indices := make([]int, d.Len())
	for i := range indices {
		indices[i] = i
	}
	layer.Shuffle(indices, r)
	if labels, err := labelsOf(d); err == nil {
		slices.SortStableFunc(indices, func(i, j int) int { return cmp.Compare(labels[i], labels[j]) })
	}
	return indices
}

// choose picks k of the n examples at even distances in the given order, so that m
// neighbours lose m·k/n of them to within one. start, one of 0 to n-1 at random, is
// where the first distance begins, so that each example has the same chance.
func choose(order []int, k int, start uint64) (chosen []bool) {
	chosen = make([]bool, len(order))
	n, at := uint64(len(order)), start
	for _, i := range order {
		at += uint64(k)
		if chosen[i] = at >= n; chosen[i] {
			at -= n
		}
	}
	return chosen
}

// Subset returns the examples of d with the given indices, in that order. An index
// may be there several times. The error wraps net.ErrData if d is nil or an index
// is out of range.
func Subset(d net.Dataset, indices []int) (net.Dataset, error) {
	if d == nil {
		return nil, fmt.Errorf("data: subset: %w: want a Dataset, have nil", net.ErrData)
	}
	if err := checkIndices(indices, d.Len()); err != nil {
		return nil, fmt.Errorf("data: subset: %w", err)
	}
	return &subset{d: d, indices: slices.Clone(indices)}, nil
}

// subset is some examples of a Dataset.
type subset struct {
	d       net.Dataset
	indices []int
}

// Len implements [net.Dataset].
func (s *subset) Len() int { return len(s.indices) }

// Read implements [net.Dataset].
func (s *subset) Read(x []float32, labels []int, indices []int) error {
	if err := checkIndices(indices, len(s.indices)); err != nil {
		return err
	}
	inner := intsPool.Get().(*[]int)
	defer intsPool.Put(inner)
	*inner = (*inner)[:0]
	for _, i := range indices {
		*inner = append(*inner, s.indices[i])
	}
	return s.d.Read(x, labels, *inner)
}

// Labels returns the label of each example, or nil if they are unknown.
func (s *subset) Labels() []int {
	all, err := labelsOf(s.d)
	if err != nil {
		return nil
	}
	labels := make([]int, len(s.indices))
	for j, i := range s.indices {
		labels[j] = all[i]
	}
	return labels
}

// intsPool keeps memory from one read to the next.
var intsPool = sync.Pool{New: func() any { return new([]int) }}
