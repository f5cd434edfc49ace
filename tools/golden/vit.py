"""Golden files of vision transformers: what timm's models and Hugging Face's compute.

Run in the peers' environment:
  python tools/golden/vit.py                writes nolabel/model/testdata/vit.safetensors
  python tools/golden/vit.py live FOLDER    models of full width with random weights, each a weights
                                            file and its features (vit_live_test.cc)
"""

import pathlib
import sys

import timm
import torch
import torch.nn.functional as F
import transformers as hf
from model import fill, rough
from safetensors.torch import load_file, save_file
from timm.layers import SwiGLUPacked

TESTDATA = pathlib.Path(__file__).resolve().parents[2] / "nolabel" / "model" / "testdata"

# As the cases of vit_test.cc: what the model is made of, and the sizes of its views.
SMALL = dict(embed_dim=24, depth=2, num_heads=3, num_classes=0)
CASES = {
    "dino": (dict(img_size=32, patch_size=8), [(32, 32), (40, 24)]),
    "dinov2": (dict(img_size=42, patch_size=14, init_values=1.0), [(42, 42), (28, 56)]),
    "registers": (
        dict(img_size=42, patch_size=14, init_values=1.0, reg_tokens=4, no_embed_class=True,
             mlp_layer=SwiGLUPacked, mlp_ratio=2 * 4 / 3, act_layer=torch.nn.SiLU),
        [(42, 42), (56, 28)],
    ),
    "clip": (
        dict(img_size=32, patch_size=8, pre_norm=True, act_layer="quick_gelu",
             norm_layer=lambda *a, **k: torch.nn.LayerNorm(*a, **(k | {"eps": 1e-5}))),
        [(32, 32), (16, 48)],
    ),
    "siglip": (
        dict(img_size=32, patch_size=8, class_token=False, global_pool="map",
             act_layer="gelu_tanh"),
        [(32, 32), (48, 40)],
    ),
    "mean_then_norm": (dict(img_size=32, patch_size=8, global_pool="avg"), [(32, 32), (24, 40)]),
    "norm_then_mean": (
        dict(img_size=32, patch_size=8, global_pool="avg", fc_norm=False), [(32, 32)],
    ),
    "no_qkv_bias": (dict(img_size=32, patch_size=8, qkv_bias=False), [(32, 32), (40, 24)]),
}  # fmt: skip


def resampled(positions, grid, size):
    """timm's resample_abs_pos_embed() without its rounding to single precision."""
    prefix = positions.shape[1] - grid[0] * grid[1]
    image = positions[:, prefix:].reshape(1, *grid, -1).permute(0, 3, 1, 2)
    image = F.interpolate(image, size, mode="bicubic", antialias=True)
    return torch.cat([positions[:, :prefix], image.permute(0, 2, 3, 1).flatten(1, 2)], 1)


def at_size(make, model, size):
    """The same model for images of this size."""
    grid = model.patch_embed.grid_size
    other = make(size)
    state = model.state_dict()
    state["pos_embed"] = resampled(state["pos_embed"], grid, other.patch_embed.grid_size)
    other.to(state["pos_embed"].dtype).load_state_dict(state)
    return other.eval()


def small(arguments):
    def make(size):
        settings = SMALL | arguments | {"img_size": size}
        return timm.models.VisionTransformer(**settings).double().eval()

    return make


def goldens():
    golden = {}
    for name, (arguments, sizes) in CASES.items():
        model = small(arguments)(arguments["img_size"])
        fill(model, rough)
        for size in sizes:
            at = at_size(small(arguments), model, size)
            views = rough((2, 3, *size), 0.5)
            golden[f"{name}.{size[0]}x{size[1]}"] = at(views).detach().contiguous()
            if name != "dino":
                continue
            tokens = at.forward_features(views).detach()
            both = torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], 1)
            golden[f"both.{size[0]}x{size[1]}"] = both.contiguous()
    save_file(golden, TESTDATA / "vit.safetensors")


# The authors and Hugging Face compute SigLIP with the approximate GELU, timm with the exact one.
EXACT = {"activation": "gelu"}
# timm's models of full width with random weights: the model, its depth (0: its own) and view sizes.
FULL = {
    "dino_s16": ("vit_small_patch16_224.dino", 0, [(224, 224), (112, 112)], {}),
    "dino_b8": ("vit_base_patch8_224.dino", 2, [(112, 112)], {}),
    "dinov2_s14": ("vit_small_patch14_dinov2", 0, [(518, 518), (224, 224), (112, 154)], {}),
    "dinov2_l14_registers": ("vit_large_patch14_reg4_dinov2", 2, [(224, 224), (112, 224)], {}),
    "dinov2_g14": ("vit_giant_patch14_dinov2", 2, [(224, 224)], {}),
    "dinov2_g14_registers": ("vit_giant_patch14_reg4_dinov2", 1, [(112, 112)], {}),
    "clip_b32": ("vit_base_patch32_clip_quickgelu_224", 2, [(224, 224)], {}),
    "clip_l14": ("vit_large_patch14_clip_quickgelu_224", 2, [(224, 224)], {}),
    "openclip_h14": ("vit_huge_patch14_clip_224", 1, [(224, 224)], {"activation": "gelu"}),
    "siglip_b16": ("vit_base_patch16_siglip_224", 2, [(224, 224), (112, 112)], EXACT),
    "siglip_so400m": ("vit_so400m_patch14_siglip_224", 1, [(224, 224)], EXACT),
    "medium_gap": ("vit_medium_patch16_gap_240", 2, [(240, 240), (112, 128)], {"views": "half"}),
    "supervised_l16": ("vit_large_patch16_224", 2, [(224, 224)], {"views": "half"}),
}


def live_timm(folder, golden):
    for name, (architecture, depth, sizes, statements) in FULL.items():
        torch.manual_seed(1)
        more = {"depth": depth} if depth else {}
        model = timm.create_model(architecture, num_classes=0, **more).eval()
        perturb(model)
        save_file({k: v.contiguous() for k, v in model.state_dict().items()},
                  folder / f"{name}.safetensors", statements)
        model.double()
        config = timm.data.resolve_data_config({}, model=model)
        golden[f"{name}/views"] = torch.tensor(
            [*config["mean"], *config["std"], config["interpolation"] == "bicubic"])
        for size in sizes:
            def make(size):
                return timm.create_model(architecture, num_classes=0, img_size=size, **more)
            golden[f"{name}/{size[0]}x{size[1]}"] = features(at_size(make, model, size), size)


def perturb(model):
    """Tokens, scales and biases that begin at zero or one would hide mistakes."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))


def features(model, size, take=lambda output: output):
    with torch.no_grad():
        return take(model(rough((2, 3, *size), 0.5))).contiguous()


def live_hugging_face(folder, golden):
    small = dict(hidden_size=128, num_hidden_layers=2, num_attention_heads=2, image_size=32,
                 patch_size=8)
    vision = small | {"intermediate_size": 192}
    text = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2,
                vocab_size=50, bos_token_id=0, eos_token_id=1, pad_token_id=1)
    models = {
        "hf_vit": hf.ViTModel(hf.ViTConfig(**vision)),
        "hf_vit_no_qkv_bias": hf.ViTModel(hf.ViTConfig(**vision, qkv_bias=False)),
        "hf_dinov2": hf.Dinov2Model(hf.Dinov2Config(**small)),
        "hf_dinov2_gated": hf.Dinov2Model(hf.Dinov2Config(**small, use_swiglu_ffn=True)),
        "hf_dinov2_registers": hf.Dinov2WithRegistersModel(hf.Dinov2WithRegistersConfig(**small)),
        "hf_clip": hf.CLIPModel(hf.CLIPConfig(vision_config=vision, text_config=text)),
        "hf_siglip": hf.SiglipModel(hf.SiglipConfig(vision_config=vision, text_config=text)),
    }
    for name, model in models.items():
        perturb(model.eval())
        # Before version 5 of transformers and since: names in files differ from those in memory.
        model.save_pretrained(folder / name)
        state = {k: v.contiguous() for k, v in model.state_dict().items()}
        saved = load_file(folder / name / "model.safetensors")
        statements = {"epsilon": "1e-12"} if name.startswith("hf_vit") else {}
        save_file(state, folder / f"{name}.safetensors", statements)
        save_file(saved, folder / f"{name}_saved.safetensors", statements)
        network = getattr(model, "vision_model", model).double()
        pool = "pooler_output" if name in ("hf_clip", "hf_siglip") else "last_hidden_state"
        take = lambda output: getattr(output, pool)[:, 0] if "last" in pool else output[pool]
        for file in (name, f"{name}_saved"):
            golden[f"{file}/32x32"] = features(network, (32, 32), take)


def renamed(state, table):
    """The same tensors, with each text of the table replaced in their names."""
    result = {}
    for name, tensor in state.items():
        for ours, theirs in table.items():
            name = name.replace(ours, theirs)
        result[name] = tensor.contiguous()
    return result


def as_authors_of_dinov2(folder, golden):
    """Registers have no positions, the class token has one, and the gated MLP other names."""
    state = load_file(folder / "dinov2_g14_registers.safetensors")
    state = renamed(state, {"reg_token": "register_tokens", "mlp.fc1": "mlp.w12",
                            "mlp.fc2": "mlp.w3"})
    positions, width = state["pos_embed"], state["pos_embed"].shape[-1]
    state["pos_embed"] = torch.cat([state["cls_token"], positions], 1)
    state["cls_token"] = torch.zeros(1, 1, width)
    state["mask_token"] = torch.zeros(1, width)
    torch.save({"teacher": {f"module.backbone.{k}": v for k, v in state.items()}},
               folder / "dinov2_authors.pth")
    golden["dinov2_authors/112x112"] = golden["dinov2_g14_registers/112x112"].clone()


def as_openai(folder, golden):
    """OpenAI's CLIP, which OpenCLIP's files follow: the image tower beside that of the texts."""
    state = load_file(folder / "clip_b32.safetensors")
    state = renamed(state, {
        "blocks.": "transformer.resblocks.", "norm_pre": "ln_pre", "norm1": "ln_1",
        "norm2": "ln_2", "attn.qkv.": "attn.in_proj_", "attn.proj": "attn.out_proj",
        "fc1": "c_fc", "fc2": "c_proj", "patch_embed.proj": "conv1", "cls_token": "class_embedding",
        "pos_embed": "positional_embedding"})
    state = {("ln_post" + k[4:] if k.startswith("norm.") else k): v for k, v in state.items()}
    state["class_embedding"] = state["class_embedding"].flatten()
    state["positional_embedding"] = state["positional_embedding"][0]
    state["proj"] = torch.zeros(768, 512)
    text = {"positional_embedding": torch.zeros(77, 64), "ln_final.weight": torch.zeros(64),
            "text_projection": torch.zeros(64, 512),
            "transformer.resblocks.0.ln_1.weight": torch.zeros(64),
            "transformer.resblocks.0.attn.in_proj_weight": torch.zeros(192, 64)}
    torch.save({f"visual.{k}": v.clone() for k, v in state.items()} | text,
               folder / "openai_clip.pth")
    golden["openai_clip/224x224"] = golden["clip_b32/224x224"].clone()


def live(folder):
    golden = {}
    live_timm(folder, golden)
    live_hugging_face(folder, golden)
    as_authors_of_dinov2(folder, golden)
    as_openai(folder, golden)
    save_file(golden, folder / "golden.safetensors")


if __name__ == "__main__":
    if sys.argv[1:2] == ["live"]:
        live(pathlib.Path(sys.argv[2]))
    else:
        goldens()
