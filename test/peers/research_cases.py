"""Checkpoints as the authors' own code saves them: their names and dictionaries around timm's blocks."""
import argparse
from collections import OrderedDict

import timm
import torch
from timm.layers import SwiGLUPacked
from timm.models.beit import Beit
from timm.models.vision_transformer import VisionTransformer
from torch.nn import functional as F

from peer_case import HALF, IMAGENET, OPENAI, Case, randomise, refuse, rounded, save_torch, typed


def resized(stored, grid, to, how):
    """Positions [1, 1 + grid², dim] for another grid, as each code does it."""
    cls, patches = stored[:, :1], stored[:, 1:]
    x = patches.reshape(1, *grid, -1).permute(0, 3, 1, 2)
    if how == "offset":
        x = F.interpolate(x, scale_factor=tuple((n + 0.1) / m for n, m in zip(to, grid)), mode="bicubic")
    else:
        x = F.interpolate(x, size=tuple(to), mode="bicubic", align_corners=False, antialias=how == "antialias")
    assert tuple(x.shape[-2:]) == tuple(to)
    return torch.cat([cls, x.permute(0, 2, 3, 1).flatten(1, 2)], 1)


def build(draw, s, **more):
    return rounded(randomise(VisionTransformer(img_size=s["patch"] * s["grid"], patch_size=s["patch"], embed_dim=s["dim"], depth=s["depth"],
                             num_heads=s["heads"], num_classes=0, norm_layer=lambda n, **k: torch.nn.LayerNorm(n, eps=1e-6, **k), **more), draw), "float32")  # fmt: skip


def run_with(how, registers=0, pool=None):
    """Features of a timm model at any size, its positions resampled as the authors' code does."""

    def run(model, x):
        patch, grid = model.patch_embed.patch_size[0], model.patch_embed.grid_size
        to = [n // patch for n in x.shape[2:]]
        kept, size = model.pos_embed, model.patch_embed.img_size
        # timm has no position for registers here: that of CLS lies in its token (see below).
        full = torch.cat([torch.zeros_like(model.cls_token), kept], 1) if model.no_embed_class else kept
        new = full if tuple(to) == tuple(grid) else resized(full, grid, to, how)
        model.pos_embed = torch.nn.Parameter(new[:, 1:] if model.no_embed_class else new)
        model.patch_embed.img_size = tuple(x.shape[2:])
        tokens = model.forward_features(x)
        model.pos_embed, model.patch_embed.img_size = kept, size
        out = dict(cls=(tokens[:, 0], "CLS token after the final norm"), patches=tokens[:, 1 + registers :])
        if registers:
            out["registers"] = tokens[:, 1 : 1 + registers]
        if pool:
            out["cls"] = (model.forward_head(tokens, pre_logits=True), "pooled feature")
        return out

    return run


def names(model, prefix=""):
    return OrderedDict((prefix + k, v) for k, v in typed(model.state_dict(), "float32").items())


def head(draw, dim, prefix):
    return {f"{prefix}mlp.0.weight": draw.normal(8, dim), f"{prefix}mlp.0.bias": draw.normal(8), f"{prefix}last_layer.weight_g": draw.normal(5, 1), f"{prefix}last_layer.weight_v": draw.normal(5, 8)}


def around(**more):
    return dict(epoch=7, args=argparse.Namespace(arch="vit_small", lr=0.1), optimizer=dict(state={}, param_groups=[dict(lr=0.1, params=[0])]), **more)


def make(folder, draw, only=None):
    method = only or draw.choice(list(METHODS))
    s = draw.sizes()
    if method in ("mae", "mocov3"):
        s["dim"] += -s["dim"] % 4
        s["heads"] = draw.choice([h for h in (1, 2, 4) if s["dim"] % h == 0])
    side = s["patch"] * s["grid"]
    other = [draw.randint(2, 6) * s["patch"]] * 2 if draw.some(0.7) else None
    METHODS[method](folder, draw, s, [side, side], other)


def done(case, s, draw, value, file, method, must=True):
    save_torch(value, case.folder / file, draw)
    case.write(f"{method}, blocks of timm {timm.__version__}", must, what=method, config=dict(image_size=s["patch"] * s["grid"], **s))


def dino(folder, draw, s, side, other, method="DINO"):
    student, teacher = build(draw, s), build(draw, s)
    way = draw.choice(["full", "full", "backbone"])
    case = Case(folder, draw, IMAGENET, side, other).expect(teacher, run_with("offset"))
    if way == "backbone":
        return done(case, s, draw, names(teacher), "dino_deitsmall16_pretrain.pth", "DINO backbone")
    case.expect(student, run_with("offset"), "_student", ("",))
    left, right = names(student, "module.backbone."), names(teacher, "backbone.")
    left |= head(draw, s["dim"], "module.head.")
    right |= head(draw, s["dim"], "head.")
    more = dict(dino_loss=OrderedDict(center=draw.normal(1, 5)))
    if method == "iBOT":
        left |= {"module.backbone.masked_embed": draw.normal(1, s["dim"]), "module.head.last_layer2.weight_g": draw.normal(5, 1)}
        more = dict(ibot_loss=OrderedDict(center=draw.normal(1, 5)), fp16_scaler=dict(scale=1.0))
    done(case, s, draw, around(student=left, teacher=right, **more), "checkpoint.pth", method)


def ibot(folder, draw, s, side, other):
    dino(folder, draw, s, side, other, "iBOT")


def dinov2(folder, draw, s, side, other):
    registers, swiglu = draw.choice([0, 0, 1, 4]), draw.some(0.3)
    more = dict(mlp_layer=SwiGLUPacked, mlp_ratio=draw.choice([2, 4]), act_layer=torch.nn.SiLU) if swiglu else {}
    model = build(draw, s, init_values=0.5, reg_tokens=registers, no_embed_class=registers > 0, **more)
    case = Case(folder, draw, IMAGENET, side, other).expect(model, run_with("antialias" if registers else "offset", registers))
    tensors = names(model)
    if registers:
        # The authors' files have a position for CLS, and registers under another name.
        cls = draw.normal(1, 1, s["dim"])
        tensors["pos_embed"] = torch.cat([cls, tensors["pos_embed"]], 1)
        tensors["cls_token"] = tensors["cls_token"] - cls
        tensors["register_tokens"] = tensors.pop("reg_token")
    tensors["mask_token"] = draw.normal(1, s["dim"])
    tensors = {k.replace("mlp.fc1", "mlp.w12").replace("mlp.fc2", "mlp.w3") if swiglu else k: v for k, v in tensors.items()}
    if draw.some():
        chunk = draw.randint(1, s["depth"])
        tensors = {(f"blocks.{int(k.split('.')[1]) // chunk}.{k[7:]}" if k.startswith("blocks.") else k): v for k, v in tensors.items()}
    way = draw.choice(["hub", "teacher", "full"])
    if way == "hub":
        return done(case, s, draw, tensors, "dinov2_pretrain.pth", "DINOv2 hub")
    wrap = draw.choice(["", "_fsdp_wrapped_module."]) if way == "full" else ""
    teacher = {f"backbone.{wrap}{k}": v for k, v in tensors.items()} | head(draw, s["dim"], "dino_head.") | head(draw, s["dim"], "ibot_head.")
    if way == "teacher":
        return done(case, s, draw, dict(teacher=teacher), "teacher_checkpoint.pth", "DINOv2 teacher")
    student = {f"student.{k}": v + 1 for k, v in teacher.items()}
    done(case, s, draw, dict(model=student | {f"teacher.{k}": v for k, v in teacher.items()}, iteration=3), "model_0003.rank_0.pth", "DINOv2 training")


def table(dim, grid, column_first):
    """Fixed sines and cosines: MAE begins with the column, MoCo v3 with the row."""
    y, x = torch.meshgrid(torch.arange(grid, dtype=torch.float64), torch.arange(grid, dtype=torch.float64), indexing="ij")
    frequency = 10000 ** -(torch.arange(dim // 4, dtype=torch.float64) / (dim / 4))
    parts = [f(p.reshape(-1, 1) * frequency) for p in ([x, y] if column_first else [y, x]) for f in (torch.sin, torch.cos)]
    return torch.cat([torch.zeros(1, dim), torch.cat(parts, 1).float()])[None]


def mae(folder, draw, s, side, other):
    way = draw.choice(["pretrain", "encoder", "finetuned"])
    model = build(draw, s, **(dict(global_pool="avg") if way == "finetuned" else {}))
    model.pos_embed.data = table(s["dim"], s["grid"], True)
    if way == "finetuned":
        model.pos_embed.data += 0.1
        other = None
    case = Case(folder, draw, IMAGENET, side, other).expect(model, run_with("plain", pool=way == "finetuned"))
    tensors = names(model)
    if way == "pretrain":
        tensors |= dict(mask_token=draw.normal(1, 1, 12), decoder_pos_embed=draw.normal(1, 1 + s["grid"] ** 2, 12))
        tensors |= {"decoder_embed.weight": draw.normal(12, s["dim"]), "decoder_blocks.0.norm1.weight": draw.normal(12), "decoder_norm.weight": draw.normal(12)}
    if way == "finetuned":
        tensors |= {"head.weight": draw.normal(5, s["dim"]), "head.bias": draw.normal(5)}
    done(case, s, draw, dict(model=tensors) if way == "encoder" else around(model=tensors, scaler={}), "checkpoint-799.pth", f"MAE {way}")


def mocov3(folder, draw, s, side, other):
    base, momentum = build(draw, s), build(draw, s)
    for m in (base, momentum):
        m.pos_embed.data = table(s["dim"], s["grid"], False)
    case = Case(folder, draw, IMAGENET, side, None).expect(base, run_with("plain")).expect(momentum, run_with("plain"), "_momentum")
    tensors = names(base, "module.base_encoder.") | names(momentum, "module.momentum_encoder.")
    for which in ("base", "momentum"):
        tensors |= {f"module.{which}_encoder.head.0.weight": draw.normal(8, s["dim"]), f"module.{which}_encoder.head.1.num_batches_tracked": torch.tensor(3)}
    tensors["module.predictor.0.weight"] = draw.normal(8, 8)
    done(case, s, draw, dict(epoch=300, arch="vit_small", state_dict=tensors, optimizer=dict(state={}, param_groups=[]), scaler={}), "vit-s-300ep.pth.tar", "MoCo v3")


def synclr(folder, draw, s, side, other):
    model = build(draw, s)
    case = Case(folder, draw, OPENAI, side, other).expect(model, run_with("plain"))
    prefix = draw.choice(["visual.", "module.visual."])
    tensors = names(model, prefix) | {f"{prefix[:-7]}image_mlp.0.weight": draw.normal(8, s["dim"]), f"{prefix[:-7]}logit_scale": torch.tensor(2.0)}
    key = draw.choice(["model", "state_dict"])
    done(case, s, draw, {key: tensors, "epoch": 3}, draw.choice(["synclr_vit_b_16.pth", "stablerep_pp.pth"]), "SynCLR or StableRep")


def synclr_training(folder, draw, s, side, other):
    student, teacher = build(draw, s), build(draw, s)
    case = Case(folder, draw, IMAGENET, side, other).expect(teacher, run_with("offset")).expect(student, run_with("offset"), "_student", ("",))
    tensors = names(student, "student.backbone.") | names(teacher, "teacher.backbone.")
    for which in ("student", "teacher"):
        tensors |= head(draw, s["dim"], f"{which}.dino_head.") | {f"{which}.proj.0.weight": draw.normal(8, s["dim"]), f"{which}.backbone.mask_token": draw.normal(1, 1, s["dim"])}
    done(case, s, draw, around(model=tensors, criterion=None, scaler={}), "checkpoint-14.pth", "SynCLR pre-training")


def beit(folder, draw, s, side, other):
    tuned = draw.some()
    kind = dict(use_rel_pos_bias=True, global_pool="avg") if tuned else dict(use_shared_rel_pos_bias=True, global_pool="token")
    if draw.some(0.3):
        kind["use_abs_pos_emb"] = True
    kind.setdefault("use_abs_pos_emb", False)
    model = Beit(img_size=side, patch_size=s["patch"], embed_dim=s["dim"], depth=s["depth"], num_heads=s["heads"], num_classes=4, init_values=0.5,
                 norm_layer=lambda n, **k: torch.nn.LayerNorm(n, eps=1e-6, **k), **kind)  # fmt: skip
    randomise(model, draw)

    def run(m, x):
        tokens = m.forward_features(x)
        pooled = m.forward_head(tokens, pre_logits=True)
        cls = (pooled, "pooled feature") if tuned else (tokens[:, 0], "CLS token after the final norm")
        return dict(cls=cls, patches=tokens[:, 1:]) | (dict(logits=m.forward_head(tokens)) if tuned else {})

    # Its own normalisation is that of its processor, mean and deviation a half, or ImageNet's (version 2).
    case = Case(folder, draw, HALF, side).expect(model, run)
    del case.about["normalisation"]
    tensors = names(model)
    if not tuned:
        tensors = {k: v for k, v in tensors.items() if not k.startswith("head.")} | {"mask_token": draw.normal(1, 1, s["dim"]), "lm_head.weight": draw.normal(9, s["dim"]), "cls_pt_layers.0.norm1.weight": draw.normal(s["dim"])}
    key = draw.choice(["model", "module"])
    done(case, s, draw, {key: tensors}, "beitv2_base.pth", f"BEiT v2 {'fine-tuned' if tuned else 'pre-trained'}")


METHODS = dict(dino=dino, ibot=ibot, dinov2=dinov2, mae=mae, mocov3=mocov3, synclr=synclr, synclr_training=synclr_training, beit=beit)

UNET = ["down_blocks.0.resnets.0.conv1.weight", "conv_in.weight", "mid_block.attentions.0.norm.weight", "time_embedding.linear_1.weight"]
LORA = ["base_model.model.encoder.layer.0.attention.attention.query.lora_A.weight", "base_model.model.encoder.layer.0.attention.attention.query.lora_B.weight"]
REFUSED = {
    "unet": ("diffusion", lambda d: {k: d.normal(8, 8) for k in UNET}),
    "unet_ldm": ("diffusion", lambda d: {"state_dict": {f"model.diffusion_model.{k}": d.normal(8, 8) for k in ("input_blocks.0.0.weight", "time_embed.0.weight", "out.2.weight")}}),
    "vae": ("no vision transformer|autoencoder", lambda d: {"encoder.conv_in.weight": d.normal(8, 3, 3, 3), "decoder.conv_out.weight": d.normal(3, 8, 3, 3)}),
    "lora": ("adapter|LoRA", lambda d: {k: d.normal(4, 8) for k in LORA}),
    "empty": ("no tensors", lambda d: {}),
    "empty_model": ("no tensors", lambda d: {"model": {}, "epoch": 3}),
    "optimizer": ("optimi|no vision", lambda d: {"optimizer": {"state": {0: {"exp_avg": d.normal(4, 4), "step": torch.tensor(3.0)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}}),
    "one_tensor": ("no vision|no tensors|dictionary", lambda d: d.normal(4, 4)),
    "linear_head": ("no vision", lambda d: {"state_dict": {"weight": d.normal(10, 4), "bias": d.normal(10)}}),
    "half": ("missing", lambda d: {"model": dict(list(names(build(d, d.sizes())).items())[:7])}),
    "resnet_moco": ("ResNet", lambda d: {"state_dict": {"module.encoder_q.layer1.0.conv1.weight": d.normal(8, 8, 3, 3), "module.encoder_q.conv1.weight": d.normal(8, 3, 7, 7)}}),
}  # fmt: skip


def make_refused(folder, draw, name):
    named, tensors = REFUSED[name]
    refuse(folder, f"research {name}", named, lambda out: save_torch(tensors(draw), out / "checkpoint.pth", draw))
