"""TorchScript programs of timm's networks, and the features that PyTorch gives.

Run in the peers' environment:
  python tools/golden/program.py live FOLDER    programs with random weights (program_live_test.cc)
"""

import pathlib
import sys

import timm
import torch
from model import rough
from safetensors.torch import save_file

# None of these is an architecture of nolabel. `maps` returns [B,D,h,w], which is averaged.
NETWORKS = {
    "convnext_atto": torch.jit.script,
    "mobilenetv3_small_050": torch.jit.script,
    "regnetx_002": lambda network: torch.jit.trace(network, torch.zeros(2, 3, 64, 64)),
}


def made(name):
    """With running statistics that fit its random weights, so that features are not all near 0."""
    network = timm.create_model(name, num_classes=0).train()
    with torch.no_grad():
        for _ in range(60):
            network(torch.randn(8, 3, 64, 64))
    return network


class Maps(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network.forward_features(x)


def live(folder):
    folder = pathlib.Path(folder)
    golden = {}
    views = rough((3, 3, 64, 64), 0.5).float()
    for seed, (name, compiled) in enumerate(NETWORKS.items()):
        torch.manual_seed(seed)
        network = made(name).eval()
        with torch.no_grad():
            torch.jit.save(compiled(network), folder / f"{name}.pt")
            golden[name] = network(views)
    maps = Maps(network).eval()
    with torch.no_grad():
        torch.jit.save(torch.jit.trace(maps, torch.zeros(2, 3, 64, 64)), folder / "maps.pt")
        golden["maps"] = maps(views).mean((2, 3))
    # Saved as it was trained: nolabel switches it to evaluation.
    torch.jit.save(torch.jit.script(made("lcnet_035")), folder / "training.pt")
    golden["training"] = torch.jit.load(folder / "training.pt").eval()(views).detach()
    save_file({name: value.contiguous() for name, value in golden.items()},
              folder / "golden.safetensors")


if __name__ == "__main__":
    live(sys.argv[2])
