"""Is an ONNX file a plain network? Looked at byte by byte before any runtime is given it.

A graph may only compute: operators of this list, no functions, loops or branches, no file beside
it, weights whose sizes agree with their shapes, and no constant that makes huge arrays of small
ones. Numbers of fields are those of onnx.proto (ONNX 1.20); the wire format is Protocol Buffers'.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from assay.method.strict import damaged

OPERATORS = frozenset(
    re.split(
        r"\s+",
        """Add And ArgMax AveragePool BatchNormalization Cast CastLike Clip Concat Constant Conv Div
        Einsum Equal Exp Expand Flatten Gather GatherND Gemm GlobalAveragePool Greater
        GroupNormalization Identity InstanceNormalization Less Log MatMul Max MaxPool Min Mul Neg
        Not OneHot Or Pow ReduceMax ReduceMean ReduceSum Reciprocal Relu Reshape Shape Sigmoid
        Slice Softmax Softplus Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze Where""",
    )
)
# bytes of an element by number of type: float, uint8, int8, int32, int64, bool, float64
BYTES = {1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 11: 8}
MOST_ELEMENTS = 2**26  # of an array that a constant asks for
LARGEST_ATTRIBUTE = 4096  # strides, paddings, axes, groups
Fields = Iterator[tuple[int, Any]]


def check(content: bytes, size: int) -> None:
    """BadInput E_METHOD unless the bytes are a graph that takes pictures uint8 (N, S, S, 3)."""
    try:
        _model(content, size)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise damaged(f"it is no ONNX graph ({error}).", "model.onnx") from error


def _model(content: bytes, size: int) -> None:
    graphs = []
    for number, value in _fields(content):
        if number == 7:
            graphs.append(value)
        elif number == 8:
            domain = [text for n, text in _fields(value) if n == 1]
            _demand(not b"".join(domain), "operators of another domain")
        else:
            _demand(number not in (20, 25), "training or functions")
    _demand(len(graphs) == 1, f"{len(graphs)} graphs")
    _graph(graphs[0], size)


def _graph(graph: bytes, size: int) -> None:
    constants: dict[bytes, np.ndarray] = {}
    nodes, inputs = [], []
    for number, value in _fields(graph):
        if number == 1:
            nodes.append(value)
        elif number == 5:
            name, array = _tensor(value)
            constants[name] = array
        elif number == 11:
            inputs.append(_input(value))
        _demand(number != 15, "sparse weights")
    wanted = [(b"pictures", 2, (size, size, 3))]
    _demand(inputs == wanted, f"inputs {inputs} instead of {wanted}")
    for node in nodes:
        _node(node, constants)


def _node(node: bytes, constants: dict[bytes, np.ndarray]) -> None:
    fields = list(_fields(node))
    operator = b"".join(value for number, value in fields if number == 4).decode()
    domain = b"".join(value for number, value in fields if number == 7)
    _demand(operator in OPERATORS and not domain, f"the operator {operator!r}")
    if operator in ("Expand", "OneHot"):
        for name in [value for number, value in fields if number == 1][1:2]:
            asked = math.prod(max(1, abs(int(v))) for v in constants.get(name, np.ones(1)).flat)
            _demand(asked <= MOST_ELEMENTS, f"{operator} to {asked} elements")
    for attribute in [value for number, value in fields if number == 5]:
        _attribute(attribute)


def _attribute(attribute: bytes) -> None:
    for number, value in _fields(attribute):
        _demand(number not in (6, 10, 11, 21, 22, 23), "graphs within nodes")
        if number == 5:
            _tensor(value)
        whole = [value] if number == 3 else []
        if number == 8:
            whole = list(_varints(value)) if isinstance(value, bytes) else [value]
        for one in map(_signed, whole):
            _demand(abs(one) <= LARGEST_ATTRIBUTE, f"an attribute of {one}")


def _input(value: bytes) -> tuple[bytes, int, tuple[int, ...]]:
    """Name, type of elements and all dimensions but the first of a graph's input."""
    named = dict(_fields(value))
    tensor = dict(_fields(dict(_fields(named[2])).get(1, b"")))
    shape = [dict(_fields(d)).get(1, 0) for number, d in _fields(tensor[2]) if number == 1]
    return named[1], tensor[1], tuple(shape[1:])


def _tensor(content: bytes) -> tuple[bytes, np.ndarray]:
    """Name and array of a weight; its bytes must be there and agree with its shape."""
    dims: list[int] = []
    kind, name, raw = 0, b"", b""
    for number, value in _fields(content):
        if number == 1:
            dims += list(_varints(value)) if isinstance(value, bytes) else [value]
        elif number in (2, 13, 14):  # type; where else the bytes lie; that they lie elsewhere
            _demand(number == 2 or (number == 14 and not value), "weights in another file")
            kind = value if number == 2 else kind
        elif number == 8:
            name = value
        elif number == 9:
            raw = value
        else:
            _demand(number == 12, f"weights stored as field {number}")
    _demand(kind in BYTES, f"weights of type {kind}")
    wanted = math.prod(dims) * BYTES.get(kind, 1)
    _demand(wanted == len(raw), f"{len(raw)} bytes of weights where {dims} need {wanted}")
    return name, np.frombuffer(raw, np.int64) if kind == 7 else np.ones(1)


def _fields(content: bytes) -> Fields:
    """Number and value of each field of a message: an int, or bytes (also for fixed widths)."""
    _demand(isinstance(content, bytes), "a number where a message belongs")
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, place = _varint(content, place)
            yield number, value
            continue
        _demand(wire in (1, 2, 5), f"wire type {wire}")
        length, place = _varint(content, place) if wire == 2 else ({1: 8, 5: 4}[wire], place)
        _demand(place + length <= len(content), "an end before the end")
        yield number, content[place : place + length]
        place += length


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        _demand(shift < 70, "a number without end")


def _varints(content: bytes) -> Iterator[int]:
    place = 0
    while place < len(content):
        value, place = _varint(content, place)
        yield value


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _demand(good: bool, what: str) -> None:
    if not good:
        raise damaged(f"its graph holds {what}.", "model.onnx")
