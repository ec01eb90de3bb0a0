"""The float32 weights of ../shared/models/all-MiniLM-L6-v2 by the names of Hugging Face's BertModel, read from its ONNX graph.

Needs PyPI onnx and numpy.
"""

import pathlib

import numpy as np
import onnx
from onnx import numpy_helper

folder = pathlib.Path(__file__).parents[3] / "shared" / "models" / "all-MiniLM-L6-v2"


def weights():
    """Name to array; 101 of them, without the pooler, which sentence-transformers does not use."""
    graph = onnx.load(folder / "onnx" / "model.onnx").graph
    arrays = {tensor.name: numpy_helper.to_array(tensor).astype(np.float32) for tensor in graph.initializer}
    # Stored in half precision as `<name>_h`, and cast to `<name>`.
    named = {name.removesuffix("_h"): array for name, array in arrays.items()}
    found = {name.removeprefix("m."): array for name, array in named.items() if name.startswith("m.")}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in named:
            # A layer's matrix has lost its name; its place in the graph, /m/<layer>/MatMul_output_0, still says it.
            layer = node.output[0].removeprefix("/m/").removesuffix("/MatMul_output_0").replace("/", ".")
            found[f"{layer}.weight"] = np.ascontiguousarray(named[node.input[1]].T)
    assert len(found) == 101, sorted(found)
    return found
