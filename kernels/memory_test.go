package kernels

import (
	"testing"
	"unsafe"
)

// margin is the number of elements on either side of an operand that are
// watched.
const margin = 16

// memory holds the operands of one trial after another. Each has a room of its
// own, in which place says where it lies.
type memory struct {
	grow  func(n int) []float32              // makes a room of at least n elements
	place func(room []float32, i, n int) int // index in room of the n elements of operand i
	rooms [][]float32
}

// slot returns memory for the n elements of operand i, and what lies on either
// side of it in its room.
func (m *memory) slot(i, n int) (data []float32, margins [2][]float32) {
	if i == len(m.rooms) {
		m.rooms = append(m.rooms, nil)
	}
	if need := n + 2*margin + Lanes; len(m.rooms[i]) < need {
		m.rooms[i] = m.grow(2 * need)
	}
	room := m.rooms[i]
	at := m.place(room, i, n)
	end := at + n
	return room[at:end:end], [2][]float32{
		room[max(0, at-margin):at],
		room[end:min(len(room), end+margin)],
	}
}

// aligned places operands at addresses that are multiples of 32 bytes.
func aligned() *memory { return misaligned(0, 0) }

// misaligned places operands at addresses that are offset elements, and skew
// more for each next operand, beyond a multiple of 32 bytes.
func misaligned(offset, skew int) *memory {
	return &memory{
		grow: func(n int) []float32 { return make([]float32, n) },
		place: func(room []float32, i, n int) int {
			have := int(uintptr(unsafe.Pointer(&room[margin])) / 4 % Lanes)
			want := offset + i*skew
			return margin + (want-have+Lanes)%Lanes
		},
	}
}

// beforeGuard places operands right before memory that cannot be accessed.
func beforeGuard(t testing.TB) *memory {
	return &memory{
		grow:  func(n int) []float32 { return guarded(t, n) },
		place: func(room []float32, i, n int) int { return len(room) - n },
	}
}

// afterGuard places operands right after memory that cannot be accessed.
func afterGuard(t testing.TB) *memory {
	return &memory{
		grow:  func(n int) []float32 { return guarded(t, n) },
		place: func(room []float32, i, n int) int { return 0 },
	}
}
