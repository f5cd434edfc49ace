"""What a document of edits does, written down slowly and obviously: the model that the page's own
computation is compared with, and the stand-in for a server of the page."""


class EditError(Exception):
    """The document cannot be applied; one line says why."""


def check(document, clusters, paths):
    """The rules of edits.json. `clusters` are ids, `paths` those of the images."""
    known = {"names", "merge", "split", "move", "junk", "keep"}
    if set(document) - known:
        raise EditError(f"edits.json must have only {sorted(known)}. Received {sorted(document)}.")
    merged = [i for group in document.get("merge", []) for i in group]
    used = ([int(i) for i in document.get("names", {})] + merged
            + [s["cluster"] for s in document.get("split", [])]
            + [m["to"] for m in document.get("move", [])])
    for cluster in used:
        if cluster not in clusters:
            raise EditError(f"edits.json names cluster {cluster}, but the run has no such cluster.")
    moved = {m["path"] for m in document.get("move", [])}
    junk, keep = set(document.get("junk", [])), set(document.get("keep", []))
    for path in moved | junk | keep:
        if path not in paths:
            raise EditError(f"edits.json names {path}, but the run has no image of this path.")
    if len(moved) != len(document.get("move", [])) or len(set(merged)) != len(merged):
        raise EditError("edits.json must name each path and each merged cluster once.")
    if junk & moved or junk & keep:
        raise EditError("a path either in junk or in move and keep is required.")
    if set(merged) & {s["cluster"] for s in document.get("split", [])}:
        raise EditError("a cluster either in merge or in split is required.")


def apply(editor, document):
    """The editor object after the document: merge, split, move, junk, keep, names."""
    names = {c["id"]: c["name"] for c in editor["clusters"]}
    images = editor["images"]
    check(document, names, set(images["path"]))
    index = {path: i for i, path in enumerate(images["path"])}
    cluster, status = list(images["cluster"]), list(images["status"])
    given = {int(i): name for i, name in document.get("names", {}).items()}
    survivor = {}
    for kept, *gone in document.get("merge", []):
        group = [kept, *gone]
        fitting = [given[i] for i in group if given.get(i)]
        fitting += [names[i] for i in group if i not in given and names[i]]
        names[kept] = fitting[0] if fitting else ""
        for i in gone:
            survivor[i] = kept
            del names[i]
    cluster = [survivor.get(c, c) for c in cluster]
    for split in document.get("split", []):  # every other image leaves, in turn for the new ones
        members = [i for i, c in enumerate(cluster) if c == split["cluster"] and status[i] != "j"]
        if len(members) < split["into"]:
            raise EditError(f"edits.json splits cluster {split['cluster']} into {split['into']}, "
                            f"but the cluster has only {len(members)} different images.")
        parts = [split["cluster"], *range(max(names) + 1, max(names) + split["into"])]
        for part in parts[1:]:
            names[part] = ""
        for place, i in enumerate(members):
            cluster[i] = parts[place % len(parts)]
    for move in document.get("move", []):
        i = index[move["path"]]
        cluster[i], status[i] = survivor.get(move["to"], move["to"]), "o"
    for path in document.get("junk", []):
        status[index[path]] = "j"
    for path in document.get("keep", []):
        status[index[path]] = "o"
    for i, name in given.items():
        if i not in survivor:
            names[i] = name
    clusters = [{"id": i, "name": name, "origin": "found by nolabel", "images": cluster.count(i)}
                for i, name in sorted(names.items())]
    return {**editor, "clusters": clusters,
            "images": {**images, "cluster": cluster, "status": "".join(status)}}
