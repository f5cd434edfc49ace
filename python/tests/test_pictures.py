"""Runs, predictions, features and views of pictures."""

import logging
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

import nolabel
from conftest import colored


def test_cluster_gives_its_results(run, photos):
    table = run.assignments
    assert list(table.columns)[:3] == ["path", "cluster", "confidence"]
    assert len(table) == 36 and run.n_clusters == 3
    truth = [path.split("/")[0] for path in run.paths]
    assert nolabel.metrics.accuracy(truth, run.labels) == 1
    assert run.figures[0].acc == 1 and run.backbone_labels == "none"
    assert run.report.exists() and "<iframe" in run.report._repr_html_()
    assert run.path.name == "run" and run.probabilities.shape == (36, 3)


def test_without_pandas_there_is_a_record_array(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    table = run.assignments
    assert isinstance(table, np.recarray)
    assert table.path[0] == run.paths[0] and table.confidence.dtype == np.float32


def test_stages_take_the_settings_of_the_program(photos, tmp_path):
    out = tmp_path / "run"
    trained = nolabel.simclr(
        photos,
        out=out,
        epochs=1,
        batch_size=12,
        width=8,
        image_size=16,
        duplicates="keep",
        optimizer_kwargs={"lr": 0.1},
    )
    assert trained.trained and trained.n_images == 36
    mined = nolabel.mine(out=out, mined_neighbors=5)
    assert mined.neighbors == 5 and 1 in mined.accuracy
    stage = nolabel.scan(out=out, num_classes=3, epochs=2, batch_size=12, num_neighbors=5)
    assert stage.final_stage == "scan" and stage.figures is not None
    assert nolabel.selflabel(out=out, epochs=1, batch_size=12).model.exists()
    evaluation = nolabel.evaluate(out=out)
    assert evaluation.features.shape[0] == 36 and evaluation.figures is not None
    assert nolabel.report(out=out).report.exists()


def test_a_wrong_setting_is_refused_in_one_line(photos, tmp_path):
    with pytest.raises(nolabel.UsageError, match="epochs must be 1") as caught:
        nolabel.scan(photos, out=tmp_path / "run", epochs=0)
    assert isinstance(caught.value, ValueError) and "\n" not in str(caught.value)
    with pytest.raises(TypeError):
        nolabel.scan(photos, epoch=3)
    with pytest.raises(TypeError):
        nolabel.scan(photos, epochs={1, 2})
    with pytest.raises(ValueError):
        nolabel.cluster(tmp_path / "none", out=tmp_path / "run")


def test_predict_files_and_pictures(run, photos):
    files = nolabel.predict(run.path, photos / "1")
    predictor = nolabel.Predictor(run.path)
    paths = sorted((photos / "1").iterdir())
    pictures = [np.asarray(Image.open(path)) for path in paths]
    tensors = torch.stack([torch.from_numpy(one.copy()).permute(2, 0, 1) for one in pictures])
    expected = predictor.predict(paths).cluster.tolist()
    assert files.labels.tolist() == expected
    for same in (
        pictures,
        np.stack(pictures),
        tensors,
        tensors.float() / 255,
        [Image.open(path) for path in paths],
        [str(path) for path in paths],
    ):
        assert predictor.predict(same).cluster.tolist() == expected
    assert predictor.predict_one(pictures[0]) == expected[0]
    assert len(predictor.predict([])) == 0
    assert {one.id for one in predictor.clusters} == {0, 1, 2}
    again = pickle.loads(pickle.dumps(predictor))
    assert again.predict(pictures).cluster.tolist() == expected


def test_threads_share_a_predictor(run):
    predictor = nolabel.Predictor(run.path, threads=1)
    pictures = [colored(i % 3, i) for i in range(24)]
    expected = predictor.predict(pictures).cluster.tolist()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: predictor.predict_one(one), pictures))
    assert found == expected


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4, 4, 3)) - 1,
        np.full((4, 4, 3), np.nan),
        np.full((4, 4, 3), 300),
        np.zeros(4, np.uint8),
        "no-such-file.png",
    ],
    ids=range(7),
)
def test_hostile_pictures_are_refused(run, picture):
    with pytest.raises((ValueError, OSError)):
        nolabel.Predictor(run.path).predict([picture])


def test_pictures_of_pil_in_every_mode(run):
    predictor = nolabel.Predictor(run.path)
    image = Image.fromarray(colored(2, 5))
    expected = predictor.predict_one(image)
    assert predictor.predict_one(image.convert("RGBA")) == expected
    for mode in ("L", "P", "1", "CMYK", "LA"):
        assert predictor.predict_one(image.convert(mode)) in (0, 1, 2)
    for mode in ("I", "I;16", "F"):  # PIL's conversion would cut their levels off
        with pytest.raises(ValueError, match="8-bit"):
            predictor.predict_one(image.convert("L").convert(mode))


def test_pictures_may_be_nested_as_a_data_loader_nests_them(run):
    predictor = nolabel.Predictor(run.path)
    pictures = [colored(i % 3, i) for i in range(4)]
    batch = np.stack(pictures)
    expected = predictor.predict(pictures).cluster.tolist()
    labels = [0, 1, 2, 0]
    for same in (zip(pictures, labels), [(batch, labels)], [batch[:1], [batch[1:], labels[1:]]]):
        assert predictor.predict(same).cluster.tolist() == expected
    for wrong in ([pictures[:2], pictures[2:]], [("a.png", "b.png")], [[]], 7):
        with pytest.raises(TypeError):
            predictor.predict(wrong)


def test_names_are_bytes(run, photos, tmp_path):
    import os
    import shutil

    folder = tmp_path / os.fsdecode(b"caf\xe9")
    shutil.copytree(photos, folder)
    (folder / "0" / os.fsdecode(b"bad\xff.png")).write_bytes(b"no picture")
    prediction = nolabel.predict(run.path, folder)
    assert len(prediction.paths) == 36
    assert [os.fsencode(path)[-8:] for path, _ in prediction.skipped] == [b"bad\xff.png"]
    out = tmp_path / os.fsdecode(b"run\xfe")
    again = nolabel.cluster(folder, clusters=3, out=out, backbone="starter", method="kmeans")
    assert again.report.exists() and again.path == out
    with pytest.raises(nolabel.Error, match="none"):
        nolabel.load_weights(tmp_path / os.fsdecode(b"none\xff.pth"))


def test_paths_come_in_many_forms(photos, run):
    import pandas

    names = [str(photos / "0" / "1.png"), str(photos / "1" / "2.png")]
    expected = nolabel.predict(run.path, names).labels.tolist()
    for same in (tuple(names), np.array(names), pandas.Series(names), iter(names)):
        assert nolabel.predict(run.path, same).labels.tolist() == expected
    for wrong in (pandas.DataFrame({"path": names}), 3, [1, 2]):
        with pytest.raises(TypeError):
            nolabel.predict(run.path, wrong)
    for empty in ("", [""]):
        with pytest.raises(ValueError):
            nolabel.predict(run.path, empty)


def test_a_default_may_be_given(photos, tmp_path):
    run = nolabel.cluster(
        photos, clusters=None, out=tmp_path / "run", backbone="starter", method="kmeans", paths=None
    )
    assert run.n_clusters >= 2
    with pytest.raises(ValueError, match="out must be"):
        nolabel.cluster(photos, out="null")


def test_embed_of_files_and_of_a_data_loader(photos, tmp_path):
    from torch.utils.data import DataLoader
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import ToTensor

    embedded = nolabel.embed(photos, "starter")
    assert embedded.features.shape[0] == 36
    assert embedded.labels.tolist() == [int(path[0]) for path in embedded.paths]

    loader = DataLoader(ImageFolder(str(photos), ToTensor()), batch_size=10)
    features = nolabel.embed(loader, "starter", as_torch=True).numpy()
    names = [path for path, _ in loader.dataset.samples]
    order = [embedded.paths.index(f"{name.split('/')[-2]}/{name.split('/')[-1]}") for name in names]
    np.testing.assert_allclose(features, embedded.features[order], atol=1e-4)

    # DataLoader -> embed -> SCAN -> a folder that torchvision reads.
    model = nolabel.SCAN(n_clusters=3, random_state=0).fit(features)
    np.save(tmp_path / "features.npy", features)
    lines = ["path"] + names
    (tmp_path / "paths.csv").write_text("\n".join(lines) + "\n")
    run = nolabel.cluster(
        out=tmp_path / "run",
        features=tmp_path / "features.npy",
        paths=tmp_path / "paths.csv",
        clusters=3,
        method="scan",
    )
    assert (run.labels == model.labels_).all()
    exported = nolabel.export_run(tmp_path / "run", tmp_path / "sorted", format="imagefolder")
    assert exported.n_images == 36
    found = ImageFolder(str(tmp_path / "sorted"))
    assert len(found) == 36 and len(found.classes) == 3


def test_an_embedder_takes_the_same_pictures(photos):
    embedder = nolabel.Embedder("starter", threads=1)
    pictures = [colored(0, 1), colored(1, 2)]
    features = embedder.embed(pictures)
    assert features.shape == (2, embedder.dimensions)
    alone = np.concatenate([embedder.embed([one]) for one in pictures])
    np.testing.assert_allclose(features, alone, atol=1e-5)
    assert embedder.backbone_labels == "none"
    with pytest.raises(TypeError):
        embedder.embed(pictures[0])


def test_views_are_those_of_training():
    picture = colored(1, 1)
    views = nolabel.views(picture, "ours", size=24, count=5, seed=2)
    assert views.shape == (5, 24, 24, 3) and views.dtype == np.uint8
    assert (views == nolabel.views(Image.fromarray(picture), "ours", size=24, count=5, seed=2)).all()
    seen = nolabel.views(picture, "ours", size=24, count=5, seed=2, normalized=True)
    mean, std = np.array([0.4914, 0.4822, 0.4465]), np.array([0.2023, 0.1994, 0.2010])
    assert np.abs((seen * std + mean) * 255 - views).max() < 0.51
    grey = {"augmentation_kwargs": {"random_grayscale": {"p": 1}}}
    without_color = nolabel.views(picture, settings=grey)
    assert without_color.shape == (8, 32, 32, 3)
    assert (without_color[..., 0] == without_color[..., 1]).all()
    with pytest.raises(nolabel.UsageError):
        nolabel.views(picture, settings={"augmentation_kwargs": {"no_such": 1}})


def test_update_edit_and_export(photos, run, tmp_path):
    import shutil

    folder, out = tmp_path / "photos", tmp_path / "run"
    shutil.copytree(photos, folder)
    nolabel.cluster(folder, clusters=3, out=out, backbone="starter", method="consensus")
    Image.fromarray(colored(1, 50)).save(folder / "1" / "new.png")
    updated = nolabel.update(out)
    assert [(one.path, one.change) for one in updated.changes] == [("1/new.png", "new")]
    assert len(updated.paths) == 37
    edited = nolabel.edit_run(out, {"names": {"0": "red"}})
    assert [one.name for one in edited.clusters if one.id == 0] == ["red"]
    with pytest.raises(nolabel.UsageError):
        nolabel.edit_run(out, {"names": {"9": "none"}})
    assert all(one.name == "" for one in nolabel.edit_run(out, undo=True).clusters)
    exported = nolabel.export_run(out, tmp_path / "list.csv", format="csv")
    assert exported.n_images == 37


def test_notes_go_to_logging(photos, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="nolabel"):
        nolabel.cluster(photos, clusters=3, out=tmp_path / "run", backbone="starter", method="kmeans")
    assert any(record.levelno == logging.INFO for record in caplog.records)


def test_the_program_is_there():
    result = subprocess.run(
        [sys.executable, "-m", "nolabel_command", "--version"], capture_output=True, text=True
    )
    assert result.stdout.startswith(f"nolabel {nolabel.__version__}"), result.stderr
