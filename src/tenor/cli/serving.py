"""Serve an installation: the web server, and beside it the worker, until both are told to stop."""

import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click

from tenor.engine.errors import InputError

# How many ports above the one that was asked for are tried.
_NEXT = 20
_PATIENCE_SECONDS = 20.0
# Before a worker that broke off is begun again.
_PAUSE_SECONDS = 2.0


def free_port(host: str, port: int, *, exactly: bool = False) -> int:
    """Return `port`, or the next one that nobody listens on; refuse where it must be that one."""
    for candidate in range(port, port + (1 if exactly else _NEXT)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            # As the server does: a port whose last connections are still closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise InputError(f"something listens on {host}:{port} already; name another --port")


def serve_forever(host: str, port: int, *, workers: int = 1, work: bool = True) -> None:
    """Serve the installation that is open, and do its work, until Ctrl-C or SIGTERM.

    The worker is a process of its own, so that planning a day never makes a screen wait. Without
    `work` there is none here: others do it, on whatever machine.
    """
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    logging.getLogger("granian").setLevel(logging.WARNING)
    # A process that has reckoned must not be forked: the threads it reckons with are not there in
    # the copy, and whoever waits for them waits for ever. So the server's are begun afresh.
    multiprocessing.set_start_method("spawn", force=True)
    os.environ["TENOR_DATA"] = str(settings.DATA)
    with _worker() if work else nullcontext():
        Granian(
            "tenor.platform.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            log_level=LogLevels.warning,
            websockets=False,
            respawn_failed_workers=True,
        ).serve()


def show(url: str, *, browser: bool) -> None:
    """Open the address in a browser where there is a screen to open one on."""
    windows = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if browser and sys.stdout.isatty() and (windows or sys.platform in ("darwin", "win32")):
        webbrowser.open(url)


@contextmanager
def _worker() -> Iterator[None]:
    """Keep a worker at work beside the server; it finishes the job in hand before it stops.

    One that breaks off is begun again: the job that it had is taken up by the next.
    """
    from django.conf import settings

    environment = os.environ | {"TENOR_DATA": str(settings.DATA)}
    command = [sys.executable, "-m", "tenor.cli.main", "work"]
    stopping = threading.Event()
    process = subprocess.Popen(command, env=environment)

    def keep() -> None:
        nonlocal process
        while not stopping.is_set():
            process.wait()
            if not stopping.wait(_PAUSE_SECONDS):
                process = subprocess.Popen(command, env=environment)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        process.terminate()
        keeper.join(_PATIENCE_SECONDS)
        if keeper.is_alive():
            process.kill()
            click.echo("The worker did not stop in time; its job is taken up again.", err=True)
