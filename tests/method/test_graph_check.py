from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from assay.faults import BadInput
from assay.method import graph_check

SIZE = 16


def model(
    nodes: list[onnx.NodeProto],
    weights: tuple[onnx.TensorProto, ...] = (),
    domain: str = "",
) -> onnx.ModelProto:
    """A graph on pictures with these nodes and weights."""
    pictures = helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["n", SIZE, SIZE, 3])
    raw = helper.make_tensor_value_info("raw", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [pictures], [raw], list(weights))
    imports = [helper.make_opsetid("", 20)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(graph, opset_imports=imports)


def refused(graph: onnx.ModelProto | bytes) -> str:
    content = graph if isinstance(graph, bytes) else graph.SerializeToString()
    with pytest.raises(BadInput) as caught:
        graph_check.check(content, SIZE)
    assert caught.value.faults[0].code == "E_METHOD"
    return str(caught.value)


CAST = helper.make_node("Cast", ["pictures"], ["raw"], to=TensorProto.FLOAT)


def test_graphs_of_ours_pass(network_method: Path) -> None:
    content = (network_method / "model.onnx").read_bytes()
    graph_check.check(content, SIZE)
    with pytest.raises(BadInput, match="inputs"):
        graph_check.check(content, SIZE + 1)


def test_graphs_may_only_compute() -> None:
    graph_check.check(model([CAST]).SerializeToString(), SIZE)
    loop = helper.make_node("Loop", ["", "", "pictures"], ["raw"], body=model([CAST]).graph)
    assert "Loop" in refused(model([loop]))
    within = helper.make_node("Cast", ["pictures"], ["raw"], body=model([CAST]).graph)
    assert "graphs within nodes" in refused(model([within]))
    other = helper.make_node("Run", ["pictures"], ["raw"], domain="evil")
    assert "another domain" in refused(model([other], domain="evil"))
    assert "'Run'" in refused(model([helper.make_node("Run", ["pictures"], ["raw"])]))


def test_functions_and_two_graphs_are_refused() -> None:
    graph = model([CAST])
    function = helper.make_function(
        "", "F", ["x"], ["y"], [helper.make_node("Relu", ["x"], ["y"])], graph.opset_import
    )
    graph.functions.append(function)
    assert "functions" in refused(graph)
    assert "2 graphs" in refused(model([CAST]).SerializeToString() * 2)


def test_weights_elsewhere_or_of_another_size_are_refused() -> None:
    weight = numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
    outside = onnx.TensorProto()
    outside.CopyFrom(weight)
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="/etc/passwd")
    assert "another file" in refused(model([CAST], (outside,)))
    longer = onnx.TensorProto()
    longer.CopyFrom(weight)
    longer.dims[0] = 2**40
    assert "bytes of weights" in refused(model([CAST], (longer,)))
    texts = helper.make_tensor("w", TensorProto.STRING, [1], [b"text"])
    assert "weights" in refused(model([CAST], (texts,)))


def test_huge_arrays_from_small_ones_are_refused() -> None:
    shape = numpy_helper.from_array(np.array([2**20, 2**20], np.int64), "shape")
    expand = helper.make_node("Expand", ["pictures", "shape"], ["raw"])
    assert "elements" in refused(model([expand], (shape,)))
    padded = helper.make_node("MaxPool", ["pictures"], ["raw"], pads=[10**9] * 4)
    assert "attribute of 1000000000" in refused(model([padded]))


@pytest.mark.parametrize("seed", range(200))
def test_noise_never_makes_anything_but_bad_input(seed: int) -> None:
    generator = np.random.default_rng(seed)
    content = bytearray(model([CAST]).SerializeToString())
    for _ in range(3):
        content[generator.integers(len(content))] = generator.integers(256)
    for attempt in (bytes(content), bytes(content[: generator.integers(len(content))])):
        with contextlib.suppress(BadInput):
            graph_check.check(attempt, SIZE)
