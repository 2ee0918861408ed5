package data

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// InMemory reads all images of d, which have the given shape, into memory: a folder
// of files, say, that is not to be decoded again in every epoch.
//
// The error wraps net.ErrData if d is nil or empty; that of the shape if it is not
// usable; [ErrTooLarge] for more than [MaxValues]; or it is the error of d.
func InMemory(d net.Dataset, shape layer.Shape) (net.Examples, error) {
	e, err := inMemory(d, shape)
	if err != nil {
		return net.Examples{}, fmt.Errorf("data: in memory: %w", err)
	}
	return e, nil
}

func inMemory(d net.Dataset, shape layer.Shape) (e net.Examples, err error) {
	if d == nil || d.Len() < 1 {
		return e, fmt.Errorf("%w: want at least one example, have none", net.ErrData)
	}
	if err := shape.Check(); err != nil {
		return e, err
	}
	n, size := d.Len(), shape.Len()
	if n > MaxValues/size {
		return e, fmt.Errorf("%w: %d images of %v are more than %d values", ErrTooLarge, n, shape, MaxValues)
	}
	e = net.Examples{Images: make([]float32, n*size), Labels: make([]int, n)}
	for i := range n {
		if err := d.Read(e.Images[i*size:][:size], e.Labels[i:i+1], []int{i}); err != nil {
			return e, fmt.Errorf("example %d: %w", i, err)
		}
	}
	return e, nil
}
