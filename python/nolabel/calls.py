"""The calls that work in a run directory, with every setting as an argument.

tools/python_calls.py writes this file from the library's declarations. An argument that is not given
takes the value that the run remembers, or else the default that the signature shows.
"""

# ruff: noqa
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Optional, TypedDict, Union

from nolabel._calls import call
from nolabel._inputs import PathLike
from nolabel._progress import ProgressOption
from nolabel._settings import default
from nolabel.results import ClusterRun, Embedded, Evaluation, Mined, Prediction, Reported, Stage, Trained, UpdatedRun

Paths = Union[None, PathLike, Iterable[PathLike]]


class ModelKwargs(TypedDict, total=False):
    head: Literal['mlp', 'linear']
    features_dim: int


class OptimizerKwargs(TypedDict, total=False):
    lr: float
    weight_decay: float
    momentum: float
    nesterov: bool


class SchedulerKwargs(TypedDict, total=False):
    lr_decay_rate: float
    lr_decay_epochs: Sequence[int]


class CriterionKwargs(TypedDict, total=False):
    temperature: float
    symmetric: bool


class AugmentationKwargsRandomResizedCrop(TypedDict, total=False):
    size: int
    scale: Sequence[float]
    ratio: Sequence[float]
    interpolation: Literal['bilinear', 'nearest', 'lanczos', 'bicubic', 'box', 'hamming', '0', '1', '2', '3', '4', '5']


class AugmentationKwargsColorJitterRandomApply(TypedDict, total=False):
    p: float


class AugmentationKwargsColorJitter(TypedDict, total=False):
    brightness: Sequence[float]
    contrast: Sequence[float]
    saturation: Sequence[float]
    hue: Sequence[float]


class AugmentationKwargsCutoutKwargs(TypedDict, total=False):
    n_holes: int
    length: int
    random: bool


class AugmentationKwargsNormalize(TypedDict, total=False):
    mean: Sequence[float]
    std: Sequence[float]


class AugmentationKwargs(TypedDict, total=False):
    crop_size: int
    num_strong_augs: int
    random_resized_crop: AugmentationKwargsRandomResizedCrop
    color_jitter_random_apply: AugmentationKwargsColorJitterRandomApply
    color_jitter: AugmentationKwargsColorJitter
    random_grayscale: AugmentationKwargsColorJitterRandomApply
    cutout_kwargs: AugmentationKwargsCutoutKwargs
    normalize: AugmentationKwargsNormalize


class TransformationKwargs(TypedDict, total=False):
    crop_size: int
    normalize: AugmentationKwargsNormalize


class MocoModelKwargs(TypedDict, total=False):
    head: str
    features_dim: int


class ScanCriterionKwargs(TypedDict, total=False):
    entropy_weight: float


class SelflabelCriterionKwargs(TypedDict, total=False):
    apply_class_balancing: bool


def cluster(
    data: Paths = None,
    *,
    out: PathLike = default('run'),
    force: bool = default(False),
    clusters: Optional[int] = default(None),
    effort: Literal['quick', 'standard', 'full'] = default('quick'),
    method: Literal['auto', 'kmeans', 'consensus', 'communities', 'scan', 'selflabel'] = default('auto'),
    backbone: Optional[PathLike] = default(None),
    download: bool = default(False),
    offline: bool = default(False),
    image_size: int = default(0),
    features: Optional[PathLike] = default(None),
    paths: Optional[PathLike] = default(None),
    run_program: bool = default(False),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    mining_memory: int = default(2048),
    search: Literal['exact', 'ivf', 'hnsw'] = default('exact'),
    search_recall: float = default(0.95),
    ivf_lists: int = default(0),
    ivf_probes: int = default(0),
    hnsw_links: int = default(0),
    hnsw_build_breadth: int = default(0),
    hnsw_breadth: int = default(0),
    hnsw_parallel_build: bool = default(False),
    return_features: bool = False,
    progress: ProgressOption = None,
) -> ClusterRun:
    """Groups images into clusters and writes a report, in one call. The same call again goes on
    where an earlier one stopped. `data` may also be a run, which is clustered again, with another
    number of clusters if `clusters` says so.

    Args:
        data: folders, pictures, list files (CSV: path[,label]) or published data sets; None: those
            that the run knows
        out: the run directory
        force: replace results in the run directory that were made with other settings
        clusters: number of clusters to find; unset: that of the run, or nolabel's estimate
            (2..100000)
        effort: quick: trains heads on a frozen backbone (a minute for a thousand images);
            standard: first tunes the backbone on these images, unless ImageNet's labels trained
            it (a quarter of an hour); full: trains the published recipe from random weights
            (days on a CPU)
        method: auto: groups the images in each of these ways and keeps the groups that agree
            best with neighbors, without labels; another value: groups them in this way only
        backbone: a name (`nolabel backbone list` shows them), a weights file, a TorchScript
            program (with run_program=True) or a run directory; unset: if most images are larger
            than 64 pixels, a published one that is on the disk, or `photos`; otherwise
            `starter` (with effort full: no backbone)
        download: download the backbone if it is not on the disk, without asking: the one that
            is named, or for photos the best that a CPU can run
        offline: download nothing, and do not ask
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (at least 64 if effort standard tunes the backbone on larger images); 0 with effort
            full: 32 if all images are that small, otherwise 96 (0..1024)
        features: cluster these embeddings (.npy, [N,D]) instead of images
        paths: names of the rows of features (CSV: path[,label])
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        mining_memory: megabytes that mining may use beside the features (at least 1)
        search: how neighbors are looked for: ivf and hnsw are approximate, for very large sets
        search_recall: share of the true neighbors that approximate search must find; nolabel
            chooses ivf_probes or hnsw_breadth to reach this share on a sample of images
            (0.1..1)
        ivf_lists: lists that the images are divided into; 0: twice the square root of their
            number (0..10000000)
        ivf_probes: lists that an image looks into; 0: as many as search_recall takes
            (0..10000000)
        hnsw_links: links of an image in the graph, from 2; 0: 16 (0..512)
        hnsw_build_breadth: candidates kept while an image is inserted; 0: 64 (0..100000)
        hnsw_breadth: candidates kept while neighbors are searched; 0: as many as search_recall
            takes (0..100000)
        hnsw_parallel_build: all threads insert: faster, but each run makes a slightly different
            graph and table
        return_features: also return the features [N,D] of the images
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns ClusterRun of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "force": force,
        "clusters": clusters,
        "effort": effort,
        "method": method,
        "backbone": backbone,
        "download": download,
        "offline": offline,
        "image_size": image_size,
        "features": features,
        "paths": paths,
        "run_program": run_program,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
        "mining_memory": mining_memory,
        "search": search,
        "search_recall": search_recall,
        "ivf_lists": ivf_lists,
        "ivf_probes": ivf_probes,
        "hnsw_links": hnsw_links,
        "hnsw_build_breadth": hnsw_build_breadth,
        "hnsw_breadth": hnsw_breadth,
        "hnsw_parallel_build": hnsw_parallel_build,
    }
    result: ClusterRun = call("cluster", settings, progress=progress, data=data, return_features=return_features)
    return result


def update(
    run: PathLike,
    data: Paths = None,
    *,
    replace: bool = default(False),
    retrain: bool = default(False),
    run_program: bool = default(False),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    return_features: bool = False,
    progress: ProgressOption = None,
) -> UpdatedRun:
    """Brings a run up to date with its folders: only new images are embedded, and clusters and
    names stay.

    Args:
        run: a run directory that `cluster` has made
        data: further folders, pictures or list files; None: those of the run are looked at again
        replace: the images are now in FOLDER and nowhere else; without it, FOLDER is added to
            the folders of the run
        retrain: find the clusters anew from all images, as many as before; those that go on
            keep their numbers and names
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        return_features: also return the features [N,D] of the images
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns UpdatedRun of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "replace": replace,
        "retrain": retrain,
        "run_program": run_program,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
    }
    result: UpdatedRun = call("update", settings, progress=progress, data=data, subject=run, return_features=return_features)
    return result


def simclr(
    data: Paths = None,
    *,
    out: PathLike = default('run'),
    force: bool = default(False),
    image_size: int = default(32),
    start: Optional[str] = default(None),
    data_root: Optional[PathLike] = default(None),
    backbone: Literal['resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152', 'efficientnet-lite0', 'efficientnet-lite1', 'efficientnet-lite2', 'efficientnet-lite3', 'efficientnet-lite4'] = default('resnet18'),
    stem: Literal['auto', 'cifar', 'stl', 'imagenet'] = default('auto'),
    width: int = default(64),
    stem_stride: int = default(1),
    epochs: int = default(500),
    batch_size: int = default(512),
    micro_batch_size: int = default(0),
    optimizer: Literal['sgd', 'adam', 'adamw'] = default('sgd'),
    scheduler: Literal['constant', 'cosine', 'step'] = default('cosine'),
    warmup_epochs: int = default(0),
    use_ema: bool = default(False),
    ema_alpha: float = default(0.999),
    ema_mode: Literal['teacher', 'published'] = default('teacher'),
    module_prefix: bool = default(False),
    sync_batch_norm: bool = default(True),
    checkpoint_minutes: float = default(10.0),
    temperature: float = default(0.1),
    knn_epochs: int = default(10),
    augmentation_strategy: Literal['standard', 'simclr', 'ours'] = default('simclr'),
    mined_neighbors: int = default(20),
    mined_validation_neighbors: int = default(5),
    feature_normalization: Literal['auto', 'none', 'center'] = default('auto'),
    mining_memory: int = default(2048),
    search: Literal['exact', 'ivf', 'hnsw'] = default('exact'),
    search_recall: float = default(0.95),
    ivf_lists: int = default(0),
    ivf_probes: int = default(0),
    hnsw_links: int = default(0),
    hnsw_build_breadth: int = default(0),
    hnsw_breadth: int = default(0),
    hnsw_parallel_build: bool = default(False),
    setup: Literal['any', 'simclr', 'moco', 'scan', 'selflabel'] = default('any'),
    criterion: str = default('any'),
    train_db_name: Optional[str] = default(None),
    val_db_name: Optional[str] = default(None),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    model_kwargs: ModelKwargs = default({'head': 'mlp', 'features_dim': 128}),
    optimizer_kwargs: OptimizerKwargs = default({'lr': 0.4, 'weight_decay': 0.0001, 'momentum': 0.9, 'nesterov': False}),
    scheduler_kwargs: SchedulerKwargs = default({'lr_decay_rate': 0.1, 'lr_decay_epochs': []}),
    criterion_kwargs: CriterionKwargs = default({'temperature': 0.1, 'symmetric': False}),
    augmentation_kwargs: AugmentationKwargs = default({'crop_size': 32, 'num_strong_augs': 4, 'random_resized_crop': {'size': 32, 'scale': [], 'ratio': [0.75, 1.3333334], 'interpolation': 'bilinear'}, 'color_jitter_random_apply': {'p': 0.8}, 'color_jitter': {'brightness': [0.4], 'contrast': [0.4], 'saturation': [0.4], 'hue': [0.1]}, 'random_grayscale': {'p': 0.2}, 'cutout_kwargs': {'n_holes': 1, 'length': 16, 'random': True}, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    transformation_kwargs: TransformationKwargs = default({'crop_size': 32, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    progress: ProgressOption = None,
) -> Trained:
    """Trains a backbone on unlabelled images: the pretext stage.

    Args:
        data: folders, pictures, list files (CSV: path[,label]) or published data sets; None: those
            that the run knows
        out: the run directory
        force: replace results in the run directory that were made with other settings
        image_size: side of the views in pixels (16..1024)
        start: train on from these weights (a file, a run, `starter` or `photos`) instead of
            from random ones
        data_root: folder that holds the published data set, directly or in a subfolder with the
            name of the data set; unset: NOLABEL_DATA
        backbone: network that turns an image into features
        stem: first layers: cifar for small images (32 px), stl with a pooling (96 px), imagenet
            (224 px); auto goes by the image size
        width: channels of the backbone's first group; features have 8 (resnet18, resnet34) or
            32 times as many (8..1024)
        stem_stride: stride of the first convolution in the cifar stem; 2 trains about four
            times faster (1..2)
        epochs: passes over the images (1..1000000)
        batch_size: images per optimizer step (all of them when there are fewer) (1..1000000)
        micro_batch_size: images per forward pass, for less memory; 0 is the whole batch
            (0..1000000)
        optimizer: optimizer
        scheduler: how the learning rate changes over the epochs
        warmup_epochs: epochs in which the learning rate rises linearly from 0 (0..100000)
        use_ema: keep an exponential moving average of the weights and use it as the result
        ema_alpha: share of the average that stays at each step (0..1)
        ema_mode: teacher: keep the average beside the model and use the average as the result;
            published: load the average back into the model after each step and reset batch
            norm's statistics
        module_prefix: write a checkpoint's tensor names with `module.` in front, as the
            published program's scan and selflabel do (a DataParallel model's names)
        sync_batch_norm: of several processes: batch norm takes its statistics from the images
            of all; false: each process from its own share
        checkpoint_minutes: also write a checkpoint this often within an epoch (at least 0)
        temperature: temperature of the kNN monitor: a neighbor votes with the weight
            exp(similarity / temperature) (at least 1e-06)
        knn_epochs: number of epochs between measurements of the kNN accuracy (only with labels;
            nothing is selected by the accuracy) (1..1000000)
        augmentation_strategy: recipe of training views: crop and flip, SimCLR's, or strong
            operations and cutout
        mined_neighbors: neighbors kept per training image (1..100000)
        mined_validation_neighbors: neighbors kept per validation image (1..100000)
        feature_normalization: searches for neighbors use the features unchanged (none), or
            minus their mean and divided by one number (center), so that scale and mean have no
            influence; auto: center, and none behind a projection head
        mining_memory: megabytes that mining may use beside the features (at least 1)
        search: how neighbors are looked for: ivf and hnsw are approximate, for very large sets
        search_recall: share of the true neighbors that approximate search must find; nolabel
            chooses ivf_probes or hnsw_breadth to reach this share on a sample of images
            (0.1..1)
        ivf_lists: lists that the images are divided into; 0: twice the square root of their
            number (0..10000000)
        ivf_probes: lists that an image looks into; 0: as many as search_recall takes
            (0..10000000)
        hnsw_links: links of an image in the graph, from 2; 0: 16 (0..512)
        hnsw_build_breadth: candidates kept while an image is inserted; 0: 64 (0..100000)
        hnsw_breadth: candidates kept while neighbors are searched; 0: as many as search_recall
            takes (0..100000)
        hnsw_parallel_build: all threads insert: faster, but each run makes a slightly different
            graph and table
        setup: the stage that this config is for
        criterion: the loss of that stage, by its published name
        train_db_name: published data set to work on: cifar-10, cifar-20, stl-10, imagenet,
            imagenet_50 …
        val_db_name: the same, for its test images
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        model_kwargs: a dict of
            head: projection head of contrastive training
            features_dim: dimensions of the embedding behind the projection head (1..65536)
        optimizer_kwargs: a dict of
            lr: learning rate (at least 0)
            weight_decay: L2 penalty on every parameter (adamw: decoupled) (at least 0)
            momentum: momentum of sgd (0..1)
            nesterov: Nesterov momentum for sgd
        scheduler_kwargs: a dict of
            lr_decay_rate: cosine ends at lr * rate^3; step multiplies by the rate (0..1)
            lr_decay_epochs: epochs after which step multiplies the learning rate (at least 0)
        criterion_kwargs: a dict of
            temperature: temperature of the contrastive softmax (at least 1e-06)
            symmetric: take both views as anchors (the published program takes the first)
        augmentation_kwargs: a dict of
            crop_size: side of strong (ours) views, in pixels (1..4096)
            num_strong_augs: operations per strong view, drawn from 14 (0..16)
            random_resized_crop: a dict of
                size: side of standard and simclr views, in pixels (1..4096)
                scale: least and greatest share of the image's area that is cropped (unset: 0.2
                    1 for simclr, 0.08 1 for standard) (0.0001..1)
                ratio: least and greatest width / height of the crop (0.01..100)
                interpolation: filter that resizes the crop, by its name or Pillow's code
                    (antialiased, but nearest)
            color_jitter_random_apply: a dict of
                p: share of simclr views with color jitter (0..1)
            color_jitter: a dict of
                brightness: factor drawn from 1 - this to 1 + this, or from the two numbers
                    given; 0 turns it off (at least 0)
                contrast: as brightness (at least 0)
                saturation: as brightness (at least 0)
                hue: hue turned by at most this share of the color circle, or from the first to
                    the second number given; 0 turns it off (-0.5..0.5)
            random_grayscale: a dict of
                p: share of simclr views without color (0..1)
            cutout_kwargs: a dict of
                n_holes: squares of a strong view that are blanked (0..16)
                length: greatest side of such a square, in pixels (0..4096)
                random: draw the side from 1 to length for every view (false: always length)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        transformation_kwargs: a dict of
            crop_size: side of evaluation views, in pixels (1..4096)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Trained of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "force": force,
        "image_size": image_size,
        "start": start,
        "data_root": data_root,
        "backbone": backbone,
        "stem": stem,
        "width": width,
        "stem_stride": stem_stride,
        "epochs": epochs,
        "batch_size": batch_size,
        "micro_batch_size": micro_batch_size,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "warmup_epochs": warmup_epochs,
        "use_ema": use_ema,
        "ema_alpha": ema_alpha,
        "ema_mode": ema_mode,
        "module_prefix": module_prefix,
        "sync_batch_norm": sync_batch_norm,
        "checkpoint_minutes": checkpoint_minutes,
        "temperature": temperature,
        "knn_epochs": knn_epochs,
        "augmentation_strategy": augmentation_strategy,
        "mined_neighbors": mined_neighbors,
        "mined_validation_neighbors": mined_validation_neighbors,
        "feature_normalization": feature_normalization,
        "mining_memory": mining_memory,
        "search": search,
        "search_recall": search_recall,
        "ivf_lists": ivf_lists,
        "ivf_probes": ivf_probes,
        "hnsw_links": hnsw_links,
        "hnsw_build_breadth": hnsw_build_breadth,
        "hnsw_breadth": hnsw_breadth,
        "hnsw_parallel_build": hnsw_parallel_build,
        "setup": setup,
        "criterion": criterion,
        "train_db_name": train_db_name,
        "val_db_name": val_db_name,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
        "model_kwargs": model_kwargs,
        "optimizer_kwargs": optimizer_kwargs,
        "scheduler_kwargs": scheduler_kwargs,
        "criterion_kwargs": criterion_kwargs,
        "augmentation_kwargs": augmentation_kwargs,
        "transformation_kwargs": transformation_kwargs,
    }
    result: Trained = call("simclr", settings, progress=progress, data=data)
    return result


def moco(
    file: PathLike = '',
    data: Paths = None,
    *,
    out: PathLike = default('run'),
    force: bool = default(False),
    image_size: int = default(0),
    data_root: Optional[PathLike] = default(None),
    mined_neighbors: int = default(50),
    mined_validation_neighbors: int = default(5),
    feature_normalization: Literal['auto', 'none', 'center'] = default('auto'),
    mining_memory: int = default(2048),
    search: Literal['exact', 'ivf', 'hnsw'] = default('exact'),
    search_recall: float = default(0.95),
    ivf_lists: int = default(0),
    ivf_probes: int = default(0),
    hnsw_links: int = default(0),
    hnsw_build_breadth: int = default(0),
    hnsw_breadth: int = default(0),
    hnsw_parallel_build: bool = default(False),
    setup: Literal['any', 'simclr', 'moco', 'scan', 'selflabel'] = default('any'),
    criterion: str = default('any'),
    train_db_name: Optional[str] = default(None),
    val_db_name: Optional[str] = default(None),
    backbone: str = default('any'),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    transformation_kwargs: TransformationKwargs = default({'crop_size': 32, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    model_kwargs: MocoModelKwargs = default({'head': 'any', 'features_dim': 0}),
    progress: ProgressOption = None,
) -> Mined:
    """Takes a backbone as the run's pretext model and mines neighbors with it.

    Args:
        file: weights of MoCo v2 or of another network; empty: the published weights, which are
            downloaded
        data: folders, pictures, list files (CSV: path[,label]) or published data sets; None: those
            that the run knows
        out: the run directory
        force: replace results in the run directory that were made with other settings
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (0..1024)
        data_root: folder that holds the published data set, directly or in a subfolder with the
            name of the data set; unset: NOLABEL_DATA
        mined_neighbors: neighbors kept per training image (1..100000)
        mined_validation_neighbors: neighbors kept per validation image (1..100000)
        feature_normalization: searches for neighbors use the features unchanged (none), or
            minus their mean and divided by one number (center), so that scale and mean have no
            influence; auto: center, and none behind a projection head
        mining_memory: megabytes that mining may use beside the features (at least 1)
        search: how neighbors are looked for: ivf and hnsw are approximate, for very large sets
        search_recall: share of the true neighbors that approximate search must find; nolabel
            chooses ivf_probes or hnsw_breadth to reach this share on a sample of images
            (0.1..1)
        ivf_lists: lists that the images are divided into; 0: twice the square root of their
            number (0..10000000)
        ivf_probes: lists that an image looks into; 0: as many as search_recall takes
            (0..10000000)
        hnsw_links: links of an image in the graph, from 2; 0: 16 (0..512)
        hnsw_build_breadth: candidates kept while an image is inserted; 0: 64 (0..100000)
        hnsw_breadth: candidates kept while neighbors are searched; 0: as many as search_recall
            takes (0..100000)
        hnsw_parallel_build: all threads insert: faster, but each run makes a slightly different
            graph and table
        setup: the stage that this config is for
        criterion: the loss of that stage, by its published name
        train_db_name: published data set to work on: cifar-10, cifar-20, stl-10, imagenet,
            imagenet_50 …
        val_db_name: the same, for its test images
        backbone: network that the weights must be of: any, or one that `nolabel simclr` trains
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        transformation_kwargs: a dict of
            crop_size: side of evaluation views, in pixels (1..4096)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        model_kwargs: a dict of
            head: projection head that they must have: mlp, linear or any
            features_dim: dimensions that its embedding must have; 0: any (0..65536)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Mined of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "force": force,
        "image_size": image_size,
        "data_root": data_root,
        "mined_neighbors": mined_neighbors,
        "mined_validation_neighbors": mined_validation_neighbors,
        "feature_normalization": feature_normalization,
        "mining_memory": mining_memory,
        "search": search,
        "search_recall": search_recall,
        "ivf_lists": ivf_lists,
        "ivf_probes": ivf_probes,
        "hnsw_links": hnsw_links,
        "hnsw_build_breadth": hnsw_build_breadth,
        "hnsw_breadth": hnsw_breadth,
        "hnsw_parallel_build": hnsw_parallel_build,
        "setup": setup,
        "criterion": criterion,
        "train_db_name": train_db_name,
        "val_db_name": val_db_name,
        "backbone": backbone,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
        "transformation_kwargs": transformation_kwargs,
        "model_kwargs": model_kwargs,
    }
    result: Mined = call("moco", settings, progress=progress, data=data, subject=file)
    return result


def mine(
    data: Paths = None,
    *,
    out: PathLike = default('run'),
    force: bool = default(False),
    backbone: str = default('any'),
    image_size: int = default(0),
    features: Optional[PathLike] = default(None),
    paths: Optional[PathLike] = default(None),
    run_program: bool = default(False),
    save_features: Optional[str] = default(None),
    before_head: bool = default(False),
    data_root: Optional[PathLike] = default(None),
    mined_neighbors: int = default(20),
    mined_validation_neighbors: int = default(5),
    feature_normalization: Literal['auto', 'none', 'center'] = default('auto'),
    mining_memory: int = default(2048),
    search: Literal['exact', 'ivf', 'hnsw'] = default('exact'),
    search_recall: float = default(0.95),
    ivf_lists: int = default(0),
    ivf_probes: int = default(0),
    hnsw_links: int = default(0),
    hnsw_build_breadth: int = default(0),
    hnsw_breadth: int = default(0),
    hnsw_parallel_build: bool = default(False),
    setup: Literal['any', 'simclr', 'moco', 'scan', 'selflabel'] = default('any'),
    criterion: str = default('any'),
    train_db_name: Optional[str] = default(None),
    val_db_name: Optional[str] = default(None),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    transformation_kwargs: TransformationKwargs = default({'crop_size': 32, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    model_kwargs: MocoModelKwargs = default({'head': 'any', 'features_dim': 0}),
    progress: ProgressOption = None,
) -> Mined:
    """Finds the nearest neighbors of every image in the backbone's features.

    Args:
        data: folders, pictures, list files (CSV: path[,label]) or published data sets; None: those
            that the run knows
        out: the run directory
        force: replace results in the run directory that were made with other settings
        backbone: network that the weights must be of: any, or one that `nolabel simclr` trains
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (0..1024)
        features: work on these embeddings (.npy, [N,D]) instead of images
        paths: names of the rows of features (CSV: path[,label])
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        save_features: also write the mined features [N,D] to this .npy file
        before_head: mine on the backbone's features, not on the embeddings behind a projection
            head (published for MoCo)
        data_root: folder that holds the published data set, directly or in a subfolder with the
            name of the data set; unset: NOLABEL_DATA
        mined_neighbors: neighbors kept per training image (1..100000)
        mined_validation_neighbors: neighbors kept per validation image (1..100000)
        feature_normalization: searches for neighbors use the features unchanged (none), or
            minus their mean and divided by one number (center), so that scale and mean have no
            influence; auto: center, and none behind a projection head
        mining_memory: megabytes that mining may use beside the features (at least 1)
        search: how neighbors are looked for: ivf and hnsw are approximate, for very large sets
        search_recall: share of the true neighbors that approximate search must find; nolabel
            chooses ivf_probes or hnsw_breadth to reach this share on a sample of images
            (0.1..1)
        ivf_lists: lists that the images are divided into; 0: twice the square root of their
            number (0..10000000)
        ivf_probes: lists that an image looks into; 0: as many as search_recall takes
            (0..10000000)
        hnsw_links: links of an image in the graph, from 2; 0: 16 (0..512)
        hnsw_build_breadth: candidates kept while an image is inserted; 0: 64 (0..100000)
        hnsw_breadth: candidates kept while neighbors are searched; 0: as many as search_recall
            takes (0..100000)
        hnsw_parallel_build: all threads insert: faster, but each run makes a slightly different
            graph and table
        setup: the stage that this config is for
        criterion: the loss of that stage, by its published name
        train_db_name: published data set to work on: cifar-10, cifar-20, stl-10, imagenet,
            imagenet_50 …
        val_db_name: the same, for its test images
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        transformation_kwargs: a dict of
            crop_size: side of evaluation views, in pixels (1..4096)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        model_kwargs: a dict of
            head: projection head that they must have: mlp, linear or any
            features_dim: dimensions that its embedding must have; 0: any (0..65536)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Mined of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "force": force,
        "backbone": backbone,
        "image_size": image_size,
        "features": features,
        "paths": paths,
        "run_program": run_program,
        "save_features": save_features,
        "before_head": before_head,
        "data_root": data_root,
        "mined_neighbors": mined_neighbors,
        "mined_validation_neighbors": mined_validation_neighbors,
        "feature_normalization": feature_normalization,
        "mining_memory": mining_memory,
        "search": search,
        "search_recall": search_recall,
        "ivf_lists": ivf_lists,
        "ivf_probes": ivf_probes,
        "hnsw_links": hnsw_links,
        "hnsw_build_breadth": hnsw_build_breadth,
        "hnsw_breadth": hnsw_breadth,
        "hnsw_parallel_build": hnsw_parallel_build,
        "setup": setup,
        "criterion": criterion,
        "train_db_name": train_db_name,
        "val_db_name": val_db_name,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
        "transformation_kwargs": transformation_kwargs,
        "model_kwargs": model_kwargs,
    }
    result: Mined = call("mine", settings, progress=progress, data=data)
    return result


def scan(
    data: Paths = None,
    *,
    out: PathLike = default('run'),
    force: bool = default(False),
    backbone: str = default('any'),
    image_size: int = default(0),
    features: Optional[PathLike] = default(None),
    paths: Optional[PathLike] = default(None),
    run_program: bool = default(False),
    data_root: Optional[PathLike] = default(None),
    num_classes: int = default(0),
    epochs: int = default(50),
    batch_size: int = default(128),
    micro_batch_size: int = default(0),
    optimizer: Literal['sgd', 'adam', 'adamw'] = default('adam'),
    scheduler: Literal['constant', 'cosine', 'step'] = default('constant'),
    warmup_epochs: int = default(0),
    use_ema: bool = default(False),
    ema_alpha: float = default(0.999),
    ema_mode: Literal['teacher', 'published'] = default('teacher'),
    module_prefix: bool = default(False),
    sync_batch_norm: bool = default(True),
    checkpoint_minutes: float = default(10.0),
    num_neighbors: int = default(20),
    update_cluster_head_only: bool = default(False),
    start: Literal['random', 'consensus'] = default('random'),
    size_prior: Literal['uniform', 'communities'] = default('uniform'),
    num_heads: int = default(1),
    cached_views: int = default(0),
    feature_normalization: Literal['auto', 'none', 'center'] = default('auto'),
    augmentation_strategy: Literal['standard', 'simclr', 'ours'] = default('ours'),
    setup: Literal['any', 'simclr', 'moco', 'scan', 'selflabel'] = default('any'),
    criterion: str = default('any'),
    train_db_name: Optional[str] = default(None),
    val_db_name: Optional[str] = default(None),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    optimizer_kwargs: OptimizerKwargs = default({'lr': 0.0001, 'weight_decay': 0.0001, 'momentum': 0.9, 'nesterov': False}),
    scheduler_kwargs: SchedulerKwargs = default({'lr_decay_rate': 0.1, 'lr_decay_epochs': []}),
    criterion_kwargs: ScanCriterionKwargs = default({'entropy_weight': 5.0}),
    augmentation_kwargs: AugmentationKwargs = default({'crop_size': 32, 'num_strong_augs': 4, 'random_resized_crop': {'size': 32, 'scale': [], 'ratio': [0.75, 1.3333334], 'interpolation': 'bilinear'}, 'color_jitter_random_apply': {'p': 0.8}, 'color_jitter': {'brightness': [0.4], 'contrast': [0.4], 'saturation': [0.4], 'hue': [0.1]}, 'random_grayscale': {'p': 0.2}, 'cutout_kwargs': {'n_holes': 1, 'length': 16, 'random': True}, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    transformation_kwargs: TransformationKwargs = default({'crop_size': 32, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    model_kwargs: MocoModelKwargs = default({'head': 'any', 'features_dim': 0}),
    progress: ProgressOption = None,
) -> Stage:
    """Trains cluster heads so that an image and its neighbors get the same cluster.

    Args:
        data: folders, pictures, list files (CSV: path[,label]) or published data sets; None: those
            that the run knows
        out: the run directory
        force: replace results in the run directory that were made with other settings
        backbone: network that the weights must be of: any, or one that `nolabel simclr` trains
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (0..1024)
        features: work on these embeddings (.npy, [N,D]) instead of images
        paths: names of the rows of features (CSV: path[,label])
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        data_root: folder that holds the published data set, directly or in a subfolder with the
            name of the data set; unset: NOLABEL_DATA
        num_classes: number of clusters; 0: as many as there are labels (0..100000)
        epochs: passes over the images (1..1000000)
        batch_size: images per optimizer step (all of them when there are fewer) (1..1000000)
        micro_batch_size: images per forward pass, for less memory; 0 is the whole batch
            (0..1000000)
        optimizer: optimizer
        scheduler: how the learning rate changes over the epochs
        warmup_epochs: epochs in which the learning rate rises linearly from 0 (0..100000)
        use_ema: keep an exponential moving average of the weights and use it as the result
        ema_alpha: share of the average that stays at each step (0..1)
        ema_mode: teacher: keep the average beside the model and use the average as the result;
            published: load the average back into the model after each step and reset batch
            norm's statistics
        module_prefix: write a checkpoint's tensor names with `module.` in front, as the
            published program's scan and selflabel do (a DataParallel model's names)
        sync_batch_norm: of several processes: batch norm takes its statistics from the images
            of all; false: each process from its own share
        checkpoint_minutes: also write a checkpoint this often within an epoch (at least 0)
        num_neighbors: neighbors of an image that training draws from (1..100000)
        update_cluster_head_only: keep the backbone frozen, train the cluster heads only
        start: what the cluster heads begin with: random weights, or the clusters on which many
            runs of k-means in the neighbor metric agree (consensus)
        size_prior: the sizes that the entropy term pulls the clusters to: equal ones, or those
            of the communities of the graph of neighbors
        num_heads: cluster heads trained side by side; the best one is kept (1..1000)
        cached_views: with a frozen backbone: train on cached features of so many views per
            image; 0: compute every view anew (0..1000)
        feature_normalization: heads on a frozen backbone use the features unchanged (none), or
            minus their mean and divided by one number (center), so that scale and mean have no
            influence; auto: center, and none where the backbone trains
        augmentation_strategy: recipe of training views: crop and flip, SimCLR's, or strong
            operations and cutout
        setup: the stage that this config is for
        criterion: the loss of that stage, by its published name
        train_db_name: published data set to work on: cifar-10, cifar-20, stl-10, imagenet,
            imagenet_50 …
        val_db_name: the same, for its test images
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        optimizer_kwargs: a dict of
            lr: learning rate (at least 0)
            weight_decay: L2 penalty on every parameter (adamw: decoupled) (at least 0)
            momentum: momentum of sgd (0..1)
            nesterov: Nesterov momentum for sgd
        scheduler_kwargs: a dict of
            lr_decay_rate: cosine ends at lr * rate^3; step multiplies by the rate (0..1)
            lr_decay_epochs: epochs after which step multiplies the learning rate (at least 0)
        criterion_kwargs: a dict of
            entropy_weight: weight of the entropy (even use of clusters) against the consistency
                (agreement with neighbors) (at least 0)
        augmentation_kwargs: a dict of
            crop_size: side of strong (ours) views, in pixels (1..4096)
            num_strong_augs: operations per strong view, drawn from 14 (0..16)
            random_resized_crop: a dict of
                size: side of standard and simclr views, in pixels (1..4096)
                scale: least and greatest share of the image's area that is cropped (unset: 0.2
                    1 for simclr, 0.08 1 for standard) (0.0001..1)
                ratio: least and greatest width / height of the crop (0.01..100)
                interpolation: filter that resizes the crop, by its name or Pillow's code
                    (antialiased, but nearest)
            color_jitter_random_apply: a dict of
                p: share of simclr views with color jitter (0..1)
            color_jitter: a dict of
                brightness: factor drawn from 1 - this to 1 + this, or from the two numbers
                    given; 0 turns it off (at least 0)
                contrast: as brightness (at least 0)
                saturation: as brightness (at least 0)
                hue: hue turned by at most this share of the color circle, or from the first to
                    the second number given; 0 turns it off (-0.5..0.5)
            random_grayscale: a dict of
                p: share of simclr views without color (0..1)
            cutout_kwargs: a dict of
                n_holes: squares of a strong view that are blanked (0..16)
                length: greatest side of such a square, in pixels (0..4096)
                random: draw the side from 1 to length for every view (false: always length)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        transformation_kwargs: a dict of
            crop_size: side of evaluation views, in pixels (1..4096)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        model_kwargs: a dict of
            head: projection head that they must have: mlp, linear or any
            features_dim: dimensions that its embedding must have; 0: any (0..65536)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Stage of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "force": force,
        "backbone": backbone,
        "image_size": image_size,
        "features": features,
        "paths": paths,
        "run_program": run_program,
        "data_root": data_root,
        "num_classes": num_classes,
        "epochs": epochs,
        "batch_size": batch_size,
        "micro_batch_size": micro_batch_size,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "warmup_epochs": warmup_epochs,
        "use_ema": use_ema,
        "ema_alpha": ema_alpha,
        "ema_mode": ema_mode,
        "module_prefix": module_prefix,
        "sync_batch_norm": sync_batch_norm,
        "checkpoint_minutes": checkpoint_minutes,
        "num_neighbors": num_neighbors,
        "update_cluster_head_only": update_cluster_head_only,
        "start": start,
        "size_prior": size_prior,
        "num_heads": num_heads,
        "cached_views": cached_views,
        "feature_normalization": feature_normalization,
        "augmentation_strategy": augmentation_strategy,
        "setup": setup,
        "criterion": criterion,
        "train_db_name": train_db_name,
        "val_db_name": val_db_name,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
        "optimizer_kwargs": optimizer_kwargs,
        "scheduler_kwargs": scheduler_kwargs,
        "criterion_kwargs": criterion_kwargs,
        "augmentation_kwargs": augmentation_kwargs,
        "transformation_kwargs": transformation_kwargs,
        "model_kwargs": model_kwargs,
    }
    result: Stage = call("scan", settings, progress=progress, data=data)
    return result


def selflabel(
    data: Paths = None,
    *,
    out: PathLike = default('run'),
    force: bool = default(False),
    backbone: str = default('any'),
    image_size: int = default(0),
    features: Optional[PathLike] = default(None),
    paths: Optional[PathLike] = default(None),
    run_program: bool = default(False),
    data_root: Optional[PathLike] = default(None),
    epochs: int = default(200),
    batch_size: int = default(1000),
    micro_batch_size: int = default(0),
    optimizer: Literal['sgd', 'adam', 'adamw'] = default('adam'),
    scheduler: Literal['constant', 'cosine', 'step'] = default('constant'),
    warmup_epochs: int = default(0),
    use_ema: bool = default(False),
    ema_alpha: float = default(0.999),
    ema_mode: Literal['teacher', 'published'] = default('teacher'),
    module_prefix: bool = default(False),
    sync_batch_norm: bool = default(True),
    checkpoint_minutes: float = default(10.0),
    confidence_threshold: float = default(0.99),
    update_cluster_head_only: bool = default(False),
    cached_views: int = default(0),
    feature_normalization: Literal['auto', 'none', 'center'] = default('auto'),
    augmentation_strategy: Literal['standard', 'simclr', 'ours'] = default('ours'),
    setup: Literal['any', 'simclr', 'moco', 'scan', 'selflabel'] = default('any'),
    criterion: str = default('any'),
    train_db_name: Optional[str] = default(None),
    val_db_name: Optional[str] = default(None),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    optimizer_kwargs: OptimizerKwargs = default({'lr': 0.0001, 'weight_decay': 0.0001, 'momentum': 0.9, 'nesterov': False}),
    scheduler_kwargs: SchedulerKwargs = default({'lr_decay_rate': 0.1, 'lr_decay_epochs': []}),
    criterion_kwargs: SelflabelCriterionKwargs = default({'apply_class_balancing': True}),
    augmentation_kwargs: AugmentationKwargs = default({'crop_size': 32, 'num_strong_augs': 4, 'random_resized_crop': {'size': 32, 'scale': [], 'ratio': [0.75, 1.3333334], 'interpolation': 'bilinear'}, 'color_jitter_random_apply': {'p': 0.8}, 'color_jitter': {'brightness': [0.4], 'contrast': [0.4], 'saturation': [0.4], 'hue': [0.1]}, 'random_grayscale': {'p': 0.2}, 'cutout_kwargs': {'n_holes': 1, 'length': 16, 'random': True}, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    transformation_kwargs: TransformationKwargs = default({'crop_size': 32, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    model_kwargs: MocoModelKwargs = default({'head': 'any', 'features_dim': 0}),
    progress: ProgressOption = None,
) -> Stage:
    """Trains SCAN's best model further, on its own confident predictions.

    Args:
        data: folders, pictures, list files (CSV: path[,label]) or published data sets; None: those
            that the run knows
        out: the run directory
        force: replace results in the run directory that were made with other settings
        backbone: network that the weights must be of: any, or one that `nolabel simclr` trains
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (0..1024)
        features: work on these embeddings (.npy, [N,D]) instead of images
        paths: names of the rows of features (CSV: path[,label])
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        data_root: folder that holds the published data set, directly or in a subfolder with the
            name of the data set; unset: NOLABEL_DATA
        epochs: passes over the images (1..1000000)
        batch_size: images per optimizer step (all of them when there are fewer) (1..1000000)
        micro_batch_size: images per forward pass, for less memory; 0 is the whole batch
            (0..1000000)
        optimizer: optimizer
        scheduler: how the learning rate changes over the epochs
        warmup_epochs: epochs in which the learning rate rises linearly from 0 (0..100000)
        use_ema: keep an exponential moving average of the weights and use it as the result
        ema_alpha: share of the average that stays at each step (0..1)
        ema_mode: teacher: keep the average beside the model and use the average as the result;
            published: load the average back into the model after each step and reset batch
            norm's statistics
        module_prefix: write a checkpoint's tensor names with `module.` in front, as the
            published program's scan and selflabel do (a DataParallel model's names)
        sync_batch_norm: of several processes: batch norm takes its statistics from the images
            of all; false: each process from its own share
        checkpoint_minutes: also write a checkpoint this often within an epoch (at least 0)
        confidence_threshold: the stage trains only on images whose most probable cluster has a
            probability above this threshold (0..1)
        update_cluster_head_only: keep the backbone frozen, train the cluster head only
        cached_views: with a frozen backbone: train on cached features of so many views per
            image; 0: compute every view anew (0..1000)
        feature_normalization: heads on a frozen backbone use the features unchanged (none), or
            minus their mean and divided by one number (center), so that scale and mean have no
            influence; auto: center, and none where the backbone trains
        augmentation_strategy: recipe of training views: crop and flip, SimCLR's, or strong
            operations and cutout
        setup: the stage that this config is for
        criterion: the loss of that stage, by its published name
        train_db_name: published data set to work on: cifar-10, cifar-20, stl-10, imagenet,
            imagenet_50 …
        val_db_name: the same, for its test images
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        optimizer_kwargs: a dict of
            lr: learning rate (at least 0)
            weight_decay: L2 penalty on every parameter (adamw: decoupled) (at least 0)
            momentum: momentum of sgd (0..1)
            nesterov: Nesterov momentum for sgd
        scheduler_kwargs: a dict of
            lr_decay_rate: cosine ends at lr * rate^3; step multiplies by the rate (0..1)
            lr_decay_epochs: epochs after which step multiplies the learning rate (at least 0)
        criterion_kwargs: a dict of
            apply_class_balancing: weight the pseudo-labels so that every cluster counts the
                same
        augmentation_kwargs: a dict of
            crop_size: side of strong (ours) views, in pixels (1..4096)
            num_strong_augs: operations per strong view, drawn from 14 (0..16)
            random_resized_crop: a dict of
                size: side of standard and simclr views, in pixels (1..4096)
                scale: least and greatest share of the image's area that is cropped (unset: 0.2
                    1 for simclr, 0.08 1 for standard) (0.0001..1)
                ratio: least and greatest width / height of the crop (0.01..100)
                interpolation: filter that resizes the crop, by its name or Pillow's code
                    (antialiased, but nearest)
            color_jitter_random_apply: a dict of
                p: share of simclr views with color jitter (0..1)
            color_jitter: a dict of
                brightness: factor drawn from 1 - this to 1 + this, or from the two numbers
                    given; 0 turns it off (at least 0)
                contrast: as brightness (at least 0)
                saturation: as brightness (at least 0)
                hue: hue turned by at most this share of the color circle, or from the first to
                    the second number given; 0 turns it off (-0.5..0.5)
            random_grayscale: a dict of
                p: share of simclr views without color (0..1)
            cutout_kwargs: a dict of
                n_holes: squares of a strong view that are blanked (0..16)
                length: greatest side of such a square, in pixels (0..4096)
                random: draw the side from 1 to length for every view (false: always length)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        transformation_kwargs: a dict of
            crop_size: side of evaluation views, in pixels (1..4096)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        model_kwargs: a dict of
            head: projection head that they must have: mlp, linear or any
            features_dim: dimensions that its embedding must have; 0: any (0..65536)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Stage of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "force": force,
        "backbone": backbone,
        "image_size": image_size,
        "features": features,
        "paths": paths,
        "run_program": run_program,
        "data_root": data_root,
        "epochs": epochs,
        "batch_size": batch_size,
        "micro_batch_size": micro_batch_size,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "warmup_epochs": warmup_epochs,
        "use_ema": use_ema,
        "ema_alpha": ema_alpha,
        "ema_mode": ema_mode,
        "module_prefix": module_prefix,
        "sync_batch_norm": sync_batch_norm,
        "checkpoint_minutes": checkpoint_minutes,
        "confidence_threshold": confidence_threshold,
        "update_cluster_head_only": update_cluster_head_only,
        "cached_views": cached_views,
        "feature_normalization": feature_normalization,
        "augmentation_strategy": augmentation_strategy,
        "setup": setup,
        "criterion": criterion,
        "train_db_name": train_db_name,
        "val_db_name": val_db_name,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
        "optimizer_kwargs": optimizer_kwargs,
        "scheduler_kwargs": scheduler_kwargs,
        "criterion_kwargs": criterion_kwargs,
        "augmentation_kwargs": augmentation_kwargs,
        "transformation_kwargs": transformation_kwargs,
        "model_kwargs": model_kwargs,
    }
    result: Stage = call("selflabel", settings, progress=progress, data=data)
    return result


def evaluate(
    data: Paths = None,
    *,
    out: PathLike = default('run'),
    backbone: str = default('any'),
    image_size: int = default(0),
    features: Optional[PathLike] = default(None),
    paths: Optional[PathLike] = default(None),
    run_program: bool = default(False),
    model: PathLike = default('final'),
    images: Literal['train', 'validation'] = default('validation'),
    visualize_prototypes: bool = default(True),
    save_features: Optional[PathLike] = default(None),
    save_probabilities: Optional[PathLike] = default(None),
    data_root: Optional[PathLike] = default(None),
    setup: Literal['any', 'simclr', 'moco', 'scan', 'selflabel'] = default('any'),
    criterion: str = default('any'),
    train_db_name: Optional[str] = default(None),
    val_db_name: Optional[str] = default(None),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    transformation_kwargs: TransformationKwargs = default({'crop_size': 32, 'normalize': {'mean': [0.4914, 0.4822, 0.4465], 'std': [0.2023, 0.1994, 0.201]}}),
    model_kwargs: MocoModelKwargs = default({'head': 'any', 'features_dim': 0}),
    progress: ProgressOption = None,
) -> Evaluation:
    """Measures a model, without labels and, where there are labels, against them.

    Args:
        data: folders, pictures, list files (CSV: path[,label]) or published data sets; None: those
            that the run knows
        out: the run directory
        backbone: network that the weights must be of: any, or one that `nolabel simclr` trains
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (0..1024)
        features: work on these embeddings (.npy, [N,D]) instead of images
        paths: names of the rows of features (CSV: path[,label])
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        model: kmeans, consensus, communities, scan, selflabel or final (the model that the run
            chose), or a weights file
        images: the split to measure; validation: the training images if the run has no
            validation split
        visualize_prototypes: write a picture with the prototype of every cluster
        save_features: write the backbone's features [N,D] to this .npy file
        save_probabilities: write the probabilities [N,C] to this .npy file
        data_root: folder that holds the published data set, directly or in a subfolder with the
            name of the data set; unset: NOLABEL_DATA
        setup: the stage that this config is for
        criterion: the loss of that stage, by its published name
        train_db_name: published data set to work on: cifar-10, cifar-20, stl-10, imagenet,
            imagenet_50 …
        val_db_name: the same, for its test images
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        transformation_kwargs: a dict of
            crop_size: side of evaluation views, in pixels (1..4096)
            normalize: a dict of
                mean: mean of red, green and blue, subtracted from levels in 0..1 (0..1)
                std: standard deviation of red, green and blue, divided by (at least 0.001)
        model_kwargs: a dict of
            head: projection head that they must have: mlp, linear or any
            features_dim: dimensions that its embedding must have; 0: any (0..65536)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Evaluation of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "backbone": backbone,
        "image_size": image_size,
        "features": features,
        "paths": paths,
        "run_program": run_program,
        "model": model,
        "images": images,
        "visualize_prototypes": visualize_prototypes,
        "save_features": save_features,
        "save_probabilities": save_probabilities,
        "data_root": data_root,
        "setup": setup,
        "criterion": criterion,
        "train_db_name": train_db_name,
        "val_db_name": val_db_name,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
        "transformation_kwargs": transformation_kwargs,
        "model_kwargs": model_kwargs,
    }
    result: Evaluation = call("evaluate", settings, progress=progress, data=data)
    return result


def predict(
    run: PathLike,
    data: Paths = None,
    *,
    features: Optional[PathLike] = default(None),
    paths: Optional[PathLike] = default(None),
    sort_into: Optional[PathLike] = default(None),
    relative_links: bool = default(False),
    copy: bool = default(False),
    model: str = default('final'),
    save_probabilities: Optional[PathLike] = default(None),
    image_size: int = default(0),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    run_program: bool = default(False),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    progress: ProgressOption = None,
) -> Prediction:
    """Assigns images in files to clusters. `nolabel.Predictor` does so for pictures in memory.

    Args:
        run: a run directory with a finished model, or a weights file
        data: pictures, folders or list files
        features: embeddings (.npy, [N,D]) instead of images, for a run that was made from
            embeddings
        paths: names of the rows of features (CSV: path[,label])
        sort_into: also put a link to every image into DIR/<cluster>/; this replaces the links
            and copies of an earlier sort into DIR
        relative_links: make relative links with sort_into, so that DIR and the images can be
            moved together
        copy: copies instead of links for sort_into
        model: kmeans, consensus, communities, scan, selflabel or final (the model that the run
            chose)
        save_probabilities: write the probabilities [N,C] to this .npy file
        image_size: side of the views in pixels; 0: the size that the model was trained on
            (0..1024)
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: a temporary folder, removed at the end
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Prediction of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "features": features,
        "paths": paths,
        "sort_into": sort_into,
        "relative_links": relative_links,
        "copy": copy,
        "model": model,
        "save_probabilities": save_probabilities,
        "image_size": image_size,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "run_program": run_program,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
    }
    result: Prediction = call("predict", settings, progress=progress, data=data, subject=run)
    return result


def report(
    out: PathLike = default('run'),
    *,
    backbone: Optional[PathLike] = default(None),
    image_size: int = default(0),
    features: Optional[PathLike] = default(None),
    paths: Optional[PathLike] = default(None),
    run_program: bool = default(False),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    progress: ProgressOption = None,
) -> Reported:
    """Makes the report and the assignments of a run again from its models.

    Args:
        out: the run directory
        backbone: a name (`photos`, `starter`, or one that `nolabel backbone list` shows), a
            weights file, a TorchScript program (with run_program=True) or a run directory;
            unset: this run's pretext model
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (0..1024)
        features: work on these embeddings (.npy, [N,D]) instead of images
        paths: names of the rows of features (CSV: path[,label])
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Reported of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "out": out,
        "backbone": backbone,
        "image_size": image_size,
        "features": features,
        "paths": paths,
        "run_program": run_program,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
    }
    result: Reported = call("report", settings, progress=progress)
    return result


def embed(
    data: Paths = None,
    *,
    backbone: Optional[PathLike] = default(None),
    image_size: int = default(0),
    run_program: bool = default(False),
    labels: Literal['auto', 'folders', 'none'] = default('auto'),
    coarse: bool = default(False),
    subset: Optional[PathLike] = default(None),
    unlabeled: bool = default(False),
    hold_out: float = default(0.0),
    split_seed: int = default(-1),
    duplicates: Literal['group', 'keep'] = default('group'),
    memory: int = default(2048),
    cache_dir: Optional[PathLike] = default(None),
    cache_format: Literal['raw', 'compressed'] = default('raw'),
    strict: bool = default(False),
    reduced_decode: bool = default(True),
    device: str = default('auto'),
    precision: str = default('auto'),
    threads: int = default(0),
    cuda_graph: bool = default(True),
    seed: int = default(0),
    feature_cache: int = default(4096),
    progress: ProgressOption = None,
) -> Embedded:
    """The features that a backbone makes of images in files. `nolabel.embed` also takes pictures in
    memory.

    Args:
        data: folders, pictures, list files or published data sets
        backbone: a name (`nolabel backbone list` shows them), a weights file, a TorchScript
            program (with run_program) or a run directory; unset: `photos` if most images are
            larger than 64 pixels, otherwise `starter`
        image_size: side of the views in pixels; 0: the size that the backbone was trained on
            (0..1024)
        run_program: run the backbone's code if the backbone is a TorchScript program: only for
            a file whose origin you trust
        labels: where labels come from (labels are used only for metrics); auto: the data set,
            the list file, or the names of class folders if every image is in one; folders: the
            same, but images outside class folders are an error; none: no labels
        coarse: CIFAR-100: take the 20 superclasses as labels
        subset: ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file
            of lines `wnid class name`
        unlabeled: STL-10: train the pretext on the 100,000 unlabeled images, too
        hold_out: share of the images that becomes the validation split if the data has no
            validation or test images (0..0.9)
        split_seed: seed that draws the images of hold_out; -1: the seed of the command that
            first sets images aside, which the run remembers (at least -1)
        duplicates: group: finds near-duplicates and images that show nothing; one image of each
            group trains and the others take its cluster, and what shows nothing does not train;
            keep: every image trains
        memory: megabytes of pixels kept in memory; more goes to a cache file (at least 1)
        cache_dir: folder for images that do not fit into the memory, kept for the next time;
            empty: NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run
            directory
        cache_format: raw keeps pixels as decoded; compressed needs a fifth of the room, and a
            level differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)
        strict: stop at a file that cannot be read as an image
        reduced_decode: decode JPEGs much larger than needed at a reduced scale: three times
            faster, a pixel may differ by some levels
        device: auto, cpu, cuda or cuda:N
        precision: auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16
        threads: processor threads; 0: all that this process may use (0..4096)
        cuda_graph: on a GPU, a training in one process records its step once and repeats it;
            false: the processor sends each operation of each step
        seed: every random number follows from it
        feature_cache: megabytes of features of all runs that are kept in nolabel's cache
            folder, so that no picture is embedded twice; 0: none (0..10000000)
        progress: True for a line on stderr, or a callable that takes a Progress

    Returns Embedded of nolabel.results. Raises the classes of nolabel.errors.
    """
    settings: dict[str, Any] = {
        "backbone": backbone,
        "image_size": image_size,
        "run_program": run_program,
        "labels": labels,
        "coarse": coarse,
        "subset": subset,
        "unlabeled": unlabeled,
        "hold_out": hold_out,
        "split_seed": split_seed,
        "duplicates": duplicates,
        "memory": memory,
        "cache_dir": cache_dir,
        "cache_format": cache_format,
        "strict": strict,
        "reduced_decode": reduced_decode,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cuda_graph": cuda_graph,
        "seed": seed,
        "feature_cache": feature_cache,
    }
    result: Embedded = call("embed", settings, progress=progress, data=data)
    return result
