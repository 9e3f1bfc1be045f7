"""Events a second over the API, on SQLite and PostgreSQL, beside the usual way to take them in.

python -m benchmarks.events
python -m benchmarks.events --batches 200 --workers 2

A real server takes batches of 1,000 from one and from four clients. The usual way is a typed route
with `bulk_create` (benchmarks/rivals/naive_events.py). PostgreSQL is measured where
TENOR_TEST_POSTGRES names a server (`make services` starts one).
"""

import argparse
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from threading import Thread
from time import perf_counter, sleep
from urllib.parse import urlsplit, urlunsplit

import psycopg

SITE = "benchmarks.rivals.naive_events"
ROOT = Path(__file__).parents[1]
SIZE = 1_000
WAYS = {"Tenor": "/api/v1/events", "the usual way": "/naive/events"}


def main() -> None:
    """Measure every way on every database with one and four clients, and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=40, help="of 1,000 events, for each figure")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    args = parser.parse_args()
    print(f"{args.batches} batches of {SIZE:,} events, {args.workers} process(es) of the server\n")
    heads = ("database", "way", "clients", "events/s", "p95 of a batch", "events/processor second")
    print(f"{heads[0]:<11}{heads[1]:<15}{heads[2]:>8}{heads[3]:>11}{heads[4]:>17}{heads[5]:>26}")
    for name, address in databases():
        with database(address) as environment, served(environment, args.workers) as (port, key):
            for way, path in WAYS.items():
                measure(port, path, key, batches=4, clients=1)
                for clients in (1, 4):
                    second, p95, processor = measure(
                        port, path, key, batches=args.batches, clients=clients
                    )
                    print(
                        f"{name:<11}{way:<15}{clients:>8}{second:>11,.0f}{p95:>15.2f} s"
                        f"{processor:>26,.0f}",
                        flush=True,
                    )


def databases() -> Iterator[tuple[str, str]]:
    """Name each database that can be measured, with its address (empty: a file of its own)."""
    yield "SQLite", ""
    if address := os.environ.get("TENOR_TEST_POSTGRES"):
        yield "PostgreSQL", address
    else:
        print("PostgreSQL: not measured, TENOR_TEST_POSTGRES names none")


@contextmanager
def database(address: str) -> Iterator[dict[str, str]]:
    """Make an empty database; yield the environment that leads to it."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
        (Path(folder) / "static").mkdir()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TENOR_")},
            "TENOR_DATA": folder,
            "TENOR_LOG_LEVEL": "ERROR",
        }
        if not address:
            yield environment
            return
        name = f"tenor_bench_{secrets.token_hex(4)}"
        with psycopg.connect(address, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            try:
                url = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
                yield {**environment, "TENOR_DATABASE_URL": url}
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@contextmanager
def served(environment: dict[str, str], workers: int) -> Iterator[tuple[int, str]]:
    """Start the server; yield its port and an API key."""
    made = subprocess.run(
        [sys.executable, "-m", SITE], env=environment, cwd=ROOT, check=True, capture_output=True
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port),
            "--workers", str(workers), "--blocking-threads", "4", "--no-ws", "--log-level", "error",
            f"{SITE}:application",
        ],
        env=environment, cwd=ROOT,
    )  # fmt: skip
    try:
        _await(port, server)
        yield port, made.stdout.decode().split()[-1]
    finally:
        server.terminate()
        server.wait(20)


def measure(
    port: int, path: str, key: str, *, batches: int, clients: int
) -> tuple[float, float, float]:
    """Return events a second, the 95th percentile of a batch, events a second of processor."""
    bodies = [_body(n) for n in range(batches)]
    waits: list[float] = []

    def send() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        while bodies:
            try:
                body = bodies.pop()
            except IndexError:
                return
            begun = perf_counter()
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            said = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {said[:300]!r}")
            waits.append(perf_counter() - begun)
        line.close()

    before, start = _processor(port), perf_counter()
    threads = [Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = perf_counter() - start, _processor(port) - before
    if len(waits) != batches:
        raise RuntimeError("a client failed")
    return batches * SIZE / seconds, quantiles(waits, n=20)[-1], batches * SIZE / used


def _body(number: int) -> bytes:
    run = secrets.token_hex(6)
    events = [
        {
            "key": f"web:{run}:{number}:{n}",
            "kind": "page_visited",
            "at": "2026-03-10T08:00:00.250Z",
            "customer_key": f"C-{(number * SIZE + n) % 20_000:06}",
            "invoice_key": f"F-2026-{n:06}",
            "contact_key": f"M-{run}-{n:05}",
            "detail": {"page": "pay", "seconds": n % 60},
        }
        for n in range(SIZE)
    ]
    return json.dumps({"events": events}).encode()


def _processor(port: int) -> float:
    """Return the seconds of processor that the server has used (of one of its processes)."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/processor")
    seconds = float(line.getresponse().read())
    line.close()
    return seconds


def _await(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        try:
            _processor(port)
        except OSError:
            if server.poll() is not None:
                raise RuntimeError("the server did not start") from None
            sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not answer within a minute")


if __name__ == "__main__":
    main()
