"""evaluate.py PAIRS.npy: ACC, NMI, AMI and ARI by scikit-learn and SciPy; PAIRS [N,2]."""

import sys

import numpy as np
from measure import report, seconds_per_call
from scipy.optimize import linear_sum_assignment
from sklearn import metrics

clusters, classes = np.load(sys.argv[1]).T.copy()


def evaluate():
    counts = metrics.cluster.contingency_matrix(clusters, classes)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return (
        counts[rows, columns].sum() / len(classes),
        metrics.normalized_mutual_info_score(classes, clusters),
        metrics.adjusted_mutual_info_score(classes, clusters),
        metrics.adjusted_rand_score(classes, clusters),
    )


report("evaluate", seconds_per_call(evaluate), "s")
