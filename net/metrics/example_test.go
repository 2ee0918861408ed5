package metrics_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/net/metrics"
)

func ExampleNewConfusion() {
	labels := []int{0, 0, 0, 1, 1, 2, 2, 2, 2, 2}
	predicted := []int{0, 0, 1, 1, 1, 2, 2, 2, 2, 0}
	c, err := metrics.NewConfusion(labels, predicted, 3)
	if err != nil {
		log.Fatal(err)
	}
	c.Names = []string{"cat", "dog", "horse"}
	fmt.Println(c)
	fmt.Print(c.Report())
	// Output:
	// label \ predicted  cat  dog  horse
	// cat                  2    1      0
	// dog                  0    2      0
	// horse                1    0      4
	//
	//                   precision  recall      F1  support
	// cat                  0.6667  0.6667  0.6667        3
	// dog                  0.6667  1.0000  0.8000        2
	// horse                1.0000  0.8000  0.8889        5
	// accuracy                             0.8000       10
	// macro average        0.7778  0.8222  0.7852       10
	// weighted average     0.8333  0.8000  0.8044       10
}

func ExampleConfusion_Class() {
	c, err := metrics.NewConfusion([]int{0, 0, 1, 1}, []int{0, 1, 1, 1}, 2)
	if err != nil {
		log.Fatal(err)
	}
	s := c.Class(1)
	fmt.Printf("precision %.2f, recall %.2f, F1 %.2f of %d\n", s.Precision, s.Recall, s.F1, s.Support)
	fmt.Printf("macro F1 %.2f, weighted F1 %.2f\n", c.Macro().F1, c.Weighted().F1)
	// Output:
	// precision 0.67, recall 1.00, F1 0.80 of 2
	// macro F1 0.73, weighted F1 0.73
}

func ExampleConfusion_Counts() {
	c, err := metrics.NewConfusion([]int{0, 0, 1, 1}, []int{0, 1, 1, 1}, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Classes(), c.Counts(), c.Count(0, 1))
	fmt.Println(c.Accuracy(), c.Micro().F1) // the same, as each example has one label
	// Output:
	// 2 [[1 1] [0 2]] 1
	// 0.75 0.75
}

func ExampleAccuracy() {
	accuracy, err := metrics.Accuracy([]int{3, 1, 4, 1}, []int{3, 1, 4, 5})
	fmt.Println(accuracy, err)
	// Output: 0.75 <nil>
}

func ExampleTopK() {
	labels := []int{2, 0}
	proba := []float32{
		0.1, 0.5, 0.4, // the label, 2, comes second
		0.2, 0.5, 0.3, // the label, 0, comes last
	}
	for k := 1; k <= 3; k++ {
		share, err := metrics.TopK(labels, proba, k)
		fmt.Println(k, share, err)
	}
	// Output:
	// 1 0 <nil>
	// 2 0.5 <nil>
	// 3 1 <nil>
}
