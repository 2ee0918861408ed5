"""Measures LeNet-5 on PyTorch: training steps, an epoch, Adam, predictions.

usage: lenet5.py WORKERS SECONDS < cases
       lenet5.py export FILE      writes the network as ONNX, for onnxruntime
"""

import sys
import time

import torch
from torch import nn

from measure import best, median, report, wanted


def lenet5(variant="lenet5"):
    """LeNet-5, or it with batch normalisation or dropout, as the key of a case names it."""

    def convolution(c, filters):
        normalised = [nn.BatchNorm2d(filters)] if variant == "lenet5-batchnorm" else []
        return nn.Conv2d(c, filters, 5), *normalised, nn.ReLU(), nn.MaxPool2d(2)

    def hidden(inputs, units):
        dropped = [nn.Dropout(0.5)] if variant == "lenet5-dropout" else []
        return nn.Linear(inputs, units), nn.ReLU(), *dropped

    torch.manual_seed(1)
    return nn.Sequential(
        *convolution(1, 6), *convolution(6, 16), nn.Flatten(),
        *hidden(400, 120), *hidden(120, 84), nn.Linear(84, 10),
    )


LAYOUTS = torch.contiguous_format, torch.channels_last


class Training:
    """A network that is trained as PyTorch does it fastest on a CPU: gradients
    are dropped, not zeroed, and Adam takes all parameters at once."""

    def __init__(self, layout, variant="lenet5"):
        self.network = lenet5(variant).to(memory_format=layout)
        self.loss = nn.CrossEntropyLoss()
        self.adam = torch.optim.Adam(self.network.parameters(), foreach=True)

    def step(self, images, labels):
        self.adam.zero_grad(set_to_none=True)
        self.loss(self.network(images), labels).backward()
        self.adam.step()


def epoch(images, labels, layout):
    """One pass over the images in random order, in batches of 32."""
    training = Training(layout)
    start = time.perf_counter_ns()
    for batch in torch.randperm(len(labels)).split(32):
        training.step(images[batch], labels[batch])
    return time.perf_counter_ns() - start


def adam(seconds):
    """Updates 61,706 parameters in one tensor."""
    weights = torch.randn(61706, requires_grad=True)
    weights.grad = torch.randn(61706)
    return best(seconds, torch.optim.Adam([weights], foreach=True).step)


def steps(seconds, variant, images, labels):
    """The time of a training step in each layout."""
    times = {}
    for layout in LAYOUTS:
        training = Training(layout, variant)
        x = images.contiguous(memory_format=layout)
        times[layout] = best(seconds, lambda: training.step(x, labels))
    return times


def fastest_layout(seconds, images, labels):
    times = steps(seconds, "lenet5", images[:32], labels[:32])
    return min(times, key=times.get)


def measure(workers, seconds):
    torch.set_num_threads(workers)
    cases = wanted()
    images, labels = torch.rand(60000, 1, 32, 32), torch.randint(10, (60000,))

    def measured(key, time_of):
        if key in cases:
            report(key, workers, time_of())

    for variant, batch in ("lenet5", 256), ("lenet5", 32), ("lenet5-batchnorm", 32), ("lenet5-dropout", 32):
        measured(f"op=step/net={variant}/batch={batch}",
                 lambda: min(steps(seconds, variant, images[:batch], labels[:batch]).values()))
    with torch.inference_mode():
        predict = torch.jit.optimize_for_inference(torch.jit.script(lenet5().eval()))
        for batch, time_of in (1, median), (256, best):
            measured(f"op=predict/net=lenet5/batch={batch}",
                     lambda: time_of(seconds, lambda: predict(images[:batch]).argmax(1)))
    measured("op=adam/pass=update/shape=61706x1x1/batch=1", lambda: adam(seconds))
    measured("op=epoch/net=lenet5/batch=32", lambda: epoch(images, labels, fastest_layout(seconds, images, labels)))


def export(file):
    torch.onnx.export(lenet5().eval(), torch.rand(1, 1, 32, 32), file, input_names=["images"], output_names=["logits"],
                      dynamic_axes={"images": {0: "n"}, "logits": {0: "n"}})


if __name__ == "__main__":
    if sys.argv[1] == "export":
        export(sys.argv[2])
    else:
        measure(int(sys.argv[1]), float(sys.argv[2]))
