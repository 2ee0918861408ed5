"""Writes what PyTorch makes of random logits, and of a small network's step.

Values and gradients of the losses, for 2, 3 and 10 classes and for one output:
logits_K.npy: (9, K), the outputs of nine images; labels_K.npy: their labels.
NAME_K.npy: (9, 1+K), each image's loss and its gradient with respect to the
outputs, where NAME is cross_entropy, cross_entropy_smooth (0.1), binary,
binary_smooth (0.2) or squared.

A step of a network of 5 inputs, 4 units with tanh and K outputs, one of them with
sigmoid: input.npy (9, 5), labels_K.npy, parameters_K.npy as (weights, biases) layer
by layer; step_NAME_K.npy: the mean loss, the gradients of the summed loss in the
order of the parameters, and the parameters after a step of gradient descent with
rate 0.5 on the mean.

float64 throughout. Run it in this directory. Checked with PyTorch 1.13.
"""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

IMAGES, RATE = 9, 0.5
rng = np.random.default_rng(11)


def draw(*shape, scale=1.0):
    """Normal deviates that float32 holds exactly."""
    return (scale * rng.standard_normal(shape)).astype(np.float32).astype(np.float64)


def target(labels, outputs):
    """One-hot, or for one output the label itself."""
    if outputs == 1:
        return labels.double()[:, None]
    return F.one_hot(labels, outputs).double()


def cross_entropy(smoothing):
    return lambda z, labels: F.cross_entropy(z, labels, reduction="none", label_smoothing=smoothing)


def binary(smoothing):
    def loss(z, labels):
        t = target(labels, z.shape[1]) * (1 - smoothing) + smoothing / 2
        return F.binary_cross_entropy_with_logits(z, t, reduction="none").sum(1)
    return loss


def squared(y, labels):
    return F.mse_loss(y, target(labels, y.shape[1]), reduction="none").sum(1) / 2


LOSSES = {
    "cross_entropy": cross_entropy(0), "cross_entropy_smooth": cross_entropy(0.1),
    "binary": binary(0), "binary_smooth": binary(0.2), "squared": squared,
}


def values(loss, logits, labels):
    z = torch.tensor(logits, requires_grad=True)
    losses = loss(z, labels)
    losses.sum().backward()
    return np.column_stack([losses.detach().numpy(), z.grad.numpy()])


def step(loss, x, labels, parameters, outputs, sigmoid):
    net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, outputs)).double()
    if sigmoid:
        net.append(nn.Sigmoid())
    with torch.no_grad():
        nn.utils.vector_to_parameters(torch.tensor(parameters), net.parameters())
    losses = loss(net(torch.tensor(x)), labels)
    losses.sum().backward()
    grads = torch.cat([p.grad.flatten() for p in net.parameters()])
    after = nn.utils.parameters_to_vector(net.parameters()).detach() - RATE * grads / IMAGES
    return np.concatenate([[losses.mean().item()], grads.numpy(), after.numpy()])


x = draw(IMAGES, 5)
np.save("input.npy", x)
for outputs in 1, 2, 3, 10:
    logits = draw(IMAGES, outputs, scale=3)
    logits[0, 0] = 120  # its rivals' probabilities vanish in float32
    labels = torch.tensor(rng.integers(0, max(outputs, 2), IMAGES))
    labels[0] = max(outputs, 2) - 1
    if outputs == 1:
        logits[0, 0] = -120
    parameters = draw(5 * 4 + 4 + 4 * outputs + outputs, scale=0.7)
    np.save(f"logits_{outputs}.npy", logits)
    np.save(f"labels_{outputs}.npy", labels.numpy().astype(np.int32))
    np.save(f"parameters_{outputs}.npy", parameters)
    for name, loss in LOSSES.items():
        if outputs == 1 and name.startswith("cross"):
            continue
        np.save(f"{name}_{outputs}.npy", values(loss, logits, labels))
        np.save(f"step_{name}_{outputs}.npy", step(loss, x, labels, parameters, outputs, name == "squared"))
