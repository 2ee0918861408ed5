package main

// peak emits a loop of nothing but independent fused multiply-adds: what the
// FMA units can do at most. Twelve chains cover the units' latency on every core
// since Haswell (5 cycles, 2 units).
func (g *gen) peak() {
	const chains = 12
	g.function("fmaPeakAVX2", "func(rounds int)",
		"fmaPeakAVX2 executes rounds times 12 independent fused multiply-adds of eight lanes.")
	rounds := g.arg("rounds")
	acc := g.ymms(chains)
	g.zero(acc...)
	factor := g.YMM()
	g.zero(factor)
	g.loop("round", rounds, func() {
		for _, a := range acc {
			g.VFMADD231PS(factor, factor, a)
		}
	})
	g.done()
}
