"""open_clip's models with open_clip_config.json; towers of timm or of ResNets as well."""
import json

import open_clip
import torch
from open_clip.model import CLIP, CustomTextCLIP

from peer_case import HALF, OPENAI, Case, randomise, refuse, rounded, save_torch, typed
from safetensors.torch import save_file


def features(model, ids, projected=True):
    def run(m, x):
        v = m.visual
        out = {}
        if hasattr(v, "conv1") and hasattr(v, "ln_post"):
            v.output_tokens = True
            got = v(x)
            pooled, patches = got if isinstance(got, tuple) else (got, None)
            v.output_tokens = False
        image = m.encode_image(x)
        out["image_embeds"] = image
        if patches is not None:
            after = not v.final_ln_after_pool and v.pool_type != "tok_"
            out["patches"] = patches if after else v.ln_post(patches)
            if v.final_ln_after_pool:
                del out["patches"]
        if len(x) == 3:
            text = m.encode_text(ids)
            out["text_embeds"] = text
            norm = torch.nn.functional.normalize
            scale = m.logit_scale.exp()
            logits = scale * norm(image, dim=-1) @ norm(text, dim=-1).T
            out["logits_per_image"] = logits + m.logit_bias if m.logit_bias is not None else logits
        return out

    return run


def make(folder, draw, only=None):
    s = draw.sizes()
    side = s["patch"] * s["grid"]
    sides = [side, s["patch"] * draw.randint(2, 5)] if draw.some(0.25) else [side, side]
    vision = dict(image_size=side if sides[0] == sides[1] else sides, layers=s["depth"], width=s["dim"], head_width=s["dim"] // s["heads"], patch_size=s["patch"])
    text = dict(context_length=draw.choice([9, 16]), vocab_size=100, width=24, heads=draw.choice([2, 3]), layers=draw.randint(1, 2))
    must = True
    odd = dict(no_ln_pre=True, pool_type="avg", final_ln_after_pool=True, ls_init_value=0.1, mlp_ratio=2.0, pos_embed_type="sin_cos_2d",
               act_kwargs=dict(approximate="tanh"), norm_kwargs=dict(eps=1e-6))  # fmt: skip
    for key in draw.sample(list(odd), draw.choice([0, 0, 1, 2])):
        vision[key] = odd[key]
    if "pos_embed_type" in vision and sides[0] != sides[1] or s["dim"] % 4:
        vision.pop("pos_embed_type", None)
    odd = dict(pool_type="last", no_causal_mask=True, proj_bias=True, ls_init_value=0.1, pad_id=1, act_kwargs=dict(approximate="tanh"), norm_kwargs=dict(eps=1e-6), mlp_ratio=2.0)
    for key in draw.sample(list(odd), draw.choice([0, 0, 1, 2])):
        text[key] = odd[key]
    if draw.some(0.1):
        vision |= draw.choice([dict(attentional_pool=True, attn_pooler_queries=4, attn_pooler_heads=1), dict(qk_norm=True), dict(scale_attn=True), dict(scale_fc=True)])
        must = False
    if draw.some(0.1):
        text |= draw.choice([dict(embed_cls=True), dict(pool_type="first"), dict(pool_type="eos"), dict(proj_type="none"), dict(qk_norm=True)])
        must = False
    quick = draw.some(0.4)
    more = draw.choice([{}, {}, dict(init_logit_bias=-10.0)])
    cfg = dict(embed_dim=text["width"] if text.get("proj_type") == "none" else draw.choice([16, 20]), vision_cfg=vision, text_cfg=text) | (dict(quick_gelu=True) if quick else {})
    cfg |= more
    custom = draw.some(0.3)
    model = (CustomTextCLIP if custom else CLIP)(**cfg)
    if custom:
        cfg["custom_text"] = True
    model = randomise(model, draw)
    with torch.no_grad():
        if getattr(model.visual, "proj", None) is not None:
            model.visual.proj.copy_(draw.normal(*model.visual.proj.shape) / s["dim"] ** 0.5)
    dtype = draw.choice(["float32", "float32", "float16", "bfloat16"])
    rounded(model, dtype)
    ids = torch.randint(3, 98, (4, text["context_length"]), generator=draw.torch)
    for row in ids:
        at = draw.randint(1, text["context_length"] - 1)
        row[at] = 99
        row[at + 1 :] = text.get("pad_id", 0)
    normalisation = draw.choice([OPENAI, HALF])
    case = Case(folder, draw, normalisation, sides)
    case.expect(model, features(model, ids)).ids(ids)
    config = dict(model_cfg=cfg, preprocess_cfg=dict(size=vision["image_size"], mean=normalisation[0], std=normalisation[1], interpolation="bicubic", resize_mode="shortest"))
    (case.folder / "open_clip_config.json").write_text(json.dumps(config))
    tensors = typed(model.state_dict(), dtype)
    way = draw.choice(["safetensors", "bin", "training"])
    if way == "safetensors":
        save_file(tensors, case.folder / "open_clip_model.safetensors")
    elif way == "bin":
        save_torch(tensors, case.folder / "open_clip_pytorch_model.bin", draw)
    else:
        prefix = draw.choice(["", "module."])
        save_torch(dict(epoch=3, name="run", state_dict={prefix + k: v for k, v in tensors.items()}, optimizer=dict(state={}, param_groups=[])), case.folder / "epoch_3.pt", draw)
    case.write(f"open_clip {open_clip.__version__}", must, what=type(model).__name__ + " " + way, args=cfg)


REFUSED = {
    "resnet": ("ResNet", dict(vision_cfg=dict(image_size=32, layers=[1, 1, 1, 1], width=16, patch_size=None))),
    "timm_convnext": ("ConvNeXt", dict(vision_cfg=dict(timm_model_name="convnext_atto", image_size=64))),
    "timm_eva02": ("eva02", dict(vision_cfg=dict(timm_model_name="eva02_tiny_patch14_224", image_size=224))),
    "timm_vitamin": ("ViTamin", dict(vision_cfg=dict(timm_model_name="vitamin_small_224", image_size=224))),
    "timm_fastvit": ("fastvit", dict(vision_cfg=dict(timm_model_name="fastvit_t8", image_size=64))),
    "timm_swin": ("Swin", dict(vision_cfg=dict(timm_model_name="swin_tiny_patch4_window7_224", image_size=224))),
}  # fmt: skip


def make_refused(folder, draw, name):
    named, cfg = REFUSED[name]
    cfg = dict(embed_dim=16, text_cfg=dict(context_length=9, vocab_size=100, width=24, heads=2, layers=1), **cfg)

    def save(out):
        model = CLIP(**cfg)
        if draw.some(0.7):
            (out / "open_clip_config.json").write_text(json.dumps(dict(model_cfg=cfg)))
        save_file(typed(model.state_dict(), "float16"), out / "open_clip_model.safetensors")

    refuse(folder, f"open_clip {name}", named, save)
