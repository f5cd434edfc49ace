"""The calls of the Python package (python_calls.py), beside what their declarations say."""

# name -> (what it returns, its first parameters, what it does)
RUN_DATA = "data: Paths = None"
DATA_HELP = (
    "data",
    "folders, pictures, list files (CSV: path[,label]) or published data sets; None: those that "
    "the run knows",
)
CALLS = {
    "cluster": (
        "ClusterRun",
        [RUN_DATA],
        [
            DATA_HELP,
        ],
        "Groups images into clusters and writes a report, in one call. The same call "
        "again goes on where an earlier one stopped. `data` may also be a run, which is"
        " clustered again, with another number of clusters if `clusters` says so."
    ),
    "update": (
        "UpdatedRun",
        ["run: PathLike", RUN_DATA],
        [
            (
                "run",
                "a run directory that `cluster` has made"
            ),
            (
                "data",
                "further folders, pictures or list files; None: those of the run are "
                "looked at again"
            ),
        ],
        "Brings a run up to date with its folders: only new images are embedded, and "
        "clusters and names stay."
    ),
    "simclr": (
        "Trained",
        [RUN_DATA],
        [
            DATA_HELP,
        ],
        "Trains a backbone on unlabelled images: the pretext stage."
    ),
    "moco": (
        "Mined",
        ["file: PathLike = ''", RUN_DATA],
        [
            (
                "file",
                "weights of MoCo v2 or of another network; empty: the published "
                "weights, which are downloaded"
            ),
            DATA_HELP,
        ],
        "Takes a backbone as the run's pretext model and mines neighbors with it."
    ),
    "mine": (
        "Mined",
        [RUN_DATA],
        [
            DATA_HELP,
        ],
        "Finds the nearest neighbors of every image in the backbone's features."
    ),
    "scan": (
        "Stage",
        [RUN_DATA],
        [
            DATA_HELP,
        ],
        "Trains cluster heads so that an image and its neighbors get the same cluster."
    ),
    "selflabel": (
        "Stage",
        [RUN_DATA],
        [
            DATA_HELP,
        ],
        "Trains SCAN's best model further, on its own confident predictions."
    ),
    "evaluate": (
        "Evaluation",
        [RUN_DATA],
        [
            DATA_HELP,
        ],
        "Measures a model, without labels and, where there are labels, against them."
    ),
    "predict": (
        "Prediction",
        ["run: PathLike", RUN_DATA],
        [
            (
                "run",
                "a run directory with a finished model, or a weights file"
            ),
            (
                "data",
                "pictures, folders or list files"
            ),
        ],
        "Assigns images in files to clusters. `nolabel.Predictor` does so for pictures "
        "in memory."
    ),
    "report": (
        "Reported",
        [],
        [],
        "Makes the report and the assignments of a run again from its models."
    ),
    "embed": (
        "Embedded",
        [RUN_DATA],
        [
            (
                "data",
                "folders, pictures, list files or published data sets"
            ),
        ],
        "The features that a backbone makes of images in files. `nolabel.embed` also "
        "takes pictures in memory."
    ),
}
