package mnist

import (
	"embed"
	"fmt"
)

//go:embed data/t10k-images-idx3-ubyte.gz data/t10k-labels-idx1-ubyte.gz
var testFiles embed.FS

// Test10k returns the 10,000 MNIST test images, 28x28, with their labels, from
// files embedded in the package. They add 1.6 MB to a program that calls
// Test10k, and to no other. The module's NOTICE names their authors and
// licence.
//
// Each call decodes the files anew, which takes some 30 ms, so the set belongs
// to the caller. There is an error only if the package was built with other
// files.
func Test10k() (*Set, error) {
	set, err := loadHalf(testFiles, "data/t10k")
	if err != nil {
		return nil, fmt.Errorf("mnist: embedded test images: %w", err)
	}
	return set, nil
}
