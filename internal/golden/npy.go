package golden

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// array is a decoded npy file: its values in C order, and its dimensions.
type array struct {
	shape []int
	data  []float64
}

// An npy file of version 1.0 is a magic string, the version, the header's
// length in two bytes, the header (a Python dictionary) and the raw values.
const (
	npyMagic      = "\x93NUMPY\x01\x00"
	npyHeaderAt   = len(npyMagic) + 2
	npyDictionary = `'descr': '(.{3})', 'fortran_order': False, 'shape': \(([0-9, ]*)\)`
)

var (
	npyHeader = regexp.MustCompile(npyDictionary)
	number    = regexp.MustCompile(`[0-9]+`)
)

// itemTypes are the stored types that the golden files and traces use, with
// their conversion to float64.
var itemTypes = map[string]struct {
	size  int
	value func(item []byte) float64
}{
	"<f8": {8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }},
	"<f4": {4, func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }},
	"<i8": {8, func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) }},
	"<i4": {4, func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) }},
	"|u1": {1, func(b []byte) float64 { return float64(b[0]) }},
}

// decodeNPY reads an npy file, version 1.0, in C order, of one of itemTypes.
func decodeNPY(file []byte) (array, error) {
	if len(file) < npyHeaderAt || !bytes.HasPrefix(file, []byte(npyMagic)) {
		return array{}, fmt.Errorf("not an npy file of version 1.0")
	}
	dataAt := npyHeaderAt + int(binary.LittleEndian.Uint16(file[len(npyMagic):]))
	if len(file) < dataAt {
		return array{}, fmt.Errorf("header cut short")
	}
	header := npyHeader.FindSubmatch(file[npyHeaderAt:dataAt])
	if header == nil {
		return array{}, fmt.Errorf("unsupported header %q", file[npyHeaderAt:dataAt])
	}
	item, ok := itemTypes[string(header[1])]
	if !ok {
		return array{}, fmt.Errorf("unsupported type %q", header[1])
	}

	var a array
	size := 1
	for _, digits := range number.FindAll(header[2], -1) {
		dimension, err := strconv.Atoi(string(digits))
		if err != nil {
			return array{}, err
		}
		a.shape = append(a.shape, dimension)
		size *= dimension
	}
	raw := file[dataAt:]
	if len(raw) != size*item.size {
		return array{}, fmt.Errorf("shape %v of %s takes %d bytes, found %d", a.shape, header[1], size*item.size, len(raw))
	}
	a.data = make([]float64, size)
	for i := range a.data {
		a.data[i] = item.value(raw[i*item.size:])
	}
	return a, nil
}
