package layer

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"github.com/simdlanes/lanes/kernels"
)

// Stream returns a source of random numbers that depends on all of seed,
// purpose and index, and on nothing else: not on other streams, the machine or
// the time. Its algorithm (ChaCha8, as specified by C2SP chacha8rand) is part
// of the reproducibility that the module promises within a release.
func Stream(seed uint64, purpose string, index uint64) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[0:], seed)
	binary.LittleEndian.PutUint64(key[8:], index)
	if room := len(key) - 16; len(purpose) > room {
		digest := sha256.Sum256([]byte(purpose))
		purpose = string(digest[:room])
	}
	copy(key[16:], purpose)
	return rand.New(rand.NewChaCha8(key))
}

// Uniform returns a number in [0, 1), a multiple of 2**-24.
func Uniform(r *rand.Rand) float32 { return float32(r.Uint64()>>40) * 0x1p-24 }

// Normal fills dst with normally distributed numbers of mean 0 and standard
// deviation std, by Marsaglia's polar method ("A convenient method for
// generating normal variables", 1964). It uses float32 operations whose bits
// are the same on every machine, which rand.NormFloat64 does not promise.
func Normal(dst []float32, std float32, r *rand.Rand) {
	for i := 0; i < len(dst); i += 2 {
		a, b := normalPair(r)
		dst[i] = std * a
		if i+1 < len(dst) {
			dst[i+1] = std * b
		}
	}
}

func normalPair(r *rand.Rand) (a, b float32) {
	for {
		x, y := 2*Uniform(r)-1, 2*Uniform(r)-1
		s := float32(x*x) + float32(y*y)
		if s < 1 && s > 0 {
			f := kernels.Sqrt(float32(-2*kernels.Log(s)) / s)
			return x * f, y * f
		}
	}
}

// Shuffle permutes p (Durstenfeld, Algorithm 235, 1964). The remainder of 64
// bits favours small indices by less than one part in 2**30 for any p that fits
// into memory.
func Shuffle(p []int, r *rand.Rand) {
	for i := len(p) - 1; i > 0; i-- {
		j := int(r.Uint64() % uint64(i+1))
		p[i], p[j] = p[j], p[i]
	}
}

// InitWeights draws a layer's initial weights: a normal distribution of mean 0
// and variance 2/fanIn before ReLU and 2/((1 + LeakySlope**2) * fanIn) before
// LeakyReLU (He et al., "Delving Deep into Rectifiers", 2015, equations 10 and 15),
// and 1/fanIn before the other activations (LeCun et al., "Efficient BackProp",
// 1998, equation 16).
func InitWeights(w []float32, fanIn int, a Activation, r *rand.Rand) {
	gain := float32(1)
	switch a {
	case ReLU:
		gain = 2
	case LeakyReLU:
		gain = 2 / (1 + LeakySlope*LeakySlope)
	}
	Normal(w, kernels.Sqrt(gain/float32(fanIn)), r)
}
