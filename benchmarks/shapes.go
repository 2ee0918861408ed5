package benchmarks

// Conv is the shape of a convolution without padding, stride 1. Its weights
// are (Out, In, Filter, Filter) and its bias (Out); it maps images of
// (In, Height, Width) to images of (Out, OutHeight, OutWidth).
type Conv struct {
	In, Out       int // channels
	Filter        int // rows and columns of a filter
	Height, Width int // of the input
}

// OutHeight returns the number of rows of an output image.
func (s Conv) OutHeight() int { return s.Height - s.Filter + 1 }

// OutWidth returns the number of columns of an output image.
func (s Conv) OutWidth() int { return s.Width - s.Filter + 1 }

// InSize returns the number of values of an input image.
func (s Conv) InSize() int { return s.In * s.Height * s.Width }

// OutSize returns the number of values of an output image.
func (s Conv) OutSize() int { return s.Out * s.positions() }

// WeightSize returns the number of weights, the bias apart.
func (s Conv) WeightSize() int { return s.Out * s.taps() }

// FLOPs returns the useful arithmetic of one pass over one image: a multiply
// and an add for every weight at every position of the filter. Forward, weight
// gradient and data gradient all take as much; the bias is not counted.
func (s Conv) FLOPs() int { return 2 * s.WeightSize() * s.positions() }

// taps is the number of weights that one output value sums over.
func (s Conv) taps() int { return s.In * s.Filter * s.Filter }

// positions is the number of places that a filter takes on an image.
func (s Conv) positions() int { return s.OutHeight() * s.OutWidth() }

// Pool is the shape of a 2x2 max-pool, stride 2. An odd last row or column is
// dropped.
type Pool struct {
	Channels, Height, Width int // of the input
}

// InSize returns the number of values of an input image.
func (s Pool) InSize() int { return s.Channels * s.Height * s.Width }

// OutSize returns the number of values of an output image.
func (s Pool) OutSize() int { return s.Channels * (s.Height / 2) * (s.Width / 2) }

// Dense is the shape of a fully connected layer, whose weights are (Out, In)
// and whose bias is (Out).
type Dense struct {
	In, Out int // features
}

// WeightSize returns the number of weights, the bias apart.
func (s Dense) WeightSize() int { return s.Out * s.In }

// FLOPs returns the useful arithmetic of one pass over one image: a multiply
// and an add for every weight, forward and in each gradient.
func (s Dense) FLOPs() int { return 2 * s.WeightSize() }

// The layers of LeNet-5. The first dense layer takes the second pool's images
// flattened in (channel, row, column) order.
var (
	conv1  = Conv{In: 1, Out: 6, Filter: 5, Height: 32, Width: 32}
	pool1  = Pool{Channels: 6, Height: 28, Width: 28}
	conv2  = Conv{In: 6, Out: 16, Filter: 5, Height: 14, Width: 14}
	pool2  = Pool{Channels: 16, Height: 10, Width: 10}
	dense1 = Dense{In: 400, Out: 120}
	dense2 = Dense{In: 120, Out: 84}
	dense3 = Dense{In: 84, Out: classes}
)

const classes = 10
