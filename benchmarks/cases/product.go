package cases

import "fmt"

// Product is a product of row-major matrices, C = op(A)*op(B), where op(A) is
// M x K and op(B) is K x N. A or B is stored as its transpose if its flag is
// set.
type Product struct {
	TransA, TransB bool
	M, N, K        int
}

// Squares returns products of large square matrices.
func Squares() (products []Product) {
	for _, n := range []int{256, 512, 1024, 2048} {
		products = append(products, Product{M: n, N: n, K: n})
	}
	return products
}

// Skinny returns the products that small networks are made of, as plain,
// and with the transpositions of a dense layer's forward pass and gradients.
func Skinny() (products []Product) {
	for _, s := range [][3]int{
		{32, 120, 400}, {32, 84, 120}, {32, 10, 84}, {400, 120, 32}, // dense layers of LeNet-5
		{6, 784, 25}, {16, 100, 150}, // its convolutions, if im2col made them products
		{64, 3136, 576}, {128, 784, 1152}, // larger convolutions, likewise
		{31, 77, 129}, {1, 4096, 4096},
		{64, 64, 64}, {80, 80, 80}, {96, 96, 96}, {112, 112, 112}, {128, 128, 128},
	} {
		p := Product{M: s[0], N: s[1], K: s[2]}
		products = append(products, p)
		p.TransB = true
		products = append(products, p)
		p.TransA, p.TransB = true, false
		products = append(products, p)
	}
	return products
}

// LeNetDense returns the products of the dense layers of LeNet-5 in a training
// step of a batch: forward, gradients of the inputs and of the weights. (What
// BLAS computes; bias and activation are not in them.)
func LeNetDense(batch int) (products []Product) {
	for _, layer := range [][2]int{{400, 120}, {120, 84}, {84, 10}} {
		in, out := layer[0], layer[1]
		products = append(products,
			Product{TransB: true, M: batch, N: out, K: in},
			Product{M: batch, N: in, K: out},
			Product{TransA: true, M: out, N: in, K: batch})
	}
	return products
}

// Products returns all products, each once.
func Products() (products []Product) {
	seen := make(map[Product]bool)
	for _, list := range [][]Product{Squares(), Skinny(), LeNetDense(32)} {
		for _, p := range list {
			if !seen[p] {
				seen[p] = true
				products = append(products, p)
			}
		}
	}
	return products
}

// Blas32 returns the products that are measured as a user of gonum's blas32
// computes them, with gonum's implementation and with that of
// adapters/gonumblas.
func Blas32() (products []Product) {
	for _, n := range []int{16, 64, 128, 256, 512, 1024} {
		products = append(products, Product{M: n, N: n, K: n})
	}
	products = append(products, LeNetDense(32)[:3]...)
	return append(products, Product{M: 4000, N: 10, K: 100}, Product{M: 4000, N: 10, K: 100, TransB: true})
}

// Blas32Key names a product of [Blas32].
func (p Product) Blas32Key() string {
	return fmt.Sprintf("op=blas32/trans=%s/shape=%dx%dx%d", p.Trans(), p.M, p.N, p.K)
}

// Key implements [Case].
func (p Product) Key() string {
	return fmt.Sprintf("op=sgemm/trans=%s/shape=%dx%dx%d", p.Trans(), p.M, p.N, p.K)
}

// Trans says which of the operands is stored as its transpose: NN, NT or TN.
func (p Product) Trans() string {
	letter := map[bool]string{false: "N", true: "T"}
	return letter[p.TransA] + letter[p.TransB]
}

// Numbers implements [Case].
func (p Product) Numbers() []int {
	flag := map[bool]int{true: 1}
	return []int{flag[p.TransA], flag[p.TransB], p.M, p.N, p.K}
}

// FLOPs is the arithmetic of the product.
func (p Product) FLOPs() float64 { return 2 * float64(p.M) * float64(p.N) * float64(p.K) }
