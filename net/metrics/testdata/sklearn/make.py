"""Writes cases.json beside this file: metrics as scikit-learn computes them.

apt-get install python3-sklearn; python3 make.py (made with scikit-learn 1.2.1)
"""

import json
import pathlib

import numpy as np
from sklearn import metrics

rng = np.random.default_rng(1)


def scores(labels, predicted, classes, average):
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(classes), average=average, zero_division=0
    )
    return precision, recall, f1, support


def case(name, labels, predicted, classes):
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    precision, recall, f1, support = scores(labels, predicted, classes, None)
    averages = {a: scores(labels, predicted, classes, a)[:3] for a in ("macro", "micro", "weighted")}
    return {
        "name": name,
        "classes": classes,
        "labels": labels.tolist(),
        "predicted": predicted.tolist(),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=range(classes)).tolist(),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.astype(int).tolist(),
        **averages,
    }


def top_k(n, classes, k):
    labels = np.arange(n) % classes
    rng.shuffle(labels)
    values = rng.permutation(n * classes).reshape(n, classes).astype(np.float32)  # no ties
    return {
        "classes": classes,
        "k": k,
        "labels": labels.tolist(),
        "scores": values.ravel().tolist(),
        "accuracy": metrics.top_k_accuracy_score(labels, values, k=k, labels=range(classes)),
    }


def noisy(n, classes, share):
    labels = rng.integers(0, classes, n)
    wrong = rng.random(n) < share
    return labels, np.where(wrong, rng.integers(0, classes, n), labels)


cases = [
    case("two classes", [0, 1, 1, 0, 1, 0], [0, 1, 0, 0, 1, 1], 2),
    case("one class", [0, 0, 0], [0, 0, 0], 1),
    case("all wrong", [0, 1, 2], [1, 2, 0], 3),
    case("a class without label", [0, 1, 0, 1], [0, 2, 0, 1], 3),
    case("a class without prediction", [0, 1, 2, 2], [0, 1, 1, 0], 3),
    case("a class with neither", [0, 1, 3, 3], [0, 1, 1, 3], 5),
    case("one example", [2], [2], 4),
    case("ten classes", *noisy(200, 10, 0.3), 10),
    case("unbalanced", np.repeat([0, 1, 2], [90, 9, 1]), noisy(100, 3, 1.0)[1], 3),
]
top = [top_k(40, 3, 1), top_k(40, 3, 2), top_k(40, 5, 3), top_k(30, 10, 5)]

out = pathlib.Path(__file__).with_name("cases.json")
out.write_text(json.dumps({"cases": cases, "top": top}, default=lambda v: v.item()) + "\n")
