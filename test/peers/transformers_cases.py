"""Hugging Face's vision encoders as save_pretrained writes them; what is another architecture, to be refused by name."""
import json

import torch
import transformers as hf
from safetensors.torch import load_file

from peer_case import HALF, IMAGENET, OPENAI, Case, randomise, refuse, rounded, save_any, save_torch

# AltCLIP, CLIPSeg and I-JEPA without their description are a CLIP and a ViT, and run as such.
hf.utils.logging.set_verbosity_error()
hf.utils.logging.disable_progress_bar()
ACTS = ["gelu", "gelu", "quick_gelu", "gelu_pytorch_tanh", "gelu_new"]


def vision(draw, s, act=True, **more):
    """What most configurations share."""
    out = dict(hidden_size=s["dim"], num_hidden_layers=s["depth"], num_attention_heads=s["heads"], patch_size=s["patch"],
               image_size=s["patch"] * s["grid"], intermediate_size=draw.choice([s["dim"], 2 * s["dim"], 100]))  # fmt: skip
    if act and draw.some(0.3):
        out["hidden_act"] = draw.choice(ACTS)
    if draw.some(0.3):
        out["layer_norm_eps"] = draw.choice([1e-5, 1e-6, 1e-12])
    return out | more


def tokens(model_out, before=1, registers=0, cls="CLS token after the final norm"):
    x = model_out.last_hidden_state
    out = dict(cls=(x[:, 0], cls), patches=x[:, before + registers :])
    if registers:
        out["registers"] = x[:, before : before + registers]
    return out


def classes(draw):
    return dict(num_labels=3) if draw.some() else {}


def vit(draw, s):
    c = hf.ViTConfig(**vision(draw, s, qkv_bias=draw.some(0.8), num_labels=3))
    kind = draw.choice(["pooler", "plain", "classes", "mim"])
    head = dict(classes=hf.ViTForImageClassification, mim=hf.ViTForMaskedImageModeling).get(kind)
    model = head(c) if head else hf.ViTModel(c, add_pooling_layer=kind == "pooler")

    def run(m, x):
        body = m.vit if head else m
        got = body(x, interpolate_pos_encoding=True)
        out = tokens(got)
        if kind == "pooler":
            out["pooled"] = got.pooler_output
        if kind == "classes":
            out["logits"] = m(x, interpolate_pos_encoding=True).logits
        return out

    return model, run, HALF, True


def deit(draw, s):
    c = hf.DeiTConfig(**vision(draw, s, num_labels=3))
    kind = draw.choice(["pooler", "plain", "classes", "teacher"])
    head = dict(classes=hf.DeiTForImageClassification, teacher=hf.DeiTForImageClassificationWithTeacher).get(kind)
    model = head(c) if head else hf.DeiTModel(c, add_pooling_layer=kind == "pooler")

    def run(m, x):
        got = (m.deit if head else m)(x, interpolate_pos_encoding=True)
        out = tokens(got, 2) | dict(dist=got.last_hidden_state[:, 1])
        if kind == "pooler":
            out["pooled"] = got.pooler_output
        if head:
            out["logits"] = m(x, interpolate_pos_encoding=True).logits
        return out

    return model, run, IMAGENET, True


def mae(draw, s):
    s["dim"] += -s["dim"] % 4
    s["heads"] = draw.choice([h for h in (1, 2, 4) if s["dim"] % h == 0])
    c = hf.ViTMAEConfig(**vision(draw, s, decoder_hidden_size=32, decoder_num_hidden_layers=1, decoder_num_attention_heads=2, decoder_intermediate_size=32))
    model = draw.choice([hf.ViTMAEModel, hf.ViTMAEForPreTraining])(c)

    def run(m, x):
        body = getattr(m, "vit", m)
        body.config.mask_ratio, body.embeddings.config.mask_ratio = 0.0, 0.0
        count = (x.shape[2] // s["patch"]) * (x.shape[3] // s["patch"])
        noise = torch.arange(count, dtype=x.dtype).expand(len(x), count)
        return tokens(body(x, noise=noise, interpolate_pos_encoding=True))

    return model, run, IMAGENET, True


def dinov2(draw, s):
    registers = draw.choice([0, 0, 1, 4, 5])
    o = vision(draw, s, use_swiglu_ffn=draw.some(0.3), mlp_ratio=draw.choice([1, 2, 4]), qkv_bias=draw.some(0.8), num_labels=3)
    o.pop("intermediate_size")
    is_head = draw.some(0.3)
    if registers:
        c = hf.Dinov2WithRegistersConfig(num_register_tokens=registers, **o)
        model = (hf.Dinov2WithRegistersForImageClassification if is_head else hf.Dinov2WithRegistersModel)(c)
    else:
        model = (hf.Dinov2ForImageClassification if is_head else hf.Dinov2Model)(hf.Dinov2Config(**o))
    base = model.base_model_prefix
    return model, lambda m, x: tokens((getattr(m, base) if is_head else m)(x), registers=registers), IMAGENET, True


def dinov3(draw, s):
    registers = draw.choice([0, 1, 4, 6])
    o = vision(draw, s, use_gated_mlp=draw.some(0.4), num_register_tokens=registers, rope_theta=draw.choice([100.0, 100.0, 50.0]),
               query_bias=draw.some(0.8), key_bias=draw.some(0.3), value_bias=draw.some(0.8), proj_bias=draw.some(0.8), mlp_bias=draw.some(0.8), num_labels=3)  # fmt: skip
    if o["use_gated_mlp"] and draw.some():
        o["hidden_act"] = "silu"
    kind = draw.choice([hf.DINOv3ViTModel, hf.DINOv3ViTModel, getattr(hf, "DINOv3ViTForImageClassification", hf.DINOv3ViTModel)])
    model = kind(hf.DINOv3ViTConfig(**o))
    body = (lambda m: m) if kind is hf.DINOv3ViTModel else (lambda m: getattr(m, m.base_model_prefix))
    # A gate through another activation than SiLU is none that is published.
    must = not o["use_gated_mlp"] or o.get("hidden_act") == "silu"
    return model, lambda m, x: tokens(body(m)(x), registers=registers), IMAGENET, must


def text_ids(draw, vocabulary, context, end, rows=4):
    ids = torch.randint(3, vocabulary - 2, (rows, context), generator=draw.torch)
    for row in ids:
        at = draw.randint(1, context - 1)
        row[at] = end
        row[at + 1 :] = draw.choice([end, 0, 1])
    return ids


def clip(draw, s):
    kind = draw.choice(["full", "full", "vision", "projection", "classes"])
    v = vision(draw, s)
    if kind == "vision" or kind == "classes":
        c = hf.CLIPVisionConfig(**v)
        if kind == "classes":
            full = hf.CLIPConfig(vision_config=c.to_dict(), num_labels=3, projection_dim=24)
            model = hf.CLIPForImageClassification(full)
        else:
            model = hf.CLIPVisionModel(c)
    elif kind == "projection":
        model = hf.CLIPVisionModelWithProjection(hf.CLIPVisionConfig(projection_dim=20, **v))
    else:
        eos = draw.choice([2, 90, 50])
        t = dict(hidden_size=24, num_hidden_layers=draw.randint(1, 2), num_attention_heads=draw.choice([2, 3]), intermediate_size=48, vocab_size=92,
                 max_position_embeddings=draw.choice([9, 12]), eos_token_id=eos, bos_token_id=89, pad_token_id=draw.choice([0, 1, 90]))  # fmt: skip
        if draw.some(0.3):
            t["hidden_act"] = draw.choice(ACTS)
        model = hf.CLIPModel(hf.CLIPConfig(vision_config=v, text_config=t, projection_dim=draw.choice([16, 20])))
        ids = text_ids(draw, 92, t["max_position_embeddings"], 91 if eos == 2 else eos)
        if eos == 2:
            ids[ids == 2] = 3

    def run(m, x):
        body = m.vision_model if hasattr(m, "vision_model") else m
        got = body(x, interpolate_pos_encoding=True)
        norm = getattr(body, "post_layernorm", None) or body.vision_model.post_layernorm
        out = dict(cls=(got.pooler_output, "pooler_output = post_layernorm(CLS)"), patches=norm(got.last_hidden_state[:, 1:]))
        if hasattr(m, "visual_projection"):
            out["image_embeds"] = m.visual_projection(got.pooler_output)
        if kind == "full":
            text = m.text_model(ids)
            both = m(input_ids=ids, pixel_values=x, interpolate_pos_encoding=True)
            out |= dict(text_hidden=text.last_hidden_state, text_pooled=text.pooler_output, text_embeds=m.text_projection(text.pooler_output),
                        logits_per_image=both.logits_per_image)  # fmt: skip
        return out

    model.ids = ids if kind == "full" else None
    return model, run, OPENAI, True


def siglip(draw, s):
    v2 = draw.some(0.15)
    kind = draw.choice(["full", "vision", "vision", "classes"])
    v = vision(draw, s)
    family = "Siglip2" if v2 else "Siglip"
    if v2:
        v.pop("image_size")
        v["num_patches"] = s["grid"] ** 2
    of = lambda name: getattr(hf, family + name)  # noqa: E731
    has_head = draw.some(0.8)
    if kind == "full":
        t = dict(hidden_size=s["dim"], num_hidden_layers=draw.randint(1, 2), num_attention_heads=s["heads"], intermediate_size=48, vocab_size=92, max_position_embeddings=10)
        if draw.some():
            t["projection_size"] = s["dim"]
        model = of("Model")(of("Config")(vision_config=v, text_config=t))
        ids = torch.randint(0, 92, (4, 10), generator=draw.torch)
    elif kind == "classes":
        model = of("ForImageClassification")(of("Config")(vision_config=v, num_labels=3))
    else:
        model = of("VisionModel")(of("VisionConfig")(vision_use_head=has_head, **v))

    def run(m, x):
        if v2:
            patches = x.unfold(2, s["patch"], s["patch"]).unfold(3, s["patch"], s["patch"]).permute(0, 2, 3, 4, 5, 1)
            n = patches.shape[1] * patches.shape[2]
            more = dict(pixel_attention_mask=torch.ones(len(x), n, dtype=torch.long), spatial_shapes=torch.tensor([patches.shape[1:3]] * len(x)))
            x = patches.reshape(len(x), n, -1)
        else:
            more = dict(interpolate_pos_encoding=True)
        body = m.vision_model if hasattr(m, "vision_model") else m
        args = dict(attention_mask=more["pixel_attention_mask"], spatial_shapes=more["spatial_shapes"]) if v2 and body is not m else more
        got = body(x, **args)
        out = dict(patches=got.last_hidden_state)
        if got.pooler_output is not None:
            out["cls"] = (got.pooler_output, "pooler_output: attention pooling head (there is no CLS token)")
        if kind == "full":
            text = m.text_model(ids)
            out |= dict(text_hidden=text.last_hidden_state, text_embeds=text.pooler_output)
            if not v2:
                out |= dict(logits_per_image=m(input_ids=ids, pixel_values=x, **more).logits_per_image)
        return out

    model.ids = ids if kind == "full" else None
    return model, run, HALF, not v2


def beit(draw, s, family="Beit"):
    of = lambda name: getattr(hf, family + name)  # noqa: E731
    where = draw.choice(["layers", "shared", "both", "none", "absolute", "all"])
    o = vision(draw, s, use_absolute_position_embeddings=where in ("absolute", "all"), use_relative_position_bias=where in ("layers", "both", "all"),
               use_shared_relative_position_bias=where in ("shared", "both"), use_mean_pooling=draw.some(0.7), layer_scale_init_value=draw.choice([0.1, 0.1, 0.1, 0.0]), num_labels=3)  # fmt: skip
    c = of("Config")(**o)
    is_head = draw.some(0.4)
    model = of("ForImageClassification")(c) if is_head else of("Model")(c, add_pooling_layer=draw.some(0.8))
    base = model.base_model_prefix

    def run(m, x):
        more = dict(interpolate_pos_encoding=True) if family == "Beit" else {}
        got = (getattr(m, base) if is_head else m)(x, **more)
        out = tokens(got, cls="CLS token after the last layer")
        if got.pooler_output is not None:
            out["pooled"] = got.pooler_output
        if is_head:
            out["logits"] = m(x, **more).logits
        return out

    return model, run, HALF if family == "Beit" else IMAGENET, True


def data2vec(draw, s):
    return beit(draw, s, "Data2VecVision")


def msn(draw, s):
    c = hf.ViTMSNConfig(**vision(draw, s, num_labels=3))
    model = hf.ViTMSNModel(c)
    return model, lambda m, x: tokens(m(x, interpolate_pos_encoding=True)), IMAGENET, False


MAKERS = [vit, deit, mae, dinov2, dinov2, dinov3, dinov3, clip, clip, siglip, siglip, beit, beit, data2vec, msn]


def make(folder, draw, only=None):
    maker = globals()[only] if only else draw.choice(MAKERS)
    s = draw.sizes(multiple=4 if maker is dinov3 else 2 if maker is mae else 1)
    model, run, normalisation, must = maker(draw, s)
    model.eval()
    dtype = draw.choice(["float32", "float32", "float16", "bfloat16"])
    rounded(randomise(model, draw), dtype)
    other = [draw.randint(2, 6) * s["patch"] for _ in "hw"] if draw.some(0.6) else None
    if maker in (deit, mae, vit, clip, siglip, msn) and other:
        other = [other[0], other[0]] if draw.some() else other
    if maker in (data2vec,) or (maker is beit and model.config.use_absolute_position_embeddings):
        other = None
    if maker is beit and not model.config.use_relative_position_bias and not model.config.use_shared_relative_position_bias:
        other = other and [other[0], other[0]]
    processor = None
    if draw.some(0.5):
        normalisation = draw.choice([IMAGENET, HALF, OPENAI])
        processor = dict(do_normalize=True, do_resize=True, image_mean=normalisation[0], image_std=normalisation[1], resample=3,
                         size=draw.choice([dict(height=32, width=32), dict(shortest_edge=40)]), image_processor_type="ViTImageProcessor")  # fmt: skip
    side = s["patch"] * s["grid"]
    case = Case(folder, draw, normalisation, [side, side], other)
    case.expect(model, run)
    if getattr(model, "ids", None) is not None:
        case.ids(model.ids)
    if processor:
        (case.folder / "preprocessor_config.json").write_text(json.dumps(processor))
    way = draw.choice(["own", "own", "own", "version 4", "bare", "wrapped", "in memory"])
    model.to(getattr(torch, dtype)).save_pretrained(case.folder, **draw.choice([{}, dict(max_shard_size="40KB")] if way == "own" else [{}]))
    if way != "own":
        file = case.folder / "model.safetensors"
        tensors = load_file(file)
        file.unlink()
        if way == "in memory":
            # What torch.save(model.state_dict()) writes: since version 5 its names are others than save_pretrained's.
            tensors = model.state_dict()
        if way == "version 4" and type(model).__name__ in ("CLIPVisionModel", "SiglipVisionModel"):
            tensors = {f"vision_model.{k}": v for k, v in tensors.items()}
        if way == "wrapped":
            prefix = draw.choice(["module.", "_orig_mod.", "model.", "encoder.", "backbone.", "module.backbone."])
            tensors = {prefix + k: v for k, v in tensors.items()}
            save_torch(draw.choice([tensors, {"state_dict": tensors}, {"model": tensors}]), case.folder / "pytorch_model.bin", draw)
        else:
            save_any(tensors, case.folder, draw, dtype)
    if must and draw.some(0.15) and (case.folder / "config.json").exists():
        # As configurations of version 4 have it.
        config = json.loads((case.folder / "config.json").read_text())
        config["torch_dtype"] = config.pop("dtype", None) or dtype
        (case.folder / "config.json").write_text(json.dumps(config))
    case.write(f"transformers {hf.__version__} {type(model).__name__}", must, what=type(model).__name__ + " " + way, args=json.loads(model.config.to_json_string()))


REFUSED = {
    "convnext": ("ConvNeXt", lambda: hf.ConvNextModel(hf.ConvNextConfig(hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1]))),
    "convnextv2": ("ConvNeXt", lambda: hf.ConvNextV2Model(hf.ConvNextV2Config(hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1]))),
    "dinov3_convnext": ("ConvNeXt", lambda: hf.DINOv3ConvNextModel(hf.DINOv3ConvNextConfig(hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1]))),
    "swin": ("Swin", lambda: hf.SwinModel(hf.SwinConfig(embed_dim=8, depths=[1, 1], num_heads=[1, 2], image_size=56))),
    "swinv2": ("Swin", lambda: hf.Swinv2Model(hf.Swinv2Config(embed_dim=8, depths=[1, 1], num_heads=[1, 2], image_size=56))),
    "resnet": ("ResNet", lambda: hf.ResNetModel(hf.ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1]))),
    "regnet": ("RegNet", lambda: hf.RegNetModel(hf.RegNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1], groups_width=8))),
    "hiera": ("Hiera", lambda: hf.HieraModel(hf.HieraConfig(embed_dim=8, depths=[1, 1], num_heads=[1, 2], query_stride=[2, 2], num_query_pool=1))),
    "sam": ("Segment Anything", lambda: hf.SamVisionModel(hf.SamVisionConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, image_size=64, window_size=2, global_attn_indexes=[0]))),
    "dpt": ("dense predictor|dpt", lambda: hf.DPTModel(hf.DPTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, image_size=32, backbone_out_indices=[0, 0, 0, 0]))),
    "vitdet": ("detector|vitdet", lambda: hf.VitDetModel(hf.VitDetConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, image_size=32))),
    "yolos": ("detector|yolos", lambda: hf.YolosModel(hf.YolosConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=[32, 32]))),
    "bert": ("language model|BERT|bert|text", lambda: hf.BertModel(hf.BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, vocab_size=50))),
    "gpt2": ("language model|gpt2", lambda: hf.GPT2Model(hf.GPT2Config(n_embd=16, n_layer=1, n_head=1, vocab_size=50))),
    "llama": ("language model|llama", lambda: hf.LlamaForCausalLM(hf.LlamaConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, vocab_size=50))),
    "siglip2": ("SigLIP 2|siglip2", lambda: hf.Siglip2VisionModel(hf.Siglip2VisionConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, num_patches=4))),
    "pvt": ("Pyramid|pvt", lambda: hf.PvtModel(hf.PvtConfig(hidden_sizes=[8, 8, 8, 8], num_attention_heads=[1, 1, 1, 1], depths=[1, 1, 1, 1], image_size=64))),
    "segformer": ("SegFormer", lambda: hf.SegformerModel(hf.SegformerConfig(hidden_sizes=[8, 8, 8, 8], num_attention_heads=[1, 1, 1, 1], depths=[1, 1, 1, 1]))),
    "ijepa": ("ijepa|^read$", lambda: hf.IJepaModel(hf.IJepaConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=32, patch_size=8))),
    "blip": ("BLIP|blip", lambda: hf.BlipVisionModel(hf.BlipVisionConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=32, patch_size=8))),
    "owlvit": ("OWL|owlvit", lambda: hf.OwlViTVisionModel(hf.OwlViTVisionConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=32, patch_size=8))),
    "altclip": ("altclip|^read$", lambda: hf.AltCLIPVisionModel(hf.AltCLIPVisionConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=32, patch_size=8))),
    "videomae": ("videomae|no vision", lambda: hf.VideoMAEModel(hf.VideoMAEConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=32, patch_size=8, num_frames=4))),
    "vilt": ("ViLT|vilt", lambda: hf.ViltModel(hf.ViltConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=32, patch_size=8, vocab_size=50))),
    "vit_hybrid_ast": ("audio-spectrogram|channels", lambda: hf.ASTModel(hf.ASTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16))),
    "clipseg": ("clipseg|^read$", lambda: hf.CLIPSegVisionModel(hf.CLIPSegVisionConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, image_size=32, patch_size=8))),
    "clip_text": ("text", lambda: hf.CLIPTextModel(hf.CLIPTextConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, vocab_size=50))),
    "groupvit": ("GroupViT|groupvit", lambda: hf.GroupViTVisionModel(hf.GroupViTVisionConfig(hidden_size=16, depths=[1, 1, 1], num_attention_heads=1, intermediate_size=16))),
    "levit": ("LeViT", lambda: hf.LevitModel(hf.LevitConfig())),
    "mobilevit": ("MobileViT", lambda: hf.MobileViTModel(hf.MobileViTConfig())),
    "poolformer": ("MetaFormer|poolformer", lambda: hf.PoolFormerModel(hf.PoolFormerConfig(hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1]))),
    "detr": ("rt_detr|detr|ResNet", lambda: hf.RTDetrResNetBackbone(hf.RTDetrResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1], layer_type="basic"))),
    "depth_anything": ("depth|dense", lambda: hf.DepthAnythingForDepthEstimation(hf.DepthAnythingConfig(backbone_config=hf.Dinov2Config(hidden_size=16, num_hidden_layers=4, num_attention_heads=1, image_size=28, out_features=["stage1", "stage2", "stage3", "stage4"], reshape_hidden_states=False), reassemble_hidden_size=16, neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8, head_hidden_size=4))),
    "siglip_text": ("text", lambda: hf.SiglipTextModel(hf.SiglipTextConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16, vocab_size=50))),
}  # fmt: skip


def make_refused(folder, draw, name):
    named, build = REFUSED[name]

    def save(out):
        model = build()
        # The description may be lost: then names of tensors alone say what it is.
        if draw.some(0.7):
            model.save_pretrained(out)
        else:
            save_any(model.state_dict(), out, draw, "float16")

    refuse(folder, f"transformers {name}", named, save)
