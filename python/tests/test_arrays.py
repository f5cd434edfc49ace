"""Neighbors, metrics and weights against scikit-learn and PyTorch."""

import numpy as np
import pytest
import torch
from sklearn import metrics as peers
from sklearn.neighbors import NearestNeighbors

import nolabel


def test_nearest_neighbors_are_scikit_learns(groups):
    rows, _ = groups
    indices, similarities = nolabel.nearest_neighbors(rows, 7)
    peer = NearestNeighbors(n_neighbors=7, metric="cosine", algorithm="brute").fit(rows)
    distances, expected = peer.kneighbors()
    assert (indices == expected).mean() > 0.999  # equal distances may come in another order
    np.testing.assert_allclose(1 - similarities, distances, atol=2e-6)


def test_nearest_neighbors_of_queries(groups):
    rows, _ = groups
    indices, _ = nolabel.nearest_neighbors(rows, 3, queries=rows[5:8], metric="cosine")
    assert indices[:, 0].tolist() == [5, 6, 7]
    inner = nolabel.nearest_neighbors(rows, 1, queries=rows[:4], metric="inner")[0]
    assert inner[:, 0].tolist() == (rows[:4] @ rows.T).argmax(1).tolist()


def test_metrics_are_scikit_learns():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 5, 400)
    clusters = np.where(rng.random(400) < 0.7, (labels + 2) % 5, rng.integers(0, 7, 400))
    assert nolabel.metrics.nmi(labels, clusters) == pytest.approx(
        peers.normalized_mutual_info_score(labels, clusters), abs=1e-12
    )
    assert nolabel.metrics.ami(labels, clusters) == pytest.approx(
        peers.adjusted_mutual_info_score(labels, clusters), abs=1e-12
    )
    assert nolabel.metrics.ari(labels, clusters) == pytest.approx(
        peers.adjusted_rand_score(labels, clusters), abs=1e-12
    )
    table = peers.cluster.contingency_matrix(labels, clusters)
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-table)
    assert nolabel.metrics.accuracy(labels, clusters) == table[rows, columns].sum() / 400


def test_metrics_take_any_labels():
    names = ["cat", "cat", "dog", "dog"]
    assert nolabel.metrics.accuracy(names, [7, 7, -1, -1]) == 1
    assert nolabel.metrics.matching(names, [7, 7, -1, -1]) == {7: "cat", -1: "dog"}
    assert nolabel.metrics.matching(["a", "a", "a"], [0, 0, 1]) == {0: "a", 1: None}
    import pandas

    series = pandas.Series(["a", "b", "a"])
    assert nolabel.metrics.matching(series, [0, 1, 0]) == {0: "a", 1: "b"}
    with pytest.raises(TypeError, match="of one kind"):
        nolabel.metrics.nmi(np.array(["a", 1], dtype=object), [0, 1])
    assert nolabel.metrics.ari(torch.tensor([0, 1]), torch.tensor([1, 0])) == 1


def test_load_weights_gives_every_type(tmp_path):
    tensors = {
        "a": torch.arange(6.0).reshape(2, 3),
        "b": torch.tensor([1.5, -2.25], dtype=torch.bfloat16),
        "c": torch.tensor(7),
        "d": torch.ones(2, dtype=torch.float16),
        "e": torch.empty(0, 4),
    }
    torch.save({"state_dict": tensors, "epoch": 3}, tmp_path / "weights.pth")
    arrays = nolabel.load_weights(tmp_path / "weights.pth")
    assert arrays["b"].dtype == np.float32 and arrays["b"].tolist() == [1.5, -2.25]
    assert arrays["c"].shape == () and arrays["c"] == 7
    assert arrays["e"].shape == (0, 4)
    again = nolabel.load_weights(tmp_path / "weights.pth", as_torch=True)
    for name, tensor in tensors.items():
        assert again[name].dtype == tensor.dtype and torch.equal(again[name], tensor), name


def test_load_weights_executes_nothing(tmp_path):
    import pickle

    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "made"), "w"))

    (tmp_path / "bad.pth").write_bytes(pickle.dumps({"a": Harmful()}))
    with pytest.raises(nolabel.DataError):
        nolabel.load_weights(tmp_path / "bad.pth")
    assert not (tmp_path / "made").exists()


def test_arrays_come_from_anywhere(groups):
    rows, _ = groups
    expected = nolabel.nearest_neighbors(rows, 3)[0]
    readonly = rows.copy()
    readonly.flags.writeable = False

    class OnlyDlpack:
        def __init__(self, array):
            self._array = array

        def __dlpack__(self, **options):
            return self._array.__dlpack__(**options)

        def __dlpack_device__(self):
            return self._array.__dlpack_device__()

    for same in (
        torch.from_numpy(rows.copy()),
        torch.from_numpy(rows.copy()).requires_grad_(),
        np.asfortranarray(rows),
        np.repeat(rows, 2, axis=0)[::2],
        rows.astype(np.float64),
        rows.tolist(),
        readonly,
        OnlyDlpack(rows),
    ):
        assert (nolabel.nearest_neighbors(same, 3)[0] == expected).all()


def test_tensors_come_back_where_asked(groups):
    rows, _ = groups
    indices, similarities = nolabel.nearest_neighbors(rows, 3, as_torch=True)
    assert indices.dtype == torch.int64 and similarities.dtype == torch.float32
    assert (indices.numpy() == nolabel.nearest_neighbors(rows, 3)[0]).all()
    views = nolabel.views(np.zeros((40, 40, 3), np.uint8), count=2, as_torch=True)
    assert isinstance(views, torch.Tensor) and views.shape == (2, 3, 32, 32)


def test_float32_rows_are_not_copied(groups):
    from nolabel._inputs import as_rows

    rows, _ = groups
    assert np.shares_memory(as_rows(rows), rows)
    assert np.shares_memory(as_rows(torch.from_numpy(rows)), rows)


HOSTILE = [
    (np.zeros((0, 4)), ValueError),
    (np.zeros((4, 0)), ValueError),
    (np.zeros(4), ValueError),
    (np.float32(3), ValueError),
    (np.zeros((2, 2, 2)), ValueError),
    (np.full((4, 2), np.nan), nolabel.DataError),
    (np.full((4, 2), 1e300), nolabel.DataError),
    (np.full((4, 2), 1e30), nolabel.DataError),
    (np.array([["a", "b"]] * 4), TypeError),
    (np.array([[None, 1]] * 4, dtype=object), TypeError),
    (np.zeros((4, 2), complex), TypeError),
    ("text", TypeError),
    (None, TypeError),
    ([[1, 2], [3]], (ValueError, TypeError)),
    (np.ones((1, 3)), ValueError),
]


@pytest.mark.parametrize("rows,error", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_rows_are_refused(rows, error):
    with pytest.raises(error):
        nolabel.nearest_neighbors(rows, 2)


@pytest.mark.parametrize("k", [0, -1, 180, 10**6, 2**40, 2.9, "3", True, np.nan])
def test_hostile_k_is_refused(groups, k):
    with pytest.raises((ValueError, TypeError), match="must be") as caught:
        nolabel.nearest_neighbors(groups[0], k)
    assert "\n" not in str(caught.value)


def test_no_memory_is_a_memory_error():
    rows = np.lib.stride_tricks.as_strided(np.zeros(1, np.float32), (2**40, 2**10), (0, 0))
    with pytest.raises((MemoryError, ValueError)):
        nolabel.nearest_neighbors(rows, 2)
    with pytest.raises(MemoryError, match="neighbors of 500000 rows"):
        nolabel.nearest_neighbors(np.ones((500_000, 1)), 499_999)


def test_hostile_labels_are_refused():
    for labels, clusters in (([], []), ([1], [1, 2]), ([[1]], [[1]]), ([np.nan], [1])):
        with pytest.raises(ValueError):
            nolabel.metrics.nmi(labels, clusters)
