package notebook

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a file, far above those of any network of the notebook.
const (
	// MaxSize is the most bytes that a file may have.
	MaxSize = 64 << 20

	maxInstructions = 1 << 15 // a pair of arrays takes about 60
	maxName         = 64      // bytes of a string that the unpickler is given
	maxDigits       = 20      // of a number in decimal
)

// The instructions of a pickle that need more than to be copied. Their names are
// those of Python's module pickle.
const (
	opStop            = '.'
	opGlobal          = 'c'
	opStackGlobal     = 0x93
	opMemoize         = 0x94
	opPut             = 'p'
	opBinPut          = 'q'
	opLongBinPut      = 'r'
	opGet             = 'g'
	opBinGet          = 'h'
	opLongBinGet      = 'j'
	opBinInt          = 'J'
	opBinUnicode      = 'X'
	opBinPersistentID = 'Q'
)

// An operand is what follows an instruction.
type operand int

const (
	nothing  operand = iota + 1
	fixed1           // bytes
	fixed2           //
	fixed4           //
	counted1         // bytes, their number before them in 1 byte
	decimal          // a number, to the end of the line
	twoNames         // two lines
	rawText          // a string with escapes, to the end of the line
	text1            // a string in UTF-8, its length before it in 1 byte
	text4            //
	text8            //
	blob1            // bytes that belong aside, their number before them in 1 byte
	blob4            //
	blob8            //
	frame            // the length of what follows; of no consequence
)

// allowed are the instructions that a list of arrays is made of.
var allowed = map[byte]operand{
	'(': nothing, opStop: nothing, 'N': nothing, 'R': nothing, 'a': nothing, 'b': nothing, 'e': nothing,
	'l': nothing, ']': nothing, 't': nothing, ')': nothing,
	0x85: nothing, 0x86: nothing, 0x87: nothing, // tuples of one, two and three
	0x88: nothing, 0x89: nothing, // True, False
	opStackGlobal: nothing, opMemoize: nothing, opGlobal: twoNames,
	'K': fixed1, 'M': fixed2, opBinInt: fixed4, 'I': decimal, 'L': decimal, 0x8a: counted1,
	opGet: decimal, opBinGet: fixed1, opLongBinGet: fixed4,
	opPut: decimal, opBinPut: fixed1, opLongBinPut: fixed4,
	'V': rawText, opBinUnicode: text4, 0x8c: text1, 0x8d: text8,
	'C': blob1, 'B': blob4, 0x8e: blob8, 0x96: blob8,
	0x80: fixed1, 0x95: frame, // protocol
}

// A blob is a string, in UTF-8, or bytes that the unpickler carries without
// looking at them.
type blob struct{ data []byte }

// GoString implements [fmt.GoStringer]: the unpickler puts values into errors.
func (b *blob) GoString() string { return fmt.Sprintf("%d bytes", len(b.data)) }

// condenser checks the instructions of a pickle and writes them anew, with
// references to blobs in place of what is long: to the unpickler they are
// persistent objects, which the pickle itself must not have.
type condenser struct {
	in    []byte // what is left to read
	out   []byte
	blobs []*blob

	// names are the strings that the last instructions have pushed, and memo
	// those that are kept, to tell what opStackGlobal refers to. A kept value
	// that is no name is the empty string.
	names []string
	memo  map[int]string
}

// condense returns the pickle anew, and its blobs.
func condense(pickle []byte) ([]byte, []*blob, error) {
	c := &condenser{in: pickle, memo: make(map[int]string)}
	for n := range maxInstructions {
		at := len(pickle) - len(c.in)
		stop, err := c.instruction()
		if err != nil {
			return nil, nil, fmt.Errorf("instruction %d, at byte %d: %w", n, at, err)
		}
		if stop {
			return c.out, c.blobs, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: more than %d instructions", ErrPickle, maxInstructions)
}

func (c *condenser) instruction() (stop bool, err error) {
	op, err := c.take(1)
	if err != nil {
		return false, err
	}
	code := op[0]
	kind, ok := allowed[code]
	if !ok {
		return false, fmt.Errorf("%w: 0x%02x (%q), which no list of arrays needs", ErrPickle, code, code)
	}
	arg, err := c.argument(kind)
	if err != nil {
		return false, err
	}
	switch {
	case kind == frame:
		return false, nil
	case kind >= blob1:
		c.putBlob(arg)
		return false, nil
	case kind >= rawText:
		c.putText(arg)
		return false, nil
	}
	if err := c.follow(code, kind, arg); err != nil {
		return false, err
	}
	c.out = append(c.out, code)
	if kind == counted1 {
		c.out = append(c.out, byte(len(arg)))
	}
	c.out = append(c.out, arg...)
	return code == opStop, nil
}

// take reads n bytes.
func (c *condenser) take(n uint64) ([]byte, error) {
	if n > uint64(len(c.in)) {
		return nil, fmt.Errorf("%w: want %d bytes, have %d", ErrPickle, n, len(c.in))
	}
	taken := c.in[:n:n]
	c.in = c.in[n:]
	return taken, nil
}

// line reads a line of at most limit bytes, the line feed included.
func (c *condenser) line(limit int) ([]byte, error) {
	end := slices.Index(c.in[:min(limit, len(c.in))], '\n')
	if end < 0 {
		return nil, fmt.Errorf("%w: want a line of at most %d bytes", ErrPickle, limit)
	}
	return c.take(uint64(end) + 1)
}

// counted reads bytes whose number stands before them in size bytes.
func (c *condenser) counted(size uint64) ([]byte, error) {
	b, err := c.take(size)
	if err != nil {
		return nil, err
	}
	var wide [8]byte
	copy(wide[:], b)
	return c.take(binary.LittleEndian.Uint64(wide[:]))
}

// argument reads what follows an instruction.
func (c *condenser) argument(kind operand) ([]byte, error) {
	switch kind {
	case fixed1:
		return c.take(1)
	case fixed2:
		return c.take(2)
	case fixed4:
		return c.take(4)
	case frame:
		return c.take(8)
	case counted1:
		b, err := c.counted(1)
		if err == nil && (len(b) < 1 || len(b) > 8) {
			err = fmt.Errorf("%w: a number of %d bytes", ErrPickle, len(b))
		}
		return b, err
	case decimal:
		return c.line(maxDigits + 2)
	case twoNames:
		return c.twoLines()
	case rawText:
		b, err := c.line(len(c.in))
		if err != nil {
			return nil, err
		}
		return unescape(b[:len(b)-1]), nil
	case text1, blob1:
		return c.counted(1)
	case text4, blob4:
		return c.counted(4)
	case text8, blob8:
		return c.counted(8)
	}
	return nil, nil
}

func (c *condenser) twoLines() ([]byte, error) {
	first, err := c.line(maxName)
	if err != nil {
		return nil, err
	}
	second, err := c.line(maxName)
	return slices.Concat(first, second), err
}

// unescape decodes Python's raw-unicode-escape to UTF-8: bytes are Latin-1, but
// for \u and \U with four and eight hexadecimal digits.
func unescape(raw []byte) []byte {
	text := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		digits := 0
		if raw[i] == '\\' && i+1 < len(raw) {
			digits = map[byte]int{'u': 4, 'U': 8}[raw[i+1]]
		}
		if last := i + 1 + digits; digits > 0 && last < len(raw) {
			if r, err := strconv.ParseUint(string(raw[i+2:last+1]), 16, 31); err == nil {
				text = utf8.AppendRune(text, rune(r))
				i = last
				continue
			}
		}
		text = utf8.AppendRune(text, rune(raw[i]))
	}
	return text
}

// putText writes an instruction that pushes a string.
func (c *condenser) putText(s []byte) {
	if len(s) > maxName {
		c.putBlob(s)
		return
	}
	c.out = append(c.out, opBinUnicode)
	c.out = binary.LittleEndian.AppendUint32(c.out, uint32(len(s)))
	c.out = append(c.out, s...)
	c.names = append(c.names, string(s))
}

// putBlob writes instructions that push a reference to a blob.
func (c *condenser) putBlob(b []byte) {
	c.out = append(c.out, opBinInt)
	c.out = binary.LittleEndian.AppendUint32(c.out, uint32(len(c.blobs)))
	c.out = append(c.out, opBinPersistentID)
	c.blobs = append(c.blobs, &blob{b})
	c.names = c.names[:0]
}

// follow keeps account of names, and checks what is looked up by name.
func (c *condenser) follow(code byte, kind operand, arg []byte) error {
	switch code {
	case opPut, opBinPut, opLongBinPut, opMemoize:
		return c.keep(code, kind, arg)
	case opGet, opBinGet, opLongBinGet:
		at, err := index(kind, arg)
		if err != nil {
			return err
		}
		name, ok := c.memo[at]
		if !ok {
			return fmt.Errorf("%w: nothing was kept as number %d", ErrPickle, at)
		}
		c.names = append(c.names, name)
		return nil
	}
	names := c.names
	c.names = c.names[:0]
	switch code {
	case opGlobal:
		module, name, _ := strings.Cut(string(arg), "\n")
		return checkGlobal(module, strings.TrimSuffix(name, "\n"))
	case opStackGlobal:
		if len(names) < 2 {
			return fmt.Errorf("%w: a global whose name does not stand before it", ErrPickle)
		}
		return checkGlobal(names[len(names)-2], names[len(names)-1])
	}
	return nil
}

// keep puts the last name, or that it is none, where the pickle keeps the last
// value.
func (c *condenser) keep(code byte, kind operand, arg []byte) error {
	at := len(c.memo)
	if code != opMemoize {
		var err error
		if at, err = index(kind, arg); err != nil {
			return err
		}
	}
	c.memo[at] = ""
	if n := len(c.names); n > 0 {
		c.memo[at] = c.names[n-1]
	}
	return nil
}

// index is the number of a kept value.
func index(kind operand, arg []byte) (int, error) {
	if kind == decimal {
		i, err := strconv.ParseUint(string(arg[:len(arg)-1]), 10, 31)
		if err != nil {
			return 0, fmt.Errorf("%w: %q is not the number of a kept value", ErrPickle, arg)
		}
		return int(i), nil
	}
	var wide [8]byte
	copy(wide[:], arg)
	return int(binary.LittleEndian.Uint64(wide[:])), nil
}
