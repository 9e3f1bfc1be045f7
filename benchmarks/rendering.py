"""Messages a second: e-mails and letters from the plan to the handing over, beside the Tryton ERP.

python -m benchmarks.rendering
python -m benchmarks.rendering --customers 500

As many customers with an overdue invoice each. E-mail: planned, asked about, put in words, set as a
page and handed over to a real mail server on this machine, by one worker on SQLite. Letters: all
the way to the printer's download. The ERP: its dunning runs with e-mail over so many customers, as
it times them itself; TENOR_TRYTON names the folder with `up.sh`, which starts it
(`up.sh FOLDER CUSTOMERS PORT SMTP_PORT`), and TENOR_TRYTON_AT a folder in which it is installed
already. Without it nothing stands beside ours.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from benchmarks import letters, sending

RUN = re.compile(r"^\s*([\d.]+)s\s+\d+ calls\s+dunning run \S+ (\d+) processed")
# A mail server of its own process, so that its work is not counted as ours.
SINK = """
import sys, threading
from aiosmtpd.controller import Controller
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("up", flush=True)
threading.Event().wait()
"""


def main() -> None:
    """Measure each in a process of its own, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--here", choices=("email", "letters"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        {"email": emails, "letters": printed}[args.here](args.customers)
        return
    print(f"{args.customers:,} customers with an overdue invoice each, one core", flush=True)
    port = sending.free_port()
    with subprocess.Popen([sys.executable, "-c", SINK, str(port)], stdout=subprocess.PIPE) as sink:
        assert sink.stdout is not None
        sink.stdout.readline()
        for what in ("email", "letters"):
            _own_process(what, args.customers, port)
        sink.kill()
    tryton(args.customers)


def _own_process(what: str, customers: int, port: int) -> None:
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
        environment = {
            **os.environ, "TENOR_DATA": folder, "TENOR_LOG_LEVEL": "ERROR", "TENOR_LETTERS": "",
            "TENOR_DATABASE_URL": f"sqlite:///{folder}/tenor.sqlite3",
            "TENOR_EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "tenor.platform.config.settings",
        }  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.rendering", "--here", what,
                   "--customers", str(customers)]  # fmt: skip
        subprocess.run(command, env=environment, check=True)


def _set_up() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def emails(customers: int) -> None:
    """Send an e-mail to each customer."""
    _set_up()
    from tenor.platform.core.models import Organisation
    from tenor.platform.outreach.actions import send_due
    from tenor.platform.outreach.models import Message

    sending.lay_out(customers)
    organisation = Organisation.objects.get(slug="delta")
    # The first one loads what every process loads once.
    send_due(organisation, sending.NOW, limit=1)
    clock, processor = perf_counter(), process_time()
    while send_due(organisation, sending.NOW, limit=200).sent:
        pass
    clock, processor = perf_counter() - clock, process_time() - processor
    sent = Message.objects.of(organisation).filter(state="sent").count() - 1
    _told("Tenor, e-mail", sent, clock, processor)


def printed(customers: int) -> None:
    """Bring a letter to each customer to the printer's download."""
    _set_up()
    parts = letters.whole_way(customers).values()
    _told("Tenor, letters", customers, sum(c for _p, c in parts), sum(p for p, _c in parts))


def tryton(customers: int) -> None:
    """Have the ERP dun as many customers, and say what it took by its own clock."""
    place = os.environ.get("TENOR_TRYTON", "")
    if not place:
        print("Tryton: not measured, TENOR_TRYTON names no folder with up.sh")
        return
    with tempfile.TemporaryDirectory(prefix="tenor-tryton-") as folder:
        at = os.environ.get("TENOR_TRYTON_AT") or folder
        for left_over in (Path(at) / "db").glob("erp.sqlite*"):
            left_over.unlink()
        command = ["bash", str(Path(place) / "up.sh"), at, str(customers),
                   str(sending.free_port()), str(sending.free_port())]  # fmt: skip
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    runs = [found.groups() for line in answer.stdout.splitlines() if (found := RUN.match(line))]
    for seconds, count in runs:
        if int(count):
            _told("Tryton, a dunning run", int(count), float(seconds))
    _told("Tryton, all its runs", sum(int(n) for _s, n in runs), sum(float(s) for s, _n in runs))


def _told(name: str, count: int, clock: float, processor: float = 0.0) -> None:
    of_processor = f", {count / processor:,.0f} a second of processor" if processor else ""
    print(f"{name:<24}{count:>6,} in {clock:>6.1f} s: {count / clock:>6,.1f} a second by the clock"
          f"{of_processor}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
