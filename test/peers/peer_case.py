"""What all makers of cases share: random weights, features in two precisions, and files of the form that verify:encoders reads."""
import json
import math
import random
from pathlib import Path

import torch
from safetensors.torch import save_file

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
HALF = ([0.5] * 3, [0.5] * 3)
OPENAI = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class Draw(random.Random):
    """Random choices, and a generator of torch's from the same seed."""

    def __init__(self, seed):
        super().__init__(seed)
        self.torch = torch.Generator().manual_seed(self.getrandbits(40))

    def some(self, share=0.5):
        return self.random() < share

    def normal(self, *shape):
        return torch.randn(*shape, generator=self.torch)

    def sizes(self, patches=(4, 7, 8, 14, 16), multiple=1):
        """Width, depth, heads, patch and a grid of patches; dim/heads is anything that the architecture allows."""
        heads = self.choice([1, 2, 3, 4, 6])
        width = self.choice([w for w in (4, 6, 8, 10, 12, 16, 20, 24, 32) if w % multiple == 0 and 16 <= w * heads <= 72])
        return dict(dim=heads * width, depth=self.randint(1, 3), heads=heads, patch=self.choice(patches), grid=self.randint(2, 5))


def randomise(model, draw):
    """Draws every parameter so that each of them shows in the features."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            x = draw.normal(*p.shape) if p.ndim else draw.normal(1)[0]
            if p.ndim == 0:
                p.copy_(1 + 0.2 * x)
            elif p.ndim == 1 and (name.endswith("weight") or "gamma" in name or "lambda" in name):
                p.copy_(1 + 0.3 * x)
            elif p.ndim == 1:
                p.copy_(0.2 * x)
            elif "patch_embed" in name or "conv1" in name or not any(s in name for s in ("embed", "token", "table", "latent", "probe")):
                p.copy_(x / math.sqrt(p[0].numel()))
            else:
                p.copy_(0.6 * x)
    return model.eval()


def rounded(model, dtype):
    """Weights as a file of this type keeps them."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.to(DTYPES[dtype]).float())
    return model


class Case:
    """A folder: weights, expected.safetensors, about.json."""

    def __init__(self, folder, draw, normalisation, size, other=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.draw = draw
        self.mean, self.std = normalisation
        self.tensors, self.meanings, self.errors = {}, {}, {}
        self.about = dict(case=self.folder.name, files=[], normalisation=dict(mean=self.mean, std=self.std))
        self.sizes = {"": size} | ({"_other": other} if other else {})
        for tail, (h, w) in self.sizes.items():
            pixels = torch.randint(0, 256, (1 if tail else 3, 3, h, w), generator=draw.torch, dtype=torch.uint8)
            mean, std = (torch.tensor(x, dtype=torch.float64).view(3, 1, 1) for x in normalisation)
            self.tensors[f"input{tail}"] = ((pixels.double() / 255 - mean) / std).float()
            if not tail:
                self.tensors["pixels"] = pixels

    def expect(self, model, run, role="", sizes=("", "_other")):
        """run(model, pixels) gives tensors by name, or (tensor, meaning); taken in float64, its float32 error beside it."""
        for tail in (t for t in sizes if t in self.sizes):
            both = []
            with torch.no_grad():
                for dtype in (torch.float32, torch.float64):
                    both.append(run(model.to(dtype), self.tensors[f"input{tail}"].to(dtype)))
                model.float()
            for name, value in both[1].items():
                value, meaning = value if isinstance(value, tuple) else (value, name)
                other = both[0][name]
                other = other[0] if isinstance(other, tuple) else other
                key = f"{name}{role}{tail}"
                self.tensors[key] = value.float().contiguous()
                self.meanings[key] = meaning
                self.errors[key] = (value - other).abs().max().item()
        return self

    def ids(self, ids):
        self.tensors["input_ids"] = ids

    def write(self, library, must=True, **about):
        worst = max(self.errors.values())
        atol = 2e-5
        while atol < 8 * worst:
            atol *= 2
        save_file(self.tensors, self.folder / "expected.safetensors")
        self.about |= dict(
            library=library,
            # Whether the issue asks for it: another one may be refused by name.
            must=must,
            tensors={k: dict(shape=list(v.shape), meaning=self.meanings.get(k, "")) for k, v in self.tensors.items()},
            fp32_vs_fp64_max_abs=self.errors,
            tolerance=dict(atol=atol, rtol=1e-5),
            **about,
        )
        (self.folder / "about.json").write_text(json.dumps(self.about, indent=1))


def refuse(folder, library, named, save):
    """A folder whose weights are to be refused, in words that match `named`."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    save(folder)
    (folder / "about.json").write_text(json.dumps(dict(case=folder.name, library=library, refused_as=named)))


def typed(tensors, dtype):
    return {k: v.detach().to(DTYPES[dtype]).clone() if v.is_floating_point() else v.clone() for k, v in tensors.items()}


def save_torch(value, path, draw):
    """The zip form, or the older stream."""
    torch.save(value, path, _use_new_zipfile_serialization=draw.some(0.7))


def save_any(tensors, folder, draw, dtype, stem="model", torch_name="pytorch_model.bin"):
    """One file, or shards with an index; safetensors or torch's, by chance."""
    tensors = typed(tensors, dtype)
    folder, safe, shards = Path(folder), draw.some(0.6), draw.choice([1, 1, 2, 3])
    names = list(tensors)
    ending = ".safetensors" if safe else Path(torch_name).suffix
    base = stem if safe else Path(torch_name).stem
    files = [f"{base}{ending}"] if shards == 1 else [f"{base}-{i + 1:05}-of-{shards:05}{ending}" for i in range(shards)]
    weight_map = {}
    for i, file in enumerate(files):
        part = {n: tensors[n].contiguous() for n in names[i::shards]}
        weight_map |= {n: file for n in part}
        save_file(part, folder / file, {"format": "pt"}) if safe else save_torch(part, folder / file, draw)
    if shards > 1:
        (folder / f"{base}{ending}.index.json").write_text(json.dumps(dict(metadata={}, weight_map=weight_map)))
