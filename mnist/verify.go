package mnist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
)

// A publishedFile is a file of MNIST as its authors published it.
type publishedFile struct {
	name   string
	size   int64
	sha256 string
}

var publishedFiles = [...]publishedFile{
	{"train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
	{"train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
	{"t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
	{"t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
}

// Verify checks that the root of fsys holds the four published files of MNIST
// (the names in [Load], with ".gz"), by their sizes and SHA-256 sums. The
// error names the file and wraps [ErrChecksum] if it is another, or the error
// of fsys, which is [fs.ErrNotExist] if it is missing.
func Verify(fsys fs.FS) error {
	if err := verify(fsys); err != nil {
		return fmt.Errorf("mnist: verify: %w", err)
	}
	return nil
}

func verify(fsys fs.FS) error {
	for _, f := range publishedFiles {
		if err := f.check(fsys); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func (p publishedFile) check(fsys fs.FS) error {
	f, err := fsys.Open(p.name)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	// One byte more than wanted tells that there are too many.
	n, err := io.Copy(hash, io.LimitReader(&patientReader{r: f}, p.size+1))
	if err != nil {
		return err
	}
	if n < p.size {
		return fmt.Errorf("%w: want %d bytes, got %d", ErrChecksum, p.size, n)
	}
	if n > p.size {
		return fmt.Errorf("%w: want %d bytes, got more", ErrChecksum, p.size)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != p.sha256 {
		return fmt.Errorf("%w: want SHA-256 %s, got %s", ErrChecksum, p.sha256, sum)
	}
	return nil
}
