"""Writes the gradients of a network's outputs with respect to its input, by PyTorch
in evaluation mode and float64: what a batch normalisation and dropout are to a
prediction.

    Conv2d(2, 4, 3), BatchNorm2d, ReLU, Dropout, Flatten,
    Linear(64, 12), BatchNorm1d, Tanh, Dropout, Linear(12, 3)

input.npy: (3, 2, 6, 6), three images; parameters.npy: layer by layer weights, biases
and, of a normalisation, running means and variances, in one vector; outputs.npy:
(3, 3), the logits; gradients.npy: (3, 3, 2, 6, 6), of each image the gradient of
each logit.

Run it in this directory. Checked with PyTorch 1.13.
"""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(23)


def draw(*shape, scale=1.0):
    """Normal deviates that float32 holds exactly."""
    return torch.tensor((scale * rng.standard_normal(shape)).astype(np.float32).astype(np.float64))


model = nn.Sequential(
    nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.25), nn.Flatten(),
    nn.Linear(64, 12), nn.BatchNorm1d(12), nn.Tanh(), nn.Dropout(0.5), nn.Linear(12, 3),
).double().eval()

flat = []
with torch.no_grad():
    for layer in model:
        if not hasattr(layer, "weight"):
            continue
        normalises = hasattr(layer, "running_mean")
        layer.weight.copy_(1 + draw(*layer.weight.shape, scale=0.5) if normalises else draw(*layer.weight.shape, scale=0.3))
        layer.bias.copy_(draw(*layer.bias.shape, scale=0.5))
        own = [layer.weight, layer.bias]
        if normalises:
            layer.running_mean.copy_(draw(*layer.running_mean.shape))
            layer.running_var.copy_((0.25 + draw(*layer.running_var.shape) ** 2).float().double())
            own += [layer.running_mean, layer.running_var]
        for p in own:
            p.copy_(p.float().double())
            flat.append(p.detach().numpy().ravel().copy())

x = draw(3, 2, 6, 6).requires_grad_()
y = model(x)
gradients = [torch.autograd.grad(y[:, k].sum(), x, retain_graph=True)[0].numpy() for k in range(3)]
for name, value in {
    "input": x.detach().numpy(),
    "parameters": np.concatenate(flat),
    "outputs": y.detach().numpy(),
    "gradients": np.stack(gradients, axis=1),
}.items():
    np.save(name + ".npy", value.astype(np.float32))
