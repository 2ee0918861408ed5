package mnist

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// unpack returns a reader of r's contents, decompressed if r starts as gzip
// does. (IDX data starts with two zero bytes.)
func unpack(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(&patientReader{r: r})
	start, err := buffered.Peek(2)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if string(start) != "\x1f\x8b" {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, readError(err, "gzip header")
	}
	return unzipped, nil
}

// patientReader gives up on a reader that keeps returning neither data nor an
// error, which io.ReadFull would wait for without end.
type patientReader struct {
	r     io.Reader
	empty int // empty reads in a row
}

func (p *patientReader) Read(buf []byte) (int, error) {
	const patience = 100
	n, err := p.r.Read(buf)
	if n != 0 || err != nil || len(buf) == 0 {
		p.empty = 0
		return n, err
	}
	if p.empty++; p.empty == patience {
		return 0, io.ErrNoProgress
	}
	return 0, nil
}

// readError says where err came. A stream that ends early, or is not what gzip
// should be, is a format error; anything else is the reader's own.
func readError(err error, where string) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	var corrupt flate.CorruptInputError
	if err == io.ErrUnexpectedEOF || errors.Is(err, gzip.ErrHeader) ||
		errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt) {
		return fmt.Errorf("%w: %s: %w", ErrFormat, where, err)
	}
	return fmt.Errorf("%s: %w", where, err)
}
