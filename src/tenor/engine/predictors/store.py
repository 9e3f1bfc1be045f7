"""Keep a model in a folder as plain files: JSON for what it says, arrays and trees beside it.

Nothing in the folder is ever executed when it is read: only the classes listed here are built,
from values, so that a model from elsewhere can be opened without trusting it.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from tenor.engine.errors import ModelError

# Raised whenever a model of before cannot be read right any more.
FORMAT = 9
_STRUCTURE, _ARRAYS, _TREES = "model.json", "arrays.npz", "trees"
# Every member of a zip file carries a date; a fixed one keeps equal models equal byte for byte.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def save(thing: Any, directory: Path) -> str:
    """Write a tree of dataclasses into `directory` and return its version (12 hex digits)."""
    files = _files(thing)
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob(f"{_TREES}_*.txt"):
        old.unlink()
    for name, content in files.items():
        (directory / name).write_bytes(content)
    return _version(files)


def version(thing: Any) -> str:
    """Return the version that `save` would give: it changes with any learned number."""
    return _version(_files(thing))


def load(directory: Path, classes: tuple[type, ...]) -> Any:
    """Read what `save` wrote, building only `classes`.

    Raises
    ------
    ModelError
        Where the folder holds no model, or one of another format, or a damaged one.
    """
    path = directory / _STRUCTURE
    if not path.is_file():
        raise ModelError(f"{directory} holds no model: make one with `tenor fit DIR --model ...`")
    try:
        structure = json.loads(path.read_text(encoding="utf-8"))
        if structure["format"] != FORMAT:
            raise ModelError(
                f"{path} has format {structure['format']}, this Tenor reads {FORMAT}: fit it anew"
            )
        # Checked before anything reads them: a damaged tree would end the whole process.
        for name, digest in structure["files"].items():
            if hashlib.sha256((directory / name).read_bytes()).hexdigest() != digest:
                raise ValueError(f"{name} is not as it was written")
        with np.load(directory / _ARRAYS, allow_pickle=False) as arrays:
            kept = {name: arrays[name] for name in arrays.files}
        known = {c.__name__: c for c in classes}
        return _decode(structure["model"], kept, directory, known)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        zipfile.BadZipFile,
        lgb.basic.LightGBMError,
    ) as e:
        raise ModelError(f"{directory} holds a damaged model ({e}): fit it anew") from e


def _files(thing: Any) -> dict[str, bytes]:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    trees: list[str] = []
    model = _encode(thing, arrays, trees)
    files = {_ARRAYS: _zip(arrays)}
    for number, tree in enumerate(trees):
        files[f"{_TREES}_{number}.txt"] = tree.encode()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    structure = {"format": FORMAT, "files": digests, "model": model}
    # The order of a dict is kept: that of an encoding's names is the order of the trees' columns.
    text = json.dumps(structure, indent=1, allow_nan=False)
    return {_STRUCTURE: text.encode(), **files}


def _version(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name])
    return digest.hexdigest()[:12]


def _zip(arrays: dict[str, np.ndarray[Any, Any]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _NO_DATE), part.getvalue())
    return buffer.getvalue()


def _encode(thing: Any, arrays: dict[str, np.ndarray[Any, Any]], trees: list[str]) -> Any:
    if is_dataclass(thing) and not isinstance(thing, type):
        content = {f.name: _encode(getattr(thing, f.name), arrays, trees) for f in fields(thing)}
        return {"class": type(thing).__name__, "fields": content}
    if isinstance(thing, np.ndarray):
        arrays[f"a{len(arrays)}"] = thing
        return {"array": f"a{len(arrays) - 1}"}
    if isinstance(thing, lgb.Booster):
        trees.append(thing.model_to_string())
        return {"trees": len(trees) - 1}
    if isinstance(thing, datetime):
        return {"instant": thing.isoformat()}
    if isinstance(thing, tuple):
        return {"tuple": [_encode(t, arrays, trees) for t in thing]}
    if isinstance(thing, dict):
        return {"dict": {k: _encode(v, arrays, trees) for k, v in thing.items()}}
    if isinstance(thing, np.integer | np.floating):
        return thing.item()
    if thing is None or isinstance(thing, str | int | float | bool):
        return thing
    raise TypeError(f"a {type(thing).__name__} cannot be kept in a model")


def _decode(
    kept: Any, arrays: dict[str, np.ndarray[Any, Any]], directory: Path, known: dict[str, type]
) -> Any:
    if not isinstance(kept, dict):
        return kept
    ((kind, value), *_) = kept.items()
    if kind == "class":
        parts = kept["fields"]
        built = {k: _decode(v, arrays, directory, known) for k, v in parts.items()}
        return known[value](**built)
    if kind == "array":
        return arrays[value]
    if kind == "trees":
        text = (directory / f"{_TREES}_{int(value)}.txt").read_text(encoding="utf-8")
        return lgb.Booster(model_str=text)
    if kind == "instant":
        return datetime.fromisoformat(value)
    if kind == "tuple":
        return tuple(_decode(v, arrays, directory, known) for v in value)
    return {k: _decode(v, arrays, directory, known) for k, v in value.items()}
