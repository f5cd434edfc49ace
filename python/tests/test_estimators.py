"""The estimators as scikit-learn's tools use them."""

import pickle
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import DBSCAN
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import nolabel
from conftest import rows_of_groups

CLUSTERERS = ["SCAN", "SelfLabel", "Consensus", "Communities", "AutoCluster"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["SCAN", "NeighborsTransformer"])
def test_check_estimator(name):
    check_estimator(getattr(nolabel, name)(threads=1))


@pytest.mark.parametrize("name", CLUSTERERS)
def test_finds_the_groups(groups, name):
    rows, labels = groups
    model = getattr(nolabel, name)(n_clusters=3, random_state=0).fit(rows)
    assert nolabel.metrics.accuracy(labels, model.labels_) > 0.98
    assert (model.labels_ == model.predict(rows)).all()
    assert model.figures_[0].sizes == np.bincount(model.labels_).tolist()
    assert list(model.get_feature_names_out()) == [f"{name.lower()}{i}" for i in range(3)]
    probable = model.predict_proba(rows)
    assert probable.shape == (180, 3)
    np.testing.assert_allclose(probable.sum(1), 1, atol=1e-5)
    assert model.transform(rows).argmax(1).tolist() == model.labels_.tolist()
    # Other rows of the same groups.
    others, their_labels = rows_of_groups(seed=0, each=80)
    assert nolabel.metrics.accuracy(their_labels, model.predict(others)) > 0.95


def test_is_the_programs_result(groups, tmp_path):
    rows, _ = groups
    np.save(tmp_path / "features.npy", rows)
    run = nolabel.cluster(
        out=tmp_path / "run",
        features=tmp_path / "features.npy",
        clusters=3,
        method="scan",
        seed=5,
        device="cpu",
    )
    model = nolabel.SCAN(n_clusters=3, random_state=5, out=tmp_path / "kept").fit(rows)
    assert (model.labels_ == run.labels).all()
    assert (model.labels_ == model.run_.labels).all()
    np.testing.assert_allclose(model.predict_proba(rows), run.probabilities, atol=1e-5)


def test_a_run_that_is_kept_can_be_used(groups, tmp_path):
    out = tmp_path / "kept"
    model = nolabel.Consensus(n_clusters=3, random_state=0, out=out).fit(groups[0])
    assert nolabel.report(out).report.exists()
    assert nolabel.evaluate(out=out).figures.sizes == model.figures_[0].sizes
    assert nolabel.cluster(out, clusters=4).n_clusters == 4
    with pytest.raises(nolabel.UsageError, match="another out"):
        nolabel.Consensus(n_clusters=5, random_state=1, out=out).fit(groups[0])


def test_another_fit_leaves_a_kept_run_as_it_was(groups, tmp_path):
    out = tmp_path / "kept"
    model = nolabel.Consensus(n_clusters=3, random_state=0, out=out).fit(groups[0])
    files = sorted(out.iterdir())
    with pytest.raises(nolabel.UsageError):
        nolabel.Consensus(n_clusters=3, random_state=0, out=out).fit(groups[0][::-1] + 1)
    assert sorted(out.iterdir()) == files
    again = nolabel.evaluate(out=out)
    assert (again.labels == model.labels_).all()


def test_without_out_nothing_stays(groups):
    model = nolabel.Consensus(n_clusters=3).fit(groups[0])
    assert not hasattr(model, "run_")
    assert model.set_params(n_clusters=1).fit(groups[0]).labels_.max() == 0
    assert model.figures_ == []


def test_the_same_seed_gives_the_same(groups):
    rows, _ = groups
    one = nolabel.Consensus(n_clusters=4, random_state=3).fit(rows)
    again = clone(one).fit(rows)
    assert (one.coef_ == again.coef_).all()
    same = nolabel.Consensus(n_clusters=4, random_state=np.random.RandomState(0))
    assert (same.fit(rows).labels_ >= 0).all()


def test_the_number_of_clusters_can_be_estimated(groups):
    model = nolabel.AutoCluster(n_clusters=None, random_state=0).fit(groups[0])
    assert model.n_clusters_ == 3 and model.clusters_range_ == (3, 3)


def test_pickle_pipeline_and_grid_search(groups):
    rows, labels = groups
    pipeline = make_pipeline(StandardScaler(), nolabel.Consensus(n_clusters=3, random_state=0))
    found = pipeline.fit_predict(rows)
    assert nolabel.metrics.accuracy(labels, found) > 0.98
    again = pickle.loads(pickle.dumps(pipeline))
    assert (again.predict(rows) == found).all()

    def ari(estimator, X, y):
        return nolabel.metrics.ari(y, estimator.predict(X))

    search = GridSearchCV(
        nolabel.Consensus(random_state=0), {"n_clusters": [2, 3]}, scoring=ari, cv=2
    )
    assert search.fit(rows, labels).best_params_ == {"n_clusters": 3}


def test_neighbors_transformer_serves_dbscan(groups):
    rows, labels = groups
    graph = nolabel.NeighborsTransformer(n_neighbors=20).fit_transform(rows)
    assert graph.shape == (180, 180) and graph.nnz == 180 * 21
    found = DBSCAN(eps=0.3, metric="precomputed").fit_predict(graph)
    assert nolabel.metrics.accuracy(labels, found) > 0.9
    ones = nolabel.NeighborsTransformer(n_neighbors=5, mode="connectivity").fit(rows)
    assert set(ones.transform(rows[:3]).data) == {1}


@pytest.mark.parametrize("clusters", [0, -1, 181, 2.5, True, "3"])
def test_hostile_numbers_of_clusters_are_refused(groups, clusters):
    with pytest.raises((ValueError, TypeError), match="n_clusters must be"):
        nolabel.SCAN(n_clusters=clusters).fit(groups[0])


def test_progress_and_its_errors(groups):
    told = []
    nolabel.Consensus(n_clusters=3, progress=told.append).fit(groups[0])
    assert told and all(isinstance(one, nolabel.Progress) for one in told)

    def fails(progress):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        nolabel.Consensus(n_clusters=3, progress=fails).fit(groups[0])


def test_a_bar_shows_what_takes_time(capsys, monkeypatch):
    from nolabel._progress import Line, Progress

    def told(stage, done):
        return Progress(stage, "", done, 10, "images", 1.0, 1.0)

    line = Line()
    line(told("short", 3))
    line.close(ended=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(Line, "_SHOWN_AFTER", 0.0)
    line = Line()
    line(told("first", 3))
    line(told("second", 4))
    line.close(ended=False)
    shown = capsys.readouterr().err
    assert "first: 100%" in shown and "second:  40%" in shown


def test_without_tqdm_a_line_shows_what_takes_time(capsys, monkeypatch):
    from nolabel._progress import Line, Progress

    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    line = Line()
    line(Progress("short", "", 3, 10, "images", 1.0, 1.0))
    line.close(ended=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(Line, "_SHOWN_AFTER", 0.0)
    line(Progress("long", "", 1200, 2000, "images", 1.0, 1.0))
    line.close(ended=True)
    shown = capsys.readouterr().err
    assert shown == "\rlong    1,200 of 2,000 images\rlong    2,000 of 2,000 images\n"
