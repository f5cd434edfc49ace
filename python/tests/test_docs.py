"""docs/python.md and the example say what happens: their code is run here."""

import doctest
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import colored

HERE = Path(__file__).parent


def test_the_page_is_true(photos, tmp_path, monkeypatch):
    shutil.copytree(photos, tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    page = HERE.parent / "docs" / "python.md"
    failures, examples = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert examples > 20 and failures == 0


def test_the_example_runs(tmp_path):
    pytest.importorskip("matplotlib")
    folder = tmp_path / "pictures"
    for label in range(3):
        (folder / str(label)).mkdir(parents=True)
        for number in range(20):
            picture = colored(label, number, 32, 32)
            Image.fromarray(picture).save(folder / str(label) / f"{number}.png")
    script = HERE.parent / "examples" / "python" / "cifar10.py"
    plot = tmp_path / "clusters.png"
    result = subprocess.run(
        [sys.executable, script, folder, plot], capture_output=True, text=True, cwd=tmp_path
    )
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("60 pictures")
    assert "100.0%" in next(line for line in lines if line.startswith("SCAN"))
    assert np.asarray(Image.open(plot)).std() > 10
