"""Loads exported encoders with the libraries that they are for, and compares features.

    python exports.py FOLDER

FOLDER holds a folder a case with expected.safetensors (`input` [n, 3, side, side], `feature` [n, dim], `patches` [n, patches, dim]) and a folder
for each format. Prints one line of JSON for each format of a case: the largest difference over the largest magnitude.
"""

import json
import logging
import sys
import warnings
from pathlib import Path

import timm
import torch
import transformers
from safetensors.torch import load_file

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(1)


def difference(got, expected):
    return ((got.float() - expected).abs().max() / expected.abs().max()).item()


def from_timm(folder, file):
    """The feature and the patches' tokens, as the model card loads the encoder."""
    config = json.loads((folder / "config.json").read_text())
    model = timm.create_model(
        config["architecture"],
        checkpoint_path=str(folder / file),
        num_classes=0,
        **config["model_args"],
    ).eval()
    return model


def check_timm(folder, file, x, half):
    model = from_timm(folder, file)
    if half:
        # What is compared is what the file holds, not half arithmetic on a CPU.
        model = model.float()
    tokens = model.forward_features(x)
    # A distilled model averages both of its tokens: the feature is the first.
    feature = tokens[:, 0] if hasattr(model, "dist_token") else model(x)
    data = timm.data.resolve_data_config(json.loads((folder / "config.json").read_text())["pretrained_cfg"])
    assert data["input_size"] == (3, x.shape[-1], x.shape[-1]), data
    return feature, tokens[:, model.num_prefix_tokens :]


def check_local_dir(folder, x):
    model = timm.create_model(f"local-dir:{folder}", pretrained=True, num_classes=0).eval().float()
    tokens = model.forward_features(x)
    feature = tokens[:, 0] if hasattr(model, "dist_token") else model(x)
    return feature, tokens[:, model.num_prefix_tokens :]


def check_hugging_face(folder, x, half):
    model, info = transformers.AutoModel.from_pretrained(folder, output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"], info
    if half:
        assert next(model.parameters()).dtype == torch.float16
    model = model.eval().float()
    out = model(x)
    if type(model).__name__ == "CLIPVisionModel":
        # Only CLS goes through its last norm.
        return type(model).__name__, out.pooler_output, None
    registers = getattr(model.config, "num_register_tokens", 0)
    transformers.AutoImageProcessor.from_pretrained(folder)
    return type(model).__name__, out.last_hidden_state[:, 0], out.last_hidden_state[:, 1 + registers :]


def check_torch(folder, file):
    state = torch.load(folder / file, weights_only=True)["model"]
    assert all(t.is_contiguous() for t in state.values())
    return len(state)


@torch.no_grad()
def main(root):
    for case in sorted(p for p in Path(root).iterdir() if p.is_dir()):
        expected = load_file(case / "expected.safetensors")
        x, feature, patches = expected["input"], expected["feature"], expected["patches"]
        half = (case / "half").exists()
        for folder in sorted(p for p in case.iterdir() if p.is_dir() and p.name != "half"):
            kind = folder.name
            line = {"case": case.name, "format": kind, "half": half}
            if kind == "timm":
                got = check_timm(folder, "model.safetensors", x, half)
                line["local_dir"] = difference(check_local_dir(folder, x)[0], feature)
            elif kind == "pth":
                got = check_timm(folder, "model.pth", x, half)
                line["tensors"] = check_torch(folder, "model.pth")
            elif kind == "hf":
                line["class"], *got = check_hugging_face(folder, x, half)
            else:
                continue
            line["feature"] = difference(got[0], feature)
            line["patches"] = None if got[1] is None else difference(got[1], patches)
            print(json.dumps(line), flush=True)


main(sys.argv[1])
