"""Small encoders of random weights as exporters and quantizers write them: ../data/encoders/*.onnx.

    python -P test/reference/small_encoders.py

Needs PyPI torch, transformers, onnx, onnxscript and onnxruntime. One layer, 16 values, 2 heads, 40 tokens; `script` and
`dynamo` are the two exporters of torch, `eager` and `sdpa` the two ways in which transformers writes attention.
"""

import pathlib
import tempfile

import onnx
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic

folder = pathlib.Path(__file__).parents[1] / "data" / "encoders"
sizes = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 40}
distil = {"vocab_size": 40, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32, "max_position_embeddings": 40}
kinds = [
    ("Bert", sizes, "eager", "script"),
    ("Bert", sizes, "sdpa", "dynamo"),
    ("Roberta", sizes, "sdpa", "script"),
    ("Roberta", sizes, "eager", "dynamo"),
    ("MPNet", sizes, "eager", "script"),
    ("MPNet", sizes, "eager", "dynamo"),
    ("DistilBert", distil, "eager", "script"),
    ("DistilBert", distil, "sdpa", "dynamo"),
]


class States(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def export(model, path, exporter):
    ids = torch.randint(5, 40, (2, 7))
    names = {"input_names": ["input_ids", "attention_mask"], "output_names": ["last_hidden_state"]}
    axes = {0: "batch", 1: "length"}
    if exporter == "dynamo":
        torch.onnx.export(States(model), (ids, torch.ones_like(ids)), path, dynamic_shapes=(axes, axes), dynamo=True, external_data=False, **names)
    else:
        dynamic = dict.fromkeys(names["input_names"], axes)
        torch.onnx.export(States(model), (ids, torch.ones_like(ids)), path, dynamic_axes=dynamic, opset_version=17, dynamo=False, **names)


def strip(graph):
    """Without the exporter's notes on the source, which are most of the bytes."""
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*graph.graph.value_info, *graph.graph.input, *graph.graph.output]:
        del value.metadata_props[:]
    del graph.graph.value_info[:], graph.metadata_props[:], graph.graph.metadata_props[:], graph.functions[:]
    return graph


if __name__ == "__main__":
    folder.mkdir(parents=True, exist_ok=True)
    for family, config, attention, exporter in kinds:
        torch.manual_seed(0)
        settings = getattr(transformers, f"{family}Config")(**config)
        settings._attn_implementation = attention
        model = getattr(transformers, f"{family}Model")(settings).eval()
        # Larger than at birth, so that attention and positions matter.
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.data.mul_(10)
        name = f"{family.lower()}-{attention}-{exporter}.onnx"
        with tempfile.TemporaryDirectory() as place:
            export(model, f"{place}/plain.onnx", exporter)
            quantize_dynamic(f"{place}/plain.onnx", f"{place}/quantized.onnx", weight_type=QuantType.QInt8, per_channel=True)
            onnx.save(strip(onnx.load(f"{place}/quantized.onnx")), folder / name)
        print(name, (folder / name).stat().st_size, "bytes")
