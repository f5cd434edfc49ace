"""How calls.py, which is generated, reaches the library."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, cast

from nolabel import _core, results
from nolabel._inputs import PathLike, as_paths
from nolabel._process import require_whole_process, temporary_folder
from nolabel._progress import ProgressOption, Told
from nolabel._settings import text_of, texts_of

_RESULTS: dict[str, Any] = {
    "cluster": results.ClusterRun,
    "update": results.UpdatedRun,
    "simclr": results.Trained,
    "moco": results.Mined,
    "mine": results.Mined,
    "scan": results.Stage,
    "selflabel": results.Stage,
    "evaluate": results.Evaluation,
    "predict": results.Prediction,
    "report": results.Reported,
    "embed": results.Embedded,
}
_WITH_FEATURES = ("cluster", "update")


def call(
    name: str,
    settings: Mapping[str, Any],
    *,
    progress: ProgressOption,
    subject: PathLike | None = None,  # the run or the file that the call is about
    data: Any = None,
    return_features: bool = False,
) -> Any:
    require_whole_process()
    arguments: list[Any] = []
    if subject is not None:
        arguments.append(os.fspath(subject))
    paths = as_paths(data)
    if name != "report":
        arguments.append(paths)
    texts = texts_of(settings)
    if "out" in settings and "out" not in texts:
        texts["out"] = _default_out(name, paths)
    arguments.append(texts)
    if name in _WITH_FEATURES:
        arguments.append(return_features)
    with Told(progress) as (log, tell):
        values = getattr(_core, name)(*arguments, log, tell)
    if name == "cluster":
        # A run may be given as the data, and is clustered again there.
        return results.record(_RESULTS[name], values, path=_run_of(values))
    if name == "update":
        return results.record(_RESULTS[name], values, path=results.run_path(cast(Any, subject)))
    return results.record(_RESULTS[name], values)


def _default_out(name: str, data: list[str]) -> str:
    """The run directory, where nobody names one: `cluster` of a run works in that run."""
    marks = ("run.json", ".nolabel-folder")
    if name == "cluster" and len(data) == 1:
        if any(os.path.isfile(os.path.join(data[0], mark)) for mark in marks):
            return data[0]
    return "run"


def _run_of(values: Mapping[str, Any]) -> Any:
    return results.run_path(values["report"]).parent


def edit_run(
    run: PathLike,
    edits: PathLike | Mapping[str, Any] | None = None,
    *,
    undo: bool = False,
    progress: ProgressOption = None,
) -> results.Edited:
    """Applies a person's corrections of a run's clusters: a dict as docs/formats.md (Edits) has it,
    {"names": {"3": "cats"}, "merge": [[1, 4]]}, or the path of such a JSON file.

    Without `edits`, what is in force already takes effect. With `undo`, the last edits are taken
    back. Raises UsageError that names a cluster or path that does not exist; nothing is applied
    then.
    """
    require_whole_process()
    with temporary_folder() as folder:
        if isinstance(edits, Mapping):
            file = os.path.join(folder, "edits.json")
            with open(file, "w", encoding="utf-8") as stream:
                json.dump(edits, stream)
            edits = file
        with Told(progress) as (log, tell):
            values = _core.edit(os.fspath(run), os.fspath(edits or ""), undo, log, tell)
    return cast(results.Edited, results.record(results.Edited, values))


def export_run(
    run: PathLike,
    out: PathLike,
    *,
    format: str = "folders",
    copy: bool = False,
    relative_links: bool = False,
    junk: bool = False,
    skip_duplicates: bool = False,
    progress: ProgressOption = None,
) -> results.Exported:
    """Writes the result of a run in a form that other programs take: folders, imagefolder (of
    torchvision), csv, jsonl or coco (docs/formats.md, Export).

    In folders, images are links, with `copy` copies. `junk`: also images that a person has put
    aside. `skip_duplicates`: no near-duplicates.
    """
    require_whole_process()
    with Told(progress) as (log, tell):
        values = _core.export_run(
            os.fspath(run),
            os.fspath(out),
            text_of("format", format),
            copy,
            relative_links,
            junk,
            skip_duplicates,
            log,
            tell,
        )
    return cast(results.Exported, results.record(results.Exported, values))
