"""Tiny encoders of other libraries with their descriptions of pictures, and what those libraries see and compute: make_picture_cases.py SEED PHOTOS FOLDER

Writes FOLDER/photos (photographs of PHOTOS, and made from them a PNG with alpha, a grey one, one that EXIF turns, a large and a small one) and a
folder for each description with expected.safetensors: pixels [photos, 3, size, size] as the library's own processor makes them, and features.
Alpha is laid on white and EXIF followed before the library has a picture, as synclr does: libraries leave both to who calls them.
"""
import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import numpy as np  # noqa: E402
import open_clip  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402
import transformers as hf  # noqa: E402
from peer_case import HALF, IMAGENET, OPENAI, Draw, randomise  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

SIZES = dict(hidden_size=48, num_hidden_layers=2, num_attention_heads=3, intermediate_size=96)


def draw_photos(source, folder, draw):
    folder.mkdir(parents=True)
    files = sorted(source.rglob("*.jpg"))
    first = {}
    for f in draw.sample(files, min(len(files), 60)):
        first.setdefault(Image.open(f).size, f)
    for i, f in enumerate(list(first.values())[:5]):
        (folder / f"photo-{i}.jpg").write_bytes(f.read_bytes())
    a, b, c, d = (Image.open(f).convert("RGB") for f in draw.sample(files, 4))
    a.crop((3, 5, 340, 386)).save(folder / "odd.png")
    a.convert("L").save(folder / "grey.jpg", quality=95)
    alpha = Image.linear_gradient("L").resize(b.size)
    b.putalpha(alpha)
    b.save(folder / "alpha.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    c.save(folder / "turned.jpg", quality=95, exif=exif)
    d.resize((d.width * 5, d.height * 5), Image.LANCZOS).save(folder / "large.jpg", quality=95)
    d.resize((61, 47), Image.LANCZOS).save(folder / "small.png")
    return sorted(p.name for p in folder.iterdir())


def opened(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("RGBA", "LA"):
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def drawn(model, draw):
    """Random, and more of the picture than of positions, so that another one shows in the feature."""
    randomise(model, draw)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 4:
                weight.mul_(4)
    return model


def write(folder, about, prepare, feature, photos):
    with torch.no_grad():
        pixels = torch.stack([prepare(p) for p in photos])
        features = feature(pixels)
    save_file({"pixels": pixels.contiguous(), "features": features.contiguous()}, folder / "expected.safetensors")
    (folder / "about.json").write_text(json.dumps(about))


# --- transformers -----------------------------------------------------------------------------------------------------------------------------


def cls(out):
    return out.last_hidden_state[:, 0]


def pooled(out):
    return out.pooler_output


def vit(size, patch):
    return hf.ViTModel(hf.ViTConfig(**SIZES, image_size=size, patch_size=patch), add_pooling_layer=False), cls


def deit(size, patch):
    return hf.DeiTModel(hf.DeiTConfig(**SIZES, image_size=size, patch_size=patch), add_pooling_layer=False), cls


def clip(size, patch):
    return hf.CLIPVisionModel(hf.CLIPVisionConfig(**SIZES, image_size=size, patch_size=patch)), pooled


def siglip(size, patch):
    return hf.SiglipVisionModel(hf.SiglipVisionConfig(**SIZES, image_size=size, patch_size=patch)), pooled


def dinov2(size, patch):
    return hf.Dinov2Model(hf.Dinov2Config(**{**SIZES, "mlp_ratio": 2}, image_size=size, patch_size=patch)), cls


def dinov3(size, patch):
    return hf.DINOv3ViTModel(hf.DINOv3ViTConfig(**SIZES, image_size=size, patch_size=patch, num_register_tokens=2)), cls


def beit(size, patch):
    return hf.BeitModel(hf.BeitConfig(**SIZES, image_size=size, patch_size=patch, use_relative_position_bias=True)), pooled


def data2vec(size, patch):
    config = hf.Data2VecVisionConfig(**SIZES, image_size=size, patch_size=patch, use_relative_position_bias=True)
    return hf.Data2VecVisionModel(config, add_pooling_layer=True), pooled


def mae(size, patch):
    config = hf.ViTMAEConfig(**SIZES, image_size=size, patch_size=patch, mask_ratio=0.0)
    return hf.ViTMAEModel(config), cls


def stats(pair):
    return dict(image_mean=list(pair[0]), image_std=list(pair[1]))


def square(n):
    return dict(height=n, width=n)


# Name: model, side, patch, the processor's class, what its description says, and whether it is written as the library saves it.
TRANSFORMERS = {
    "vit": (vit, 224, 16, "ViT", {}, True),
    "vit_int": (vit, 96, 16, "ViT", dict(size=96, resample=2, image_mean=[0.5] * 3, image_std=[0.5] * 3, do_resize=True), False),
    "vit_bicubic": (vit, 64, 8, "ViT", dict(size=square(64), resample=3, **stats(IMAGENET)), True),
    "vit_unnormalised": (vit, 64, 8, "ViT", dict(size=square(64), do_normalize=False), True),
    "vit_unscaled": (vit, 64, 8, "ViT", dict(size=square(64), do_rescale=False, image_mean=[120.0, 118.0, 99.0], image_std=[58.0, 57.0, 60.0]), True),
    "vit_symmetric": (vit, 64, 8, "ViT", dict(size=square(64), rescale_factor=1 / 127.5, image_mean=[1.0] * 3, image_std=[1.0] * 3), True),
    "deit": (deit, 224, 16, "DeiT", {}, True),
    "deit_int": (deit, 224, 16, "DeiT", dict(size=256, crop_size=224, resample=3, do_center_crop=True, **stats(IMAGENET)), False),
    "deit_whole": (deit, 96, 16, "DeiT", dict(size=square(96), do_center_crop=False, **stats(IMAGENET)), True),
    "clip": (clip, 224, 32, "CLIP", {}, True),
    "clip_int": (clip, 96, 16, "CLIP", dict(size=96, crop_size=96, do_center_crop=True, resample=3, **stats(OPENAI)), False),
    "clip_over": (clip, 96, 16, "CLIP", dict(size=dict(shortest_edge=111), crop_size=square(96)), True),
    "siglip": (siglip, 224, 16, "Siglip", {}, True),
    "siglip_big": (siglip, 384, 32, "Siglip", dict(size=square(384), resample=3), True),
    "dinov2": (dinov2, 224, 14, "Bit", dict(size=dict(shortest_edge=256), crop_size=square(224), resample=3, **stats(IMAGENET)), True),
    "dinov2_odd": (dinov2, 98, 14, "Bit", dict(size=dict(shortest_edge=113), crop_size=square(98), resample=3, **stats(IMAGENET)), True),
    "dinov3": (dinov3, 224, 16, "DINOv3ViT", {}, True),
    "beit": (beit, 224, 16, "Beit", {}, True),
    "beit_cut": (beit, 96, 16, "Beit", dict(size=square(112), do_center_crop=True, crop_size=square(96)), True),
    "data2vec": (data2vec, 112, 16, "Beit", dict(size=112, resample=3, do_center_crop=False, crop_size=112, **stats(IMAGENET)), False),
    "mae": (mae, 96, 16, "ViT", dict(size=96, resample=3, **stats(IMAGENET)), False),
}


def transformers_case(name, folder, draw, photos):
    make, size, patch, kind, said, is_saved = TRANSFORMERS[name]
    model, take = make(size, patch)
    drawn(model, draw).save_pretrained(folder)
    tensors = kind == "DINOv3ViT"
    of = getattr(hf, f"{kind}ImageProcessor{'' if tensors else 'Pil'}")
    if is_saved:
        of(**said).save_pretrained(folder)
    else:
        (folder / "preprocessor_config.json").write_text(json.dumps({"feature_extractor_type": f"{kind}FeatureExtractor", **said}))
    processor = of.from_pretrained(folder)
    if name == "clip_over":
        # Processors of pictures and texts are saved in one file by later versions.
        one = json.loads((folder / "preprocessor_config.json").read_text())
        (folder / "processor_config.json").write_text(json.dumps(dict(processor_class="CLIPProcessor", image_processor=one)))
        (folder / "preprocessor_config.json").unlink()
    prepare = lambda p: torch.as_tensor(np.asarray(processor(p, return_tensors="pt")["pixel_values"])[0]).float()  # noqa: E731
    write(folder, dict(library="transformers", processor=type(processor).__name__), prepare, lambda x: take(model(x)), photos)


# --- timm -------------------------------------------------------------------------------------------------------------------------------------


def timm_said(size, pct, mode="center", interpolation="bicubic", pair=HALF, **more):
    return dict(input_size=[3, size, size], crop_pct=pct, crop_mode=mode, interpolation=interpolation, mean=list(pair[0]), std=list(pair[1]), **more)


# What its pretrained_cfg says, and whether it stands in config.json itself, as older ones have it.
TIMM = {
    "center_09": (224, timm_said(224, 0.9), False),
    "center_1": (96, timm_said(96, 1.0, pair=IMAGENET), False),
    "center_0875": (112, timm_said(112, 0.875, interpolation="bilinear", pair=IMAGENET), False),
    "center_odd": (96, timm_said(96, 0.85), False),
    "squash_1": (128, timm_said(128, 1.0, "squash"), False),
    "squash_09": (96, timm_said(96, 0.87, "squash", "bilinear"), False),
    "flat": (96, timm_said(96, 0.95, pair=OPENAI), True),
    "silent": (224, dict(num_classes=0), False),
}


def timm_case(name, folder, draw, photos):
    size, said, is_flat = TIMM[name]
    args = dict(img_size=size, patch_size=16, embed_dim=48, depth=2, num_heads=3)
    model = drawn(timm.create_model("vit_base_patch16_224", num_classes=0, **args), draw)
    folder.mkdir(parents=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors")
    config = dict(architecture="vit_base_patch16_224", num_classes=0, model_args=args)
    config |= said if is_flat else dict(pretrained_cfg=said)
    (folder / "config.json").write_text(json.dumps(config))
    transform = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=said))
    write(folder, dict(library="timm", processor="create_transform"), transform, model, photos)


# --- open_clip --------------------------------------------------------------------------------------------------------------------------------

OPEN_CLIP = {
    "shortest": (112, dict(size=112, mode="RGB", mean=OPENAI[0], std=OPENAI[1], interpolation="bicubic", resize_mode="shortest", fill_color=0)),
    "squash": (96, dict(mean=HALF[0], std=HALF[1], interpolation="bicubic", resize_mode="squash")),
    "bilinear": (96, dict(mean=IMAGENET[0], std=IMAGENET[1], interpolation="bilinear")),
    "silent": (96, None),
}


def open_clip_case(name, folder, draw, photos):
    size, said = OPEN_CLIP[name]
    vision = dict(image_size=size, layers=2, width=48, head_width=16, patch_size=16)
    config = dict(embed_dim=24, vision_cfg=vision, text_cfg=dict(context_length=8, vocab_size=64, width=32, heads=2, layers=1))
    model = drawn(open_clip.CLIP(**config), draw)
    folder.mkdir(parents=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "open_clip_model.safetensors")
    whole = dict(model_cfg=config, **({} if said is None else dict(preprocess_cfg=said)))
    (folder / "open_clip_config.json").write_text(json.dumps(whole))
    _, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    model.visual.proj = None
    write(folder, dict(library="open_clip", processor="image_transform"), transform, model.visual, photos)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("seed", type=int)
    p.add_argument("photos", type=Path)
    p.add_argument("folder", type=Path)
    p.add_argument("--only", help="cases whose names begin with this")
    o = p.parse_args()
    torch.set_num_threads(1)
    names = draw_photos(o.photos, o.folder / "photos", Draw(o.seed))
    photos = [opened(o.folder / "photos" / n) for n in names]
    (o.folder / "photos.json").write_text(json.dumps(names))
    for library, cases, make in [("hf", TRANSFORMERS, transformers_case), ("timm", TIMM, timm_case), ("open_clip", OPEN_CLIP, open_clip_case)]:
        for name in cases:
            folder = o.folder / f"{library}_{name}"
            if folder.name.startswith(o.only or ""):
                torch.manual_seed(o.seed)
                make(name, folder, Draw(f"{o.seed} {folder.name}"), photos)


if __name__ == "__main__":
    main()
