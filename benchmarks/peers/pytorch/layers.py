"""Measures PyTorch's batch normalisation, dropout, activations, sums and depthwise
convolutions: the operations that a layer and its gradient come down to, called by
themselves.

usage: layers.py WORKERS SECONDS < cases
"""

import sys

import torch

from measure import best, report, wanted

aten = torch.ops.aten
LAYOUTS = torch.contiguous_format, torch.channels_last


def batch_norm(x, dy, backward):
    channels = x.shape[1]
    weight, bias = torch.ones(channels), torch.zeros(channels)
    mean, variance = torch.zeros(channels), torch.ones(channels)
    momentum, epsilon = 0.1, 1e-5
    forward = lambda: aten.native_batch_norm(x, weight, bias, mean, variance, True, momentum, epsilon)
    if not backward:
        return forward
    _, batch_mean, batch_root = forward()
    return lambda: aten.native_batch_norm_backward(
        dy, x, weight, mean, variance, batch_mean, batch_root, True, epsilon, [True] * 3)


def dropout(x, dy, backward):
    rate = 0.5
    forward = lambda: aten.native_dropout(x, rate, True)
    if not backward:
        return forward
    _, mask = forward()
    return lambda: aten.native_dropout_backward(dy, mask, 1 / (1 - rate))


def gelu(x, dy, backward):
    return (lambda: aten.gelu_backward(dy, x)) if backward else (lambda: aten.gelu(x))


def leaky_relu(x, dy, backward):
    slope = 0.01
    if backward:
        return lambda: aten.leaky_relu_backward(dy, x, slope, False)
    return lambda: aten.leaky_relu(x, slope)


def sum_rows(x, dy, backward):
    return lambda: torch.sum(dy, 0)


OPERATIONS = {"batchnorm": batch_norm, "dropout": dropout, "gelu": gelu, "leakyrelu": leaky_relu, "sumrows": sum_rows}


def convolution(which, numbers, layout):
    """A pass of a convolution; which says of what gradients are taken."""
    n, c, h, w, filters, size, stride, pad, groups = numbers
    x = torch.randn(n, c, h, w).contiguous(memory_format=layout)
    weight, bias = torch.randn(filters, c // groups, size, size), torch.randn(filters)
    args = [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], groups
    forward = lambda: aten.convolution(x, weight, bias, *args)
    if which == "fwd":
        return forward
    dy = torch.randn_like(forward())
    mask = [True, False, False] if which == "data" else [False, True, True]
    return lambda: aten.convolution_backward(dy, x, weight, [filters], *args, mask)


def passes(key, numbers):
    """The pass that a case names, in every layout; none if PyTorch is not asked."""
    fields = dict(field.split("=") for field in key.split("/"))
    op, which = fields["op"], fields.get("pass")
    if op == "conv2d" and numbers[8] > 1:
        return [convolution(which, numbers, layout) for layout in LAYOUTS]
    if op not in OPERATIONS:
        return []
    n, c, h, w = numbers
    shapes = [((n, c), torch.contiguous_format)] if h * w == 1 else [((n, c, h, w), layout) for layout in LAYOUTS]
    return [
        OPERATIONS[op](*(torch.randn(shape).contiguous(memory_format=layout) for _ in range(2)), which == "bwd")
        for shape, layout in shapes
    ]


def main(workers, seconds):
    torch.set_num_threads(workers)
    with torch.no_grad():
        for key, numbers in wanted().items():
            for run in passes(key, numbers):
                report(key, workers, best(seconds, run))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
