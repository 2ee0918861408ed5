"""Writes the rates of PyTorch's schedulers, in float64: NAME.npy, one rate a step.

Run it in this directory. Checked with PyTorch 1.13.
"""
import numpy as np
import torch
from torch.optim import lr_scheduler as s


def save(name, rate, steps, make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = make(optimizer)
    rates = []
    for i in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if i + 1 < steps:
            scheduler.step()
    np.save(f"{name}.npy", np.array(rates))


save("every", 0.1, 20, lambda o: s.StepLR(o, step_size=6, gamma=0.5))
save("at", 0.1, 20, lambda o: s.MultiStepLR(o, milestones=[3, 4, 11], gamma=0.1))
save("cosine", 0.1, 21, lambda o: s.CosineAnnealingLR(o, T_max=20, eta_min=0.01))
save("restarts", 0.1, 40, lambda o: s.CosineAnnealingWarmRestarts(o, T_0=5, T_mult=2, eta_min=0.001))
save("restarts_alike", 0.1, 20, lambda o: s.CosineAnnealingWarmRestarts(o, T_0=6))
save("onecycle", 0.1, 50, lambda o: s.OneCycleLR(o, max_lr=0.1, total_steps=50))
save("onecycle_few", 0.1, 2, lambda o: s.OneCycleLR(o, max_lr=0.1, total_steps=2))
save("onecycle_fields", 0.1, 23, lambda o: s.OneCycleLR(
    o, max_lr=0.1, total_steps=23, pct_start=0.45, div_factor=10, final_div_factor=5))
save("warmup", 0.1, 30, lambda o: s.SequentialLR(o, [
    s.LinearLR(o, start_factor=0.25, end_factor=1, total_iters=7),
    s.StepLR(o, step_size=10, gamma=0.5),
], milestones=[7]))
