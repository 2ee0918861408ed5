package pool_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/pool"
)

func ExampleMax() {
	op, err := pool.Max{Size: 2}.Bind(layer.Image(6, 29, 28))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(op, "->", op.Out()) // the odd row is dropped
	// Output: max-pool 2x2, identity -> 6x14x14
}
