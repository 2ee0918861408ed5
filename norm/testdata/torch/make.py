"""Writes the arrays beside it: three training steps of a batch normalisation of
images, and one of vectors, by PyTorch (run with 1.13.1) in float64, and predictions
after them. Run it in its directory.

Of each NAME: NAME_x are the steps' inputs, whose means are large against their
deviations, NAME_dy the gradients of the outputs, NAME_y the outputs, NAME_dx, NAME_dw
and NAME_db the gradients, NAME_running the running means and variances after each
step, and NAME_p what is predicted for the last input. gamma and beta are 0.5, 0.75,
1, ... and -1, -0.5, 0, ...
"""
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(7)
for name, shape, bn in [
    ("images", (3, 11, 3, 2, 5), torch.nn.BatchNorm2d(3)),
    ("vectors", (3, 11, 10), torch.nn.BatchNorm1d(10, eps=0.01, momentum=0.3)),
]:
    c = shape[2]
    x = rng.normal(size=shape) * 0.25
    x = x + (rng.integers(-40, 41, size=c) / 4.0).reshape((c,) + (1,) * (len(shape) - 3))
    x = x.astype(np.float32)
    dy = rng.normal(size=shape).astype(np.float32)
    with torch.no_grad():
        bn.weight.copy_(0.5 + torch.arange(c) / 4)
        bn.bias.copy_(-1 + torch.arange(c) / 2)
    out = {k: [] for k in ["y", "dx", "dw", "db", "running"]}
    for i in range(shape[0]):
        t = torch.tensor(x[i].astype(np.float64), requires_grad=True)
        bn.zero_grad()
        y = bn(t)
        y.backward(torch.tensor(dy[i].astype(np.float64)))
        out["y"].append(y.detach().numpy())
        out["dx"].append(t.grad.numpy())
        out["dw"].append(bn.weight.grad.numpy().copy())
        out["db"].append(bn.bias.grad.numpy().copy())
        out["running"].append(np.concatenate([bn.running_mean.numpy(), bn.running_var.numpy()]))
    bn.eval()
    out["p"] = bn(torch.tensor(x[-1].astype(np.float64))).detach().numpy()
    out["x"], out["dy"] = x, dy
    for k, v in out.items():
        np.save(name + "_" + k, np.array(v).astype(np.float32))
