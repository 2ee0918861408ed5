package kernels

import "unsafe"

// Stream copies src to dst, of the same length, like the builtin copy, but
// leaves no line of dst in this core's cache and takes none from another's: for
// what other cores will read, in place of what they have read before. They must
// not overlap.
func Stream(dst, src []float32) {
	if len(dst) != len(src) {
		panic(badLength)
	}
	if overlap(dst, src) {
		panic(badOverlap)
	}
	raceRead(src)
	raceWrite(dst)
	if useAVX2 && len(dst) > 0 {
		stream(dst, src)
		return
	}
	streamGeneric(dst, src)
}

// A cache line, and the number of lines that one call of the assembly copies at
// most.
const (
	lineBytes = 64
	lineLen   = lineBytes / 4
	maxLines  = 8192
)

// stream copies whole lines by assembly, and the portable way what is before
// and after them.
func stream(dst, src []float32) {
	past := int(uintptr(unsafe.Pointer(&dst[0])) % lineBytes / 4)
	head := min((lineLen-past)%lineLen, len(dst))
	streamGeneric(dst[:head], src[:head])
	dst, src = dst[head:], src[head:]
	for len(dst) >= lineLen {
		lines := min(len(dst)/lineLen, maxLines)
		streamAVX2(&dst[0], &src[0], lines)
		dst, src = dst[lines*lineLen:], src[lines*lineLen:]
	}
	streamGeneric(dst, src)
}
