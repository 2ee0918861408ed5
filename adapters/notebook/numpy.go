package notebook

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"codeberg.org/sbinet/npyio/npy"
	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// A global is a name that a pickle may refer to.
type global struct{ module, name string }

// globals are those by which numpy arrays, and bytes in old protocols, are put
// together.
var globals = map[global]func(*unpickler) types.Callable{
	{"numpy", "ndarray"}:                       func(*unpickler) types.Callable { return ndarray{} },
	{"numpy", "dtype"}:                         func(*unpickler) types.Callable { return dtype{} },
	{"numpy.core.multiarray", "_reconstruct"}:  func(u *unpickler) types.Callable { return reconstruct{u} },
	{"numpy._core.multiarray", "_reconstruct"}: func(u *unpickler) types.Callable { return reconstruct{u} },
	{"numpy.core.numeric", "_frombuffer"}:      func(u *unpickler) types.Callable { return fromBuffer{u} },
	{"numpy._core.numeric", "_frombuffer"}:     func(u *unpickler) types.Callable { return fromBuffer{u} },
	{"_codecs", "encode"}:                      func(u *unpickler) types.Callable { return encode{u} },
	{"__builtin__", "bytes"}:                   func(*unpickler) types.Callable { return noBytes{} },
	{"builtins", "bytes"}:                      func(*unpickler) types.Callable { return noBytes{} },
}

func checkGlobal(module, name string) error {
	if globals[global{module, name}] == nil {
		return fmt.Errorf("%w: it refers to %q of %q", ErrPickle, name, module)
	}
	return nil
}

// unpickler is what putting together one file has left to spend: a file may
// refer to its blobs again and again.
type unpickler struct {
	encode, decode int // bytes of strings and of arrays
}

// unpickle returns the value of a pickle, made of *types.List, *types.Tuple,
// *array, nil and what arrays are made of.
func unpickle(file []byte) (value any, err error) {
	short, blobs, err := condense(file)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil { // the unpickler's, on operands that do not fit
			value, err = nil, fmt.Errorf("%w: %v", ErrPickle, r)
		}
	}()
	u := &unpickler{encode: len(file), decode: len(file)}
	p := pickle.NewUnpickler(bytes.NewReader(short))
	p.FindClass = u.find
	p.PersistentLoad = func(id any) (any, error) { return blobs[id.(int)], nil }
	if value, err = p.Load(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPickle, err)
	}
	return value, nil
}

func (u *unpickler) find(module, name string) (any, error) {
	if err := checkGlobal(module, name); err != nil {
		return nil, err
	}
	return globals[global{module, name}](u), nil
}

// spend takes n from what is left.
func spend(left *int, n int) error {
	if *left -= n; *left < 0 {
		return fmt.Errorf("the arrays are larger than the file")
	}
	return nil
}

// ndarray is the class of arrays: an argument, never called.
type ndarray struct{}

func (ndarray) Call(...any) (any, error) { return nil, fmt.Errorf("call of numpy.ndarray") }

// dtype makes a type of elements, of which npy knows many.
type dtype struct{}

func (dtype) Call(args ...any) (any, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("numpy.dtype without arguments")
	}
	switch args[0] {
	case "f4", "<f4", ">f4", "=f4", "f8", "<f8", ">f8", "=f8":
		return (*npy.ArrayDescr)(nil).Call(args...)
	}
	return nil, fmt.Errorf("want arrays of float32 or float64, have %#v", args[0])
}

// encode makes bytes of a string: protocols 0 to 2 have no bytes.
type encode struct{ u *unpickler }

func (e encode) Call(args ...any) (any, error) {
	if len(args) != 2 || args[1] != "latin1" {
		return nil, fmt.Errorf("want a string in latin1, have %d arguments", len(args))
	}
	var text []byte
	switch s := args[0].(type) {
	case string:
		text = []byte(s)
	case *blob:
		text = s.data
	default:
		return nil, fmt.Errorf("want a string, have %T", s)
	}
	if err := spend(&e.u.encode, len(text)); err != nil {
		return nil, err
	}
	encoded := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r > 0xff {
			return nil, fmt.Errorf("%q is not in latin1", r)
		}
		encoded = append(encoded, byte(r))
		text = text[size:]
	}
	return &blob{encoded}, nil
}

// noBytes makes the empty bytes, which protocols 0 to 2 write in this way.
type noBytes struct{}

func (noBytes) Call(args ...any) (any, error) {
	if len(args) != 0 {
		return nil, fmt.Errorf("want no arguments of bytes, have %d", len(args))
	}
	return &blob{}, nil
}

// reconstruct makes an array that is yet to be given its state.
type reconstruct struct{ u *unpickler }

func (r reconstruct) Call(args ...any) (any, error) {
	if len(args) != 3 || args[0] != any(ndarray{}) {
		return nil, fmt.Errorf("want a class derived from none but numpy.ndarray")
	}
	return r.u.newArray()
}

// fromBuffer makes an array in protocol 5.
type fromBuffer struct{ u *unpickler }

func (f fromBuffer) Call(args ...any) (any, error) {
	if len(args) != 4 {
		return nil, fmt.Errorf("want 4 arguments of _frombuffer, have %d", len(args))
	}
	if args[3] != "C" && args[3] != "F" {
		return nil, fmt.Errorf("want the order C or F, have %#v", args[3])
	}
	a, err := f.u.newArray()
	if err != nil {
		return nil, err
	}
	state := types.Tuple{args[2], args[1], args[3] == "F", args[0]} // shape, type, order, data
	return a, a.PySetState(&state)
}

// array is an array of the pickle.
type array struct {
	u   *unpickler
	npy *npy.Array
}

func (u *unpickler) newArray() (*array, error) {
	class, err := npy.ClassLoader("numpy.core.multiarray", "_reconstruct")
	if err != nil {
		return nil, err
	}
	made, err := class.(types.Callable).Call(&npy.Array{}, nil, nil)
	if err != nil {
		return nil, err
	}
	return &array{u, made.(*npy.Array)}, nil
}

// PySetState implements [types.PyStateSettable]. The last element of the state
// is the data, a blob that becomes an array only now.
func (a *array) PySetState(state any) error {
	given, ok := state.(*types.Tuple)
	if !ok || given.Len() == 0 {
		return fmt.Errorf("want the state of an array, have %T", state)
	}
	last := given.Len() - 1
	data, ok := given.Get(last).(*blob)
	if !ok {
		return fmt.Errorf("want the bytes of an array, have %T", given.Get(last))
	}
	if err := spend(&a.u.decode, len(data.data)); err != nil {
		return err
	}
	full := append(types.Tuple{}, *given...)
	full[last] = data.data
	return a.npy.PySetState(&full)
}
