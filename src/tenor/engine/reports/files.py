"""Read what a directory says about itself, and write reports whole or not at all."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from tenor.engine.errors import InputError
from tenor.engine.store.files import write_atomically


def is_synthetic(directory: Path) -> bool:
    """Say whether the tables of `directory` are made up: its metadata.json says `synthetic`.

    No such file, or no word on it, means real. Raises `InputError` where the file is not a JSON
    object: made-up figures must not pass for real ones because of a typing error.
    """
    path = directory / "metadata.json"
    if not path.is_file():
        return False
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: is not JSON ({error}); mend or remove it") from error
    if not isinstance(found, dict):
        raise InputError(f"{path}: expected a JSON object; mend or remove it")
    return found.get("synthetic") is True


def write_page(text: str, path: Path) -> None:
    """Write a page or any other text."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, partial(_write, text=text))
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error


def write_json(value: dict[str, Any], path: Path) -> None:
    """Write a JSON object, readable and the same bytes for the same value."""
    write_page(json.dumps(value, indent=2, ensure_ascii=False) + "\n", path)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
