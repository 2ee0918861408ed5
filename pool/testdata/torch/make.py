"""Writes the arrays beside it: poolings of a small batch, forward and backward, by
PyTorch (run with 1.13.1) in float32. Run it in its directory.

The inputs have ties. Each pooling NAME has NAME_y, and NAME_dx for the gradient
NAME_dy = 1, 2, 3, ... of its output, modulo 7.
"""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(5)
x = rng.integers(-9, 10, (2, 9, 7, 8)).astype(np.float32) / 8 + rng.integers(0, 2, (2, 9, 7, 8)).astype(np.float32) / 3
np.save("x", x)

poolings = {
    "max_3s2p1": lambda x: F.max_pool2d(x, 3, 2, 1),
    "max_2s1": lambda x: F.max_pool2d(x, 2, 1),
    "max_3x4s2p1c": lambda x: F.max_pool2d(x, (3, 4), 2, 1, ceil_mode=True),
    "max_4s3c": lambda x: F.max_pool2d(x, 4, 3, ceil_mode=True),
    "avg_2": lambda x: F.avg_pool2d(x, 2),
    "avg_3s2p1": lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "avg_3s2p1n": lambda x: F.avg_pool2d(x, 3, 2, 1),
    "avg_3x5s3p1cn": lambda x: F.avg_pool2d(x, (3, 5), 3, 1, ceil_mode=True),
    "avg_4s3c": lambda x: F.avg_pool2d(x, 4, 3, ceil_mode=True, count_include_pad=False),
    "avg_global": lambda x: F.adaptive_avg_pool2d(x, 1),
}
for name, pool in poolings.items():
    t = torch.tensor(x, requires_grad=True)
    y = pool(t)
    dy = (torch.arange(y.numel(), dtype=torch.float32) % 7 + 1).reshape(y.shape)
    y.backward(dy)
    np.save(name + "_y", y.detach().numpy())
    np.save(name + "_dx", t.grad.numpy())
