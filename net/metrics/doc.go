// Package metrics judges a classifier by the labels of examples and the classes,
// or scores, that it gave them, such as an evaluation of package net returns.
//
//	c, err := metrics.NewConfusion(e.Labels, e.Classes, 10)
//	fmt.Println(c)          // the confusion matrix
//	fmt.Println(c.Report()) // precision, recall and F1 of each class
//	best5, err := metrics.TopK(e.Labels, e.Proba, 5)
//
// Classes are numbered from 0. The definitions are those of scikit-learn
// (Pedregosa et al., "Scikit-learn: Machine Learning in Python", 2011), with 0
// where a ratio has the denominator 0 (zero_division=0) and averages over all
// classes (labels=range(classes)): a class that occurs neither as label nor as
// prediction has precision, recall and F1 of 0, and counts in a macro average.
//
// The package takes plain slices and imports no other of this module. Nothing
// here writes to its arguments. All methods may be called from several goroutines
// at once.
package metrics
