"""Writes what PyTorch's ReduceLROnPlateau makes of a random walk: plateau_metrics.npy,
(60,), and plateau_NAME.npy, the rate after each epoch.

Run it in this directory. Checked with PyTorch 1.13.
"""
import numpy as np
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

metrics = 1 + np.cumsum(np.random.default_rng(3).normal(-0.005, 0.05, 60))
np.save("plateau_metrics.npy", metrics)


def save(name, **options):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    scheduler = ReduceLROnPlateau(optimizer, threshold_mode="abs", eps=0, **options)
    rates = []
    for m in metrics:
        scheduler.step(m)
        rates.append(optimizer.param_groups[0]["lr"])
    np.save(f"plateau_{name}.npy", np.array(rates))
    print(name, sorted(set(rates), reverse=True))


save("plain", factor=0.5, patience=1, threshold=0)
save("all", factor=0.3, patience=2, threshold=0.02, cooldown=3, min_lr=0.01)
save("max", factor=0.5, patience=3, threshold=0.01, mode="max", cooldown=1)
