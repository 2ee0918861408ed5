package net_test

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
)

// The running means and variances of another library's batch normalisation.
func ExampleNetwork_SetState() {
	n, err := net.New(layer.Vector(2), 1, norm.Batch{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := n.SetState(0, []float32{10, 20, 4, 9}); err != nil {
		fmt.Println(err)
		return
	}
	state, err := n.State(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("means", state[:2], "variances", state[2:])
	class, err := n.Predict(nil, []float32{12, 29}) // one deviation above its mean, and three
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("class", class[0])
	// Output:
	// means [10 20] variances [4 9]
	// class 1
}
