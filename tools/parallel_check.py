"""nolabel's SCAN files in PyTorch modules, plain and under DataParallel, as published-program.md says.

    parallel_check.py RUN PREFIXED WIDTH

RUN: a run directory with scan/; PREFIXED: `nolabel convert RUN/scan/checkpoint.pth.tar PREFIXED
--prefix module.`; WIDTH: of its ResNet-18.
"""

import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from plain_scan import clustering, load  # noqa: E402


def main():
    run, prefixed, width = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    model = load(run / "scan" / "model.pth.tar")
    plain = clustering(model["model"], width)
    parallel = torch.nn.DataParallel(plain)
    parallel.module.load_state_dict(model["model"], strict=True)

    before = load(run / "scan" / "checkpoint.pth.tar")
    after = torch.load(prefixed, weights_only=True)  # with its prefix
    parallel.load_state_dict(after["model"], strict=True)
    for name, value in parallel.module.state_dict().items():
        assert torch.equal(value, before["model"][name]), name
    assert {key for key in before} == {key for key in after}
    assert after["epoch"] == before["epoch"] and after["best_loss"] == before["best_loss"]

    optimizer = torch.optim.Adam(parallel.parameters(), lr=1.0)
    optimizer.load_state_dict(after["optimizer"])
    for parameter in parallel.parameters():
        assert optimizer.state[parameter]["exp_avg"].shape == parameter.shape
        assert optimizer.state[parameter]["step"] > 0


main()
