"""Writes the arrays beside it: convolutions of a small batch, 'same' unless they have
an explicit padding, with strides, dilations, groups and depthwise,
forward and backward, by PyTorch (run with 1.13.1) in float64. Run it in its
directory. PyTorch itself refuses 'same' with a stride; there the padding is
TensorFlow's, an odd one at the bottom and on the right.
"""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(6)


def number(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def pad(n, taps, stride, dilation):
    total = max(0, ((n + stride - 1) // stride - 1) * stride + (taps - 1) * dilation + 1 - n)
    return [total // 2, total - total // 2]


def save(name, h, w, channels, filters, size, stride=1, dilation=1, groups=1, padding=None):
    x, dims = number(3, channels, h, w), (filters, channels // groups) + size
    weights, bias = number(*dims), number(filters)
    t = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (x, weights, bias)]
    if padding is not None:
        y = F.conv2d(*t, stride=stride, dilation=dilation, groups=groups, padding=padding)
    elif stride == 1:
        y = F.conv2d(*t, padding="same", dilation=dilation, groups=groups)
    else:
        around = pad(w, size[1], stride, dilation) + pad(h, size[0], stride, dilation)
        y = F.conv2d(F.pad(t[0], around), *t[1:], stride=stride, dilation=dilation, groups=groups)
    dy = number(*y.shape)
    y.backward(torch.tensor(dy, dtype=torch.float64))
    for key, value in dict(x=x, w=weights, b=bias, y=y.detach().numpy(), dy=dy, dx=t[0].grad.numpy(), dw=t[1].grad.numpy(), db=t[2].grad.numpy()).items():
        np.save(f"{name}_{key}", value.astype(np.float32))


save("same_3x5", 6, 7, 2, 3, (3, 5))
save("same_2x2d2", 6, 7, 2, 3, (2, 2), dilation=2)
save("same_3s2", 8, 7, 2, 3, (3, 3), stride=2)
save("same_4s3", 9, 8, 2, 3, (4, 4), stride=3)
save("depthwise", 9, 10, 5, 5, (3, 3), groups=5)
save("depthwise_s2", 8, 11, 5, 5, (3, 3), stride=2, groups=5)
save("depthwise_2", 7, 9, 3, 6, (3, 3), groups=3)
save("valid_3s2", 9, 8, 2, 3, (3, 3), stride=2, padding=0)
save("padded_2x5", 5, 6, 2, 3, (2, 5), stride=2, padding=3)
save("valid_3d2", 9, 8, 2, 3, (3, 3), dilation=2, padding=0)
save("same_3d3", 8, 9, 2, 3, (3, 3), dilation=3)
save("groups", 7, 6, 6, 4, (3, 3), stride=2, groups=2, padding=1)
