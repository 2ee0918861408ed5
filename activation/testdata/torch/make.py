"""Writes the arrays beside it: gelu and leaky relu with their derivatives by PyTorch
(run with 1.13.1) in float64, rounded to float32. Run it in its directory.
"""
import numpy as np
import torch
import torch.nn.functional as F

x = np.concatenate([np.linspace(-8, 8, 129), [-1e30, -15, -13, 1e-30, 1e30]]).astype(np.float32)
np.save("x", x)
for name, f in {"gelu": F.gelu, "leaky": lambda x: F.leaky_relu(x, 0.3), "leaky01": F.leaky_relu}.items():
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = f(t)
    y.backward(torch.ones_like(y))
    np.save(name + "_y", y.detach().numpy().astype(np.float32))
    np.save(name + "_dx", t.grad.numpy().astype(np.float32))
