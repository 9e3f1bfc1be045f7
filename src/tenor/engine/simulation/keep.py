"""Keep a world in one file, so that another process plays on as if nothing had been between.

The laws and the people are drawn anew from the config and the seed: only what changed since is
kept, with a digest of those laws, so that a world of another Tenor is refused, not continued
wrongly. Nothing in the file is ever executed when it is read.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.policy.ladder import Step
from tenor.engine.simulation.config import Channel, Place, Tone, WorldConfig
from tenor.engine.simulation.intensity import Laws
from tenor.engine.simulation.record import Record
from tenor.engine.simulation.state import State
from tenor.engine.store.files import write_atomically

# Raised whenever a world of before can no longer be continued as it would have gone on.
FORMAT = 1
_ABOUT, _TOLD, _LATER = "world.json", "told", "later"
_PARTS: dict[str, Any] = {
    "channels": Channel,
    "tones": Tone,
    "places": Place,
    "ladder": Step,
}


def write_world(
    path: Path, *, config: WorldConfig, seed: int, laws: Laws, state: State, record: Record
) -> None:
    """Write what a world is and where it stands to `path`, whole or not at all."""
    arrays = {f.name: np.asarray(getattr(state, f.name)) for f in fields(State)}
    about = {
        "format": FORMAT,
        "laws": digest(laws),
        "seed": seed,
        "config": config.as_json(),
        "payments": record.payments,
        "contacts": record.contacts,
    }
    told, later = record.kept()
    frames = {_TOLD: told, _LATER: later}

    def write(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w") as archive:
            archive.writestr(_ABOUT, json.dumps(about, indent=1))
            for name, array in arrays.items():
                part = io.BytesIO()
                np.save(part, array, allow_pickle=False)
                archive.writestr(f"state/{name}.npy", part.getvalue())
            for kind, tables in frames.items():
                for name, frame in tables.items():
                    part = io.BytesIO()
                    frame.write_parquet(part, compression="zstd")
                    archive.writestr(f"{kind}/{name}.parquet", part.getvalue())

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, write)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error


def read_about(path: Path) -> tuple[WorldConfig, int]:
    """Return the config and the seed of the world in `path`."""
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(_ABOUT))
        if about["format"] != FORMAT:
            raise InputError(
                f"{path} is a world of format {about['format']}, this Tenor continues {FORMAT}: "
                "make the world anew"
            )
        return _config(about["config"]), int(about["seed"])
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no world; make one and save it there") from error
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: holds no world that can be read ({error})") from error


def read_world(path: Path, laws: Laws, config: WorldConfig) -> tuple[State, Record]:
    """Return where the world in `path` stands, given its laws drawn anew."""
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(_ABOUT))
            if about["laws"] != digest(laws):
                raise InputError(
                    f"{path} is a world of another version of Tenor, whose people would act "
                    "otherwise from here on: make the world anew"
                )
            kept: dict[str, Any] = {
                f.name: np.load(io.BytesIO(archive.read(f"state/{f.name}.npy")), allow_pickle=False)
                for f in fields(State)
            }
            frames: dict[str, dict[str, pl.DataFrame]] = {_TOLD: {}, _LATER: {}}
            for member in archive.namelist():
                kind, _, name = member.partition("/")
                if kind in frames:
                    part = io.BytesIO(archive.read(member))
                    frames[kind][name.removesuffix(".parquet")] = pl.read_parquet(part)
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: holds no world that can be read ({error})") from error
    state = State(**kept | {n: int(kept[n]) for n in ("day", "issued")})
    names = config.channel_names, config.tone_names
    record = Record(config.start, *names, currency=config.currency)
    record.payments, record.contacts = about["payments"], about["contacts"]
    record.continue_from(frames[_TOLD], frames[_LATER])
    return state, record


def digest(laws: Laws) -> str:
    """Return a digest of everything that was drawn for a world."""
    found = hashlib.sha256()
    for part in (laws.nature, laws.people, laws.around):
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, pl.DataFrame):
                content = value.write_csv().encode()
            elif isinstance(value, np.ndarray):
                content = np.ascontiguousarray(value).tobytes()
            else:
                content = repr(value).encode()
            found.update(field.name.encode() + b"\0" + content)
    return found.hexdigest()


def _config(kept: dict[str, Any]) -> WorldConfig:
    """Return the config that `WorldConfig.as_json` gave."""
    values = dict(kept) | {"start": date.fromisoformat(kept["start"])}
    for name, part in _PARTS.items():
        values[name] = tuple(
            part(**{k: tuple(v) if isinstance(v, list) else v for k, v in item.items()})
            for item in kept[name]
        )
    return WorldConfig(**values)
