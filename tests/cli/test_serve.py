"""`tenor serve` answers, keeps a worker beside it, and ends both when it is told to."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenor.cli.serving import free_port
from tenor.engine.errors import InputError

_PATIENCE = 90.0


@pytest.fixture
def served(
    tmp_path: Path, fresh_installation: Path
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """An installation that is served: its address, and the process."""
    shutil.copytree(fresh_installation, tmp_path / "here")
    port = free_port("127.0.0.1", 18_000 + os.getpid() % 10_000)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TENOR_", "DJANGO_"))}
    command = ["serve", "--installation", str(tmp_path / "here"), "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tenor.cli.main", *command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=kept,
    )  # fmt: skip
    yield f"http://127.0.0.1:{port}", process
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def answer(url: str) -> int:
    """Wait until the address answers; return how."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=60) as response:
                return int(response.status)
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"{url} does not answer")


def test_it_answers_and_ends_cleanly(served: tuple[str, "subprocess.Popen[str]"]) -> None:
    url, process = served
    assert answer(f"{url}/healthz") == 200
    assert answer(f"{url}/account/login/") == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(_PATIENCE) == 0
    assert process.stdout is not None
    said = process.stdout.read()
    assert said.splitlines()[0] == f"Tenor is at {url}/ (Ctrl-C stops it)"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/healthz", timeout=5)


def test_a_port_that_is_taken_gives_way_to_the_next_or_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port) > port
        with pytest.raises(InputError, match="name another --port"):
            free_port("127.0.0.1", port, exactly=True)
