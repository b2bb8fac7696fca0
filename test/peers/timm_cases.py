"""timm's vision transformers with its config.json; what is no plain ViT there, to be refused by name."""
import timm
from timm.models._hub import save_config_for_hf

from peer_case import Case, randomise, refuse, rounded, save_any, save_torch, typed

RUN = """vit_base_patch16_224 vit_small_patch16_224 vit_base_patch16_clip_224 vit_base_patch16_clip_quickgelu_224
 vit_base_patch16_siglip_224 vit_base_patch16_siglip_gap_224 vit_so400m_patch14_siglip_224 vit_so400m_patch14_siglip_gap_224
 vit_base_patch32_siglip_256 vit_large_patch16_siglip_512 vit_base_patch16_siglip_512 vit_giantopt_patch16_siglip_256
 vit_small_patch14_dinov2 vit_small_patch14_reg4_dinov2 vit_giant_patch14_dinov2 vit_giant_patch14_reg4_dinov2
 deit_tiny_patch16_224 deit_tiny_distilled_patch16_224 deit3_small_patch16_224 vit_base_patch16_gap_224 vit_medium_patch16_gap_256
 vit_medium_patch16_reg4_gap_256 vit_so150m_patch16_reg4_map_256 vit_so150m_patch16_reg4_gap_256 vit_huge_patch14_clip_224
 vit_base_patch16_224_miil flexivit_small vit_huge_patch14_gap_224 vit_giant_patch14_clip_224 vit_betwixt_patch16_reg4_gap_256""".split()
PERHAPS = """beit_base_patch16_224 beitv2_base_patch16_224 vit_base_patch16_xp_224 vit_base_patch16_18x2_224 vit_relpos_small_patch16_224
 vit_srelpos_small_patch16_224 vit_base_patch16_rpn_224 vit_small_patch16_dinov3 vit_small_patch16_dinov3_qkvb vit_small_plus_patch16_dinov3
 eva_large_patch14_196 eva_giant_patch14_224 eva02_tiny_patch14_224 eva02_base_patch16_clip_224 vit_base_patch16_rope_224
 vit_intern300m_patch14_448 vit_base_mci_224 vit_pe_core_tiny_patch16_384 naflexvit_base_patch16_gap vit_relpos_base_patch16_cls_224
 vit_dwee_patch16_reg1_gap_256 vit_base_patch16_radio_v3 test_vit test_vit2 test_vit3 test_vit4 vit_small_patch16_lingbot
 vit_base_patch14_reg1_tipsv2 vit_pe_spatial_tiny_patch16_512 vit_pwee_patch16_reg1_gap_256 vit_base_patch16_sapiens2
 vit_base_patch16_rope_mixed_ape_224 beit3_base_patch16_224 vit_wee_patch16_reg1_gap_256""".split()
REFUSED = {
    "convnext_atto": "ConvNeXt", "swin_tiny_patch4_window7_224": "Swin", "swinv2_cr_tiny_224": "Swin", "resnet10t": "ResNet", "hiera_tiny_224": "Hiera",
    "samvit_base_patch16": "Segment Anything|sam", "mixer_s32_224": "Mixer", "cait_xxs24_224": "CaiT|kind", "xcit_nano_12_p8_224": "XCiT|kind",
    "convit_tiny": "ConViT|kind|convit", "crossvit_9_240": "kind|crossvit", "vit_small_r26_s32_224": "r26|convolutional", "efficientnet_b0": "EfficientNet",
    "mobilenetv3_small_050": "MobileNet", "twins_svt_small": "kind|twins", "volo_d1_224": "kind|volo", "tnt_s_legacy_patch16_224": "kind|tnt",
    "vitamin_small_224": "ViTamin", "mvitv2_tiny": "mvit", "davit_tiny": "davit", "tiny_vit_5m_224": "tiny_?vit", "fastvit_t8": "fastvit", "levit_128s": "LeViT",
    "pit_ti_224": "kind|pit", "gcvit_xxtiny": "gcvit", "efficientformer_l1": "efficientformer", "nest_tiny": "nest", "beit3_base_patch16_224": "beit3|belongs to an architecture",
    "visformer_tiny": "kind|visformer", "coat_lite_tiny": "kind|coat", "edgenext_xx_small": "edgenext|ConvNeXt", "maxvit_tiny_tf_224": "MaxViT",
}  # fmt: skip


def features(model, x):
    tokens = model.forward_features(x)
    before = getattr(model, "num_prefix_tokens", 1)
    pooled = model.forward_head(tokens, pre_logits=True)
    has_norm = not isinstance(model.norm, __import__("torch").nn.Identity)
    out = dict(patches=tokens[:, before:])
    is_token = getattr(model, "global_pool", "token") == "token" and getattr(model, "cls_token", None) is not None
    out["cls"] = (tokens[:, 0], "CLS token after the final norm") if is_token and has_norm else (pooled, "pooled feature")
    if getattr(model, "dist_token", None) is not None:
        out["cls"] = (tokens[:, 0], "CLS token after the final norm")
        out["dist"] = tokens[:, 1]
    if getattr(model, "reg_token", None) is not None:
        out["registers"] = tokens[:, before - model.reg_token.shape[1] : before]
    if model.num_classes and is_token:
        out["logits"] = model.forward_head(tokens)
    return out


def make(folder, draw, only=None):
    must = draw.some(0.75)
    name = only or draw.choice(RUN if must else PERHAPS)
    must = name in RUN
    s = draw.sizes(multiple=4 if "dinov3" in name or "rope" in name else 1)
    plain = name.startswith(("vit_base_patch16_224", "vit_small_patch16_224", "deit3"))
    grid = (s["grid"], draw.choice([s["grid"], draw.randint(2, 5)]) if plain else s["grid"])
    side = [g * s["patch"] for g in grid]
    args = dict(embed_dim=s["dim"], depth=s["depth"], num_heads=s["heads"], patch_size=s["patch"], img_size=side)
    args["num_classes"] = draw.choice([0, 3, 5])
    other = None
    if must and draw.some() and "distilled" not in name:
        args["dynamic_img_size"] = True
        other = [draw.randint(2, 7) * s["patch"] for _ in "hw"]
    if must and draw.some() and "swiglu" not in name and "giant_patch14" not in name:
        args["mlp_ratio"] = draw.choice([1, 2, 2.5, 3])
    if plain:
        odd = dict(init_values=[None, 0.1], reg_tokens=[0, 1, 3], no_embed_class=[False, True], pre_norm=[False, True], qkv_bias=[True, False],
                   global_pool=["token", "avg", "map"], fc_norm=[None, True, False], class_token=[True, False], act_layer=[None, "quick_gelu", "gelu_tanh"])  # fmt: skip
        for key in draw.sample(list(odd), draw.randint(0, 4)):
            args[key] = draw.choice(odd[key])
        args = {k: v for k, v in args.items() if v is not None}
        if draw.some(0.15):
            args[draw.choice(["qk_norm", "scale_attn_norm", "scale_mlp_norm", "pool_include_prefix"])] = True
            must = False
        if draw.some(0.1):
            args |= draw.choice([dict(pos_embed="none"), dict(proj_bias=False), dict(norm_layer="rmsnorm"), dict(act_layer="relu"), dict(final_norm=False), dict(global_pool="max")])
            must = False
        if args.get("class_token") is False and args.get("global_pool", "token") == "token":
            args["global_pool"] = "avg"
    try:
        model = timm.create_model(name, **args)
    except (TypeError, AssertionError, RuntimeError):  # an option or size that this one has not
        for key in ("dynamic_img_size", "patch_size"):
            args.pop(key, None)
        other = None
        side = args["img_size"] = [g * int((name.split("patch") + ["16"])[1].split("_")[0]) for g in (2, 2)]
        model = timm.create_model(name, **args)
    randomise(model, draw)
    dtype = draw.choice(["float32", "float32", "float16", "bfloat16"])
    rounded(model, dtype)
    model.pretrained_cfg["input_size"] = (3, *side)
    cfg = model.pretrained_cfg
    case = Case(folder, draw, (list(cfg["mean"]), list(cfg["std"])), side, other)
    case.expect(model, features)
    save_config_for_hf(model, case.folder / "config.json", model_args=args)
    if draw.some(0.25):
        inside = {draw.choice(["", "module.", "_orig_mod.", "module._orig_mod.", "model."]) + "%": 0}
        prefix = list(inside)[0][:-1]
        tensors = {prefix + k: v for k, v in typed(model.state_dict(), dtype).items()}
        save_torch(draw.choice([tensors, {"state_dict": tensors}, {"model": tensors, "epoch": 3}]), case.folder / "checkpoint.pth", draw)
    else:
        save_any(model.state_dict(), case.folder, draw, dtype)
    case.write(f"timm {timm.__version__} {name}", must, what=name, args=args)


def make_refused(folder, draw, name):
    def save(out):
        model = timm.create_model(name)
        # The description may be lost: then names of tensors alone say what it is.
        if draw.some():
            save_config_for_hf(model, out / "config.json")
        save_any(typed(model.state_dict(), "float16"), out, draw, "float16")

    refuse(folder, f"timm {name}", REFUSED[name], save)
