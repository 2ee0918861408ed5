package trace

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/simdlanes/lanes/net"
)

// NPY writes each tensor to an npy file of its own, version 1.0 of the format:
// float32, labels as 64-bit integers.
type NPY struct {
	// Create opens the file of a tensor, whose name is as [Name] returns it. It is
	// closed when the tensor is written. See [Dir].
	Create func(name string) (io.WriteCloser, error)
}

// Show writes one tensor. It is a function for [net.Trace.Show]; its errors are
// those of Create and of what it returns.
func (n NPY) Show(x net.Tensor) error {
	name := Name(x)
	file, err := n.Create(name)
	if err != nil {
		return err
	}
	err = writeNPY(file, x)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Dir returns a function for [NPY.Create] that creates files in a folder, and the
// folder if there is none. A file of the same name is overwritten.
func Dir(folder string) func(name string) (io.WriteCloser, error) {
	return func(name string) (io.WriteCloser, error) {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return nil, err
		}
		return os.Create(filepath.Join(folder, name))
	}
}

// Name is the name of a tensor's file: step0001_layer2_conv_output.npy, or
// step0001_losses.npy for what belongs to the loss, without the step in a
// prediction. Of the layer's own name it has the first word, letters and digits
// alone.
func Name(x net.Tensor) string {
	var b strings.Builder
	if x.Step > 0 {
		fmt.Fprintf(&b, "step%04d_", x.Step)
	}
	switch x.Kind {
	case net.TensorLabels, net.TensorLosses, net.TensorLossGradient:
	default:
		fmt.Fprintf(&b, "layer%d_", x.Layer)
		if word := firstWord(x.Name); word != "" {
			b.WriteString(word + "_")
		}
	}
	b.WriteString(strings.ReplaceAll(x.Kind.String(), " ", "_"))
	b.WriteString(".npy")
	return b.String()
}

// firstWord is the first word of a layer's name, less what has no place in the
// name of a file.
func firstWord(name string) string {
	word, _, _ := strings.Cut(name, " ")
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, word)
}

// An npy file is a magic string, the version, the length of the header in two
// bytes, the header, which is a Python dictionary and a line feed, and the
// elements. Spaces in the header make the elements begin at a multiple of 64.
// See numpy.lib.format.
const (
	npyMagic = "\x93NUMPY\x01\x00"
	npyAlign = 64
)

func writeNPY(to io.Writer, x net.Tensor) error {
	w := bufio.NewWriter(to)
	header := npyHeader(x)
	w.WriteString(npyMagic)
	w.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(header))))
	w.WriteString(header)
	var item [8]byte
	for _, v := range x.Data {
		binary.LittleEndian.PutUint32(item[:], math.Float32bits(v))
		w.Write(item[:4])
	}
	for _, v := range x.Labels {
		binary.LittleEndian.PutUint64(item[:], uint64(v))
		w.Write(item[:])
	}
	return w.Flush()
}

func npyHeader(x net.Tensor) string {
	kind := "<f4"
	if x.Labels != nil {
		kind = "<i8"
	}
	var shape strings.Builder
	for _, d := range x.Shape {
		fmt.Fprintf(&shape, "%d, ", d)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, strings.TrimSuffix(shape.String(), " "))
	before := len(npyMagic) + 2
	after := (before+len(header)+1+npyAlign-1)/npyAlign*npyAlign - before
	return fmt.Sprintf("%-*s\n", after-1, header)
}
