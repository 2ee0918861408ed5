"""Writes what PyTorch makes of a small network with batch normalisation, in float64:
convolution, batch norm, ReLU, max-pooling, flatten, dense, batch norm, tanh, dense,
with the cross-entropy of 19 images.

input.npy (19, 2, 6, 6), labels.npy, and initial.npy: the parameters of the layers
that have some, layer by layer, weights before biases; those of a batch norm are gamma
and beta. The running means and variances are 0 and 1 at first.
sgd.npy, adam.npy: (3, 2, parameters), after each of three steps on the same images the
parameters and what the optimiser was given, their gradients.
sgd_running.npy, adam_running.npy: (3, numbers), after each step the running means and
variances of either batch norm.
sgd_proba.npy, adam_proba.npy: (19, 3), what is predicted after the last step.

Run it in this directory. Checked with PyTorch 1.13.
"""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(11)


def draw(*shape):
    """Normal deviates that float32 holds exactly."""
    return rng.standard_normal(shape).astype(np.float32).astype(np.float64)


x, labels = 2 * draw(19, 2, 6, 6) + 1, (np.arange(19) % 3).astype(np.int32)
initial = np.concatenate([
    draw(4 * 2 * 9) / 4, draw(4) / 4,  # convolution: 4 filters of 2x3x3
    1 + draw(4) / 8, draw(4) / 8,  # batch norm
    draw(7 * 16) / 4, draw(7) / 4,  # dense: 4x2x2 to 7
    1 + draw(7) / 8, draw(7) / 8,
    draw(3 * 7) / 2, draw(3) / 2,  # dense: 7 to 3
]).astype(np.float32).astype(np.float64)
np.save("input.npy", x)
np.save("labels.npy", labels)
np.save("initial.npy", initial)


def train(name, optimiser):
    norms = nn.BatchNorm2d(4), nn.BatchNorm1d(7, eps=0.01, momentum=0.3)
    net = nn.Sequential(
        nn.Conv2d(2, 4, 3), norms[0], nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16, 7), norms[1], nn.Tanh(), nn.Linear(7, 3),
    ).double()
    nn.utils.vector_to_parameters(torch.tensor(initial), net.parameters())
    opt = optimiser(net.parameters())
    trained, running = [], []
    for _ in range(3):
        opt.zero_grad()
        nn.functional.cross_entropy(net(torch.tensor(x)), torch.tensor(labels.astype(np.int64))).backward()
        gradients = torch.cat([p.grad.flatten() for p in net.parameters()])
        opt.step()
        trained.append([nn.utils.parameters_to_vector(net.parameters()).detach().numpy().copy(), gradients.numpy().copy()])
        running.append(np.concatenate([v.numpy() for n in norms for v in (n.running_mean, n.running_var)]).copy())
    net.eval()
    np.save(f"{name}.npy", np.array(trained))
    np.save(f"{name}_running.npy", np.array(running))
    np.save(f"{name}_proba.npy", torch.softmax(net(torch.tensor(x)), 1).detach().numpy())


train("sgd", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9))
train("adam", lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-3))
