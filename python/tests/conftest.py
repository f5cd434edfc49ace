"""What the tests of the package share: groups of rows, pictures, a small run."""

import os

import numpy as np
import pytest

# Small work on a busy machine: threads would wait for each other.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """nolabel's cache of this test run."""
    os.environ["NOLABEL_CACHE"] = str(tmp_path_factory.mktemp("cache"))


def rows_of_groups(groups=3, each=60, columns=16, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, columns)) * 3
    labels = np.repeat(np.arange(groups), each)
    rows = centres[labels] + rng.normal(size=(groups * each, columns))
    return rows.astype(np.float32), labels


@pytest.fixture(scope="session")
def groups():
    return rows_of_groups()


def colored(label, number, height=36, width=40):
    """Noise around the class's color."""
    rng = np.random.default_rng(100 * label + number)
    picture = rng.integers(0, 60, size=(height, width, 3))
    picture[:, :, label] += 180
    return picture.astype(np.uint8)


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder of 36 pictures in three class folders."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("photos")
    for label in range(3):
        (folder / str(label)).mkdir()
        for number in range(12):
            Image.fromarray(colored(label, number)).save(folder / str(label) / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def run(photos, tmp_path_factory):
    """A finished run on these pictures."""
    import nolabel

    out = tmp_path_factory.mktemp("runs") / "run"
    return nolabel.cluster(photos, clusters=3, out=out, backbone="starter", method="consensus")
