"""Measures LeNet-5 on PyTorch: training steps, an epoch, Adam, predictions.

usage: lenet5.py WORKERS SECONDS
       lenet5.py export FILE      writes the network as ONNX, for onnxruntime
"""

import sys
import time

import torch
from torch import nn


def lenet5():
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    )


LAYOUTS = torch.contiguous_format, torch.channels_last


class Training:
    """A network that is trained as PyTorch does it fastest on a CPU: gradients
    are dropped, not zeroed, and Adam takes all parameters at once."""

    def __init__(self, layout):
        self.network = lenet5().to(memory_format=layout)
        self.loss = nn.CrossEntropyLoss()
        self.adam = torch.optim.Adam(self.network.parameters(), foreach=True)

    def step(self, images, labels):
        self.adam.zero_grad(set_to_none=True)
        self.loss(self.network(images), labels).backward()
        self.adam.step()


def best(seconds, f):
    """The shortest time of a call of f, in nanoseconds, as the Go package measure has it."""
    start = time.perf_counter_ns()
    f()
    calls = 1 + min(1000, 50_000 // (time.perf_counter_ns() - start))
    shortest, end = float("inf"), time.perf_counter() + seconds
    i = 0
    while i < 5 or time.perf_counter() < end:
        start = time.perf_counter_ns()
        for _ in range(calls):
            f()
        shortest = min(shortest, (time.perf_counter_ns() - start) / calls)
        i += 1
    return shortest


def median(seconds, f):
    times, end = [], time.perf_counter() + seconds
    while len(times) < 1000 or time.perf_counter() < end:
        start = time.perf_counter_ns()
        f()
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[len(times) // 2]


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


def measure(workers, seconds):
    def report(key, ns):
        print(f"BenchmarkPeers/{key}/impl=pytorch/workers={workers} 1 {ns:.2f} ns/op", flush=True)

    torch.set_num_threads(workers)
    images, labels = torch.rand(60000, 1, 32, 32), torch.randint(10, (60000,))
    time_of_step = {}
    for batch in 256, 32:
        for layout in LAYOUTS:
            training = Training(layout)
            x, y = images[:batch].contiguous(memory_format=layout), labels[:batch]
            time_of_step[layout] = best(seconds, lambda: training.step(x, y))
        report(f"op=step/net=lenet5/batch={batch}", min(time_of_step.values()))
    with torch.inference_mode():
        predict = torch.jit.optimize_for_inference(torch.jit.script(lenet5().eval()))
        for batch, time_of in (1, median), (256, best):
            report(f"op=predict/net=lenet5/batch={batch}", time_of(seconds, lambda: predict(images[:batch]).argmax(1)))
    if workers == 1:
        report("op=adam/pass=update/shape=61706x1x1/batch=1", adam(seconds))
    report("op=epoch/net=lenet5/batch=32", epoch(images, labels, min(LAYOUTS, key=time_of_step.get)))


def export(file):
    torch.onnx.export(lenet5().eval(), torch.rand(1, 1, 32, 32), file, input_names=["images"], output_names=["logits"],
                      dynamic_axes={"images": {0: "n"}, "logits": {0: "n"}})


if __name__ == "__main__":
    if sys.argv[1] == "export":
        export(sys.argv[2])
    else:
        measure(int(sys.argv[1]), float(sys.argv[2]))
