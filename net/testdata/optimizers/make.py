"""Writes what PyTorch's optimisers make of random weights and gradients, in float64.

weights.npy: 12 initial weights, of which the last 4 stand for biases.
gradients.npy: (6, 12), the gradients of six steps; one weight's are all 0.
optimizer_*.npy: (6, 12), the weights after each step.

A small network's training: input.npy (6, 5), labels.npy, and its parameters,
parameters.npy: 5x4 tanh, 4x3, as (weights, biases) layer by layer.
trainer_*.npy: (4, 39), the parameters after each step.

Run it in this directory. Checked with PyTorch 1.13.
"""
import numpy as np
import torch
from torch import nn

RATE, STEPS, WEIGHTS = 0.05, 6, 8
rng = np.random.default_rng(7)


def draw(*shape):
    """Normal deviates that float32 holds exactly."""
    return rng.standard_normal(shape).astype(np.float32).astype(np.float64)


def run(make, weights, gradients, decay=0.0, decay_biases=False):
    w = torch.tensor(weights[:WEIGHTS].copy(), requires_grad=True)
    b = torch.tensor(weights[WEIGHTS:].copy(), requires_grad=True)
    optimizer = make([
        {"params": [w], "weight_decay": decay},
        {"params": [b], "weight_decay": decay if decay_biases else 0.0},
    ])
    rows = []
    for g in gradients:
        w.grad, b.grad = torch.tensor(g[:WEIGHTS].copy()), torch.tensor(g[WEIGHTS:].copy())
        optimizer.step()
        rows.append(np.concatenate([w.detach().numpy(), b.detach().numpy()]).copy())
    return np.array(rows)


weights, gradients = draw(12), draw(STEPS, 12)
gradients[:, 5] = 0
np.save("weights.npy", weights)
np.save("gradients.npy", gradients)


def save(name, make, **decay):
    np.save(f"optimizer_{name}.npy", run(make, weights, gradients, **decay))


optim = torch.optim
save("adam", lambda p: optim.Adam(p, lr=RATE))
save("adam_constants", lambda p: optim.Adam(p, lr=RATE, betas=(0.5, 0.75), eps=0.25))
save("adamw", lambda p: optim.AdamW(p, lr=RATE), decay=0.01)
save("adamw_biases", lambda p: optim.AdamW(p, lr=RATE, betas=(0.8, 0.9), eps=1e-3), decay=0.5, decay_biases=True)
save("sgd", lambda p: optim.SGD(p, lr=RATE))
save("sgd_decay", lambda p: optim.SGD(p, lr=RATE), decay=0.3)
save("sgd_decay_biases", lambda p: optim.SGD(p, lr=RATE), decay=0.3, decay_biases=True)
save("sgd_momentum", lambda p: optim.SGD(p, lr=RATE, momentum=0.9))
save("sgd_momentum_decay", lambda p: optim.SGD(p, lr=RATE, momentum=0.7), decay=0.3)
save("sgd_nesterov", lambda p: optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True))
save("sgd_nesterov_decay", lambda p: optim.SGD(p, lr=RATE, momentum=0.7, nesterov=True), decay=0.3, decay_biases=True)
save("rmsprop", lambda p: optim.RMSprop(p, lr=RATE))
save("rmsprop_constants", lambda p: optim.RMSprop(p, lr=RATE, alpha=0.75, eps=0.25), decay=0.3)
save("rmsprop_momentum", lambda p: optim.RMSprop(p, lr=RATE, momentum=0.9), decay=0.3, decay_biases=True)

x, labels = draw(6, 5), np.array([2, 0, 1, 1, 0, 2], dtype=np.int32)
initial = draw(39)
np.save("input.npy", x)
np.save("labels.npy", labels)
np.save("parameters.npy", initial)


def train(name, reduction="mean", value=None, norm=None):
    net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    nn.utils.vector_to_parameters(torch.tensor(initial.copy()), net.parameters())
    optimizer = optim.SGD(net.parameters(), lr=RATE, momentum=0.5)
    loss = nn.CrossEntropyLoss(reduction=reduction)
    rows = []
    for _ in range(4):
        optimizer.zero_grad()
        loss(net(torch.tensor(x)), torch.tensor(labels.astype(np.int64))).backward()
        if value:
            nn.utils.clip_grad_value_(net.parameters(), value)
        if norm:
            print(name, "norm", nn.utils.clip_grad_norm_(net.parameters(), norm).item())
        optimizer.step()
        rows.append(nn.utils.parameters_to_vector(net.parameters()).detach().numpy().copy())
    np.save(f"trainer_{name}.npy", np.array(rows))


train("mean")
train("sum", reduction="sum")
train("value", value=0.05)
train("norm", norm=0.25)
train("norm_above", norm=100)
train("norm_sum", reduction="sum", norm=0.25)
train("both_sum", reduction="sum", value=0.1, norm=0.25)
