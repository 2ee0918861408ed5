#!/usr/bin/env python3
"""Makes the pickles of this directory: model files as the teaching notebook
writes them, a pickle of a list of [W, B] numpy arrays, in every protocol and
every layout of an array; and, in hostile/, files that must be refused.

Made with numpy 1.24.2 and Python 3.11; needs nothing else:

    python3 make.py
"""

import os
import pickle
import struct

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def values(*shape):
    """Numbers that float32 holds: element k is (k mod 17 - 8) / 16."""
    return ((np.arange(np.prod(shape)) % 17 - 8) / 16).reshape(shape)


def lenet():
    """Two convolutions and two dense layers, for images of 1 x 10 x 10."""
    shapes = [(2, 1, 3, 3), (3, 2, 3, 3), (4, 3), (2, 4)]
    return [[values(*s), values(s[0])] for s in shapes]


def write(name, content):
    path = os.path.join(HERE, name + ".pickle")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else pickle.dumps(content))


for protocol in range(6):
    write(f"protocol{protocol}", pickle.dumps(lenet(), protocol))

write("tuples", tuple(tuple(e) for e in lenet()))

# One entry for each layer, those without parameters empty in several ways.
c1, c2, d1, d2 = lenet()
nothing = np.array([])
write("layers", [c1, None, c2, [], [None, None], d1, d2])
write("arrays", pickle.dumps([c1, [nothing, nothing], c2, [[], []], [nothing, nothing], d1, d2], 2))
write("unflattened", [c1, None, c2, None, d1, d2])

# Layouts of arrays, in protocols that pickle them differently.
for protocol in 2, 4, 5:
    write(f"layouts{protocol}", pickle.dumps([
        [np.asfortranarray(c1[0]), c1[1].astype(">f8").reshape(2, 1)],
        [c2[0].astype("<f4"), c2[1].astype(">f4").reshape(1, 3, 1, 1)],
        [np.asfortranarray(d1[0].astype("<f4")), d1[1]],
        [d2[0][:, ::-1][:, ::-1].T.copy().T, d2[1]],
    ], protocol))

# numpy 2 names its modules otherwise.
old, new = b"numpy.core.", b"numpy._core."
write("numpy2-protocol2", pickle.dumps(lenet(), 2).replace(old, new))
renamed = pickle.dumps(lenet(), 5).replace(b"\x8c\x12" + old, b"\x8c\x13" + new)
length = struct.unpack("<Q", renamed[3:11])[0] + renamed.count(new)
write("numpy2-protocol5", renamed[:3] + struct.pack("<Q", length) + renamed[11:])

# A perceptron: what lies between its layers is not in the file.
write("perceptron", [[values(4, 6), values(4)], [values(3, 4), values(3, 1)]])


# What follows must be refused.
class Call:
    """Unpickled by calling f."""

    def __init__(self, f, *args):
        self.f, self.args = f, args

    def __reduce__(self):
        return self.f, self.args


def hostile(name, content):
    write("hostile/" + name, content)


hostile("system", [[Call(os.system, "touch owned"), values(2)]])
hostile("eval-protocol0", pickle.dumps(Call(eval, "1"), 0))
hostile("list", [Call(list, ())])
hostile("dictionary", {"W": values(2, 2), "B": values(2)})
hostile("number", 3)
hostile("empty-list", [])
hostile("empty", b"")
hostile("text", b"[[1, 2], [3, 4]]\n")
hostile("integers", [[np.arange(4).reshape(2, 2), values(2)]])
hostile("half", [[values(2, 2).astype("f2"), values(2)]])
hostile("objects", [[np.array([values(2), None], dtype=object), values(2)]])
hostile("records", [[np.zeros(2, dtype=[("a", "f8"), ("b", "f4")]), values(2)]])
hostile("subclass", [[np.matrix([[1.0]]), values(1)]])
hostile("scalars", [[np.float64(1), np.float64(2)]])
hostile("three", [[values(2, 2), values(2), values(2)]])
hostile("without-bias", [[values(2, 2), None]])
hostile("numbers", [[[1.0], [2.0]]])
hostile("truncated", pickle.dumps(lenet(), 4)[:-40])

cyclic = []
cyclic.append(cyclic)
hostile("cyclic", cyclic)
hostile("cyclic-pair", [[cyclic, cyclic]])
hostile("deep", b"\x80\x04" + b"]" + b"(" * 40_000 + b".")
hostile("deep-list", b"\x80\x04" + b"]" * 10000 + b"a" * 9999 + b".")
hostile("nones", b"\x80\x04](" + b"N" * 40_000 + b"e.")

# Lengths that nothing follows.
hostile("frame", b"\x80\x04\x95" + struct.pack("<Q", 1 << 40) + b"N.")
hostile("bytes", b"\x80\x04B" + struct.pack("<I", 0xFFFFFFFF) + b".")
hostile("bytes8", b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b".")
hostile("bytearray8", b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b".")
hostile("string8", b"\x80\x04\x8d" + struct.pack("<Q", 1 << 63) + b".")
hostile("long4", b"\x80\x02\x8b" + struct.pack("<i", 1 << 30) + b".")
hostile("long1-empty", b"\x80\x02\x8a\x00.")
hostile("digits", b"L" + b"9" * 1_000 + b"L\n.")

# Shapes that the data do not have.
array = pickle.dumps([[values(2, 2), values(2)]], 2)
assert array.count(b"K\x02K\x02\x86") == 1
huge = b"J" + struct.pack("<i", 0x7FFFFFFF)
hostile("huge-shape", array.replace(b"K\x02K\x02\x86", huge + huge + b"\x86"))
hostile("overflowing-shape", array.replace(b"K\x02K\x02\x86", b"(" + huge * 2 + b"K\x04" * 2 + b"t"))
hostile("negative-shape", array.replace(b"K\x02K\x02\x86", b"J\xfe\xff\xff\xff" * 2 + b"\x86"))
hostile("other-shape", array.replace(b"K\x02K\x02\x86", b"K\x02K\x03\x86"))
hostile("text-shape", array.replace(b"K\x02K\x02\x86", b"NN\x86"))
hostile("item-size", array.replace(b"J\xff\xff\xff\xffJ\xff\xff\xff\xff", b"J\x00\x00\x00\x00J\xff\xff\xff\xff"))

odd = pickle.dumps([[values(2, 2), values(2)]], 4)
data = b"C\x20" + values(2, 2).tobytes()
assert odd.count(data) == 1
hostile("odd-bytes", odd.replace(data, b"C\x1f" + data[2:-1]))


# Four kilobytes of data, of which a thousand arrays are made.
def bomb():
    make = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR"
    dtype = b"cnumpy\ndtype\n(X\x02\x00\x00\x00f8I00\nI01\ntR(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    data = b"B" + struct.pack("<I", 1 << 12) + bytes(1 << 12)
    first = make + b"(K\x01(J" + struct.pack("<i", 1 << 9) + b"t" + dtype + b"q\x01I00\n" + data + b"q\x02tb"
    more = make + b"(K\x01(J" + struct.pack("<i", 1 << 9) + b"th\x01I00\nh\x02tb"
    return b"\x80\x03](" + b"(" + first + more + b"l" + (b"(" + more + more + b"l") * 500 + b"e."


hostile("bomb", bomb())

# A string of four kilobytes, encoded a thousand times.
text = b"X" + struct.pack("<I", 1 << 12) + b"a" * (1 << 12) + b"q\x01"
encode = b"c_codecs\nencode\n(h\x01X\x06\x00\x00\x00latin1tR"
hostile("encode-bomb", b"\x80\x02](" + text + encode * 1000 + b"e.")

# References to what the unpickler itself knows, by a name that is put together
# in a roundabout way.
hostile("ordered-dict", b"\x80\x02ccollections\nOrderedDict\n)R.")
hostile("stack-global", b"\x80\x04\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93)R.")
hostile("kept-global", b"\x80\x04(\x8c\x05numpy\x94\x8c\x08builtins\x94\x8c\x04listt\x94h\x01\x8c\x04list\x93)R.")
hostile("global-below", b"\x80\x04\x8c\x08builtins\x8c\x04list\x8c\x05numpy\x8c\x07ndarrayNa\x93.")
hostile("persistent", b"\x80\x04K\x00Q.")
hostile("nothing-kept", b"\x80\x04]h\x07a.")
hostile("build-class", b"\x80\x02cnumpy\nndarray\n(K\x01)NNNtb.")
