"""Write ../shared/models/all-MiniLM-L6-v2 as a float32 GGUF file for llama.cpp: minilm_gguf.py <file>.

Needs PyPI gguf, onnx and numpy.
"""

import json
import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / "reference"))

import gguf
from minilm_weights import folder, weights

config = json.loads((folder / "config.json").read_text())
vocabulary = (folder / "vocab.txt").read_text(encoding="utf8").removesuffix("\n").split("\n")

writer = gguf.GGUFWriter(sys.argv[1], "bert")
writer.add_name("all-MiniLM-L6-v2")
writer.add_block_count(config["num_hidden_layers"])
writer.add_context_length(config["max_position_embeddings"])
writer.add_embedding_length(config["hidden_size"])
writer.add_feed_forward_length(config["intermediate_size"])
writer.add_head_count(config["num_attention_heads"])
writer.add_layer_norm_eps(config["layer_norm_eps"])
writer.add_causal_attention(False)
writer.add_pooling_type(gguf.PoolingType.MEAN)
writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def spelled(token):
    """llama.cpp marks where a word begins, and not where it goes on."""
    if re.fullmatch(r"\[.+\]", token):
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


special = [re.fullmatch(r"\[(PAD|UNK|CLS|SEP|MASK)\]", token) is not None for token in vocabulary]
writer.add_tokenizer_model("bert")
writer.add_tokenizer_pre("default")
writer.add_token_type_count(config["type_vocab_size"])
writer.add_token_list([spelled(token) for token in vocabulary])
writer.add_token_types([gguf.TokenType.CONTROL if is_special else gguf.TokenType.NORMAL for is_special in special])
for add, token in (
    (writer.add_pad_token_id, "[PAD]"),
    (writer.add_unk_token_id, "[UNK]"),
    (writer.add_bos_token_id, "[CLS]"),
    (writer.add_sep_token_id, "[SEP]"),
    (writer.add_eos_token_id, "[SEP]"),
    (writer.add_mask_token_id, "[MASK]"),
):
    add(vocabulary.index(token))

names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, config["num_hidden_layers"])
for name, array in weights().items():
    writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), array)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
