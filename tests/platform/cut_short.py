"""Run an organisation's day in processes that are killed; print what they left behind, as JSON.

python tests/platform/cut_short.py POINTS

Each point is a share of the statements that an uncut day sends to the database: at that statement
the process kills itself with SIGKILL, and another takes the day up. Every day begins from a copy
of the same books. Nothing here uses polars before it forks: its threads do not survive that.
"""

import json
import os
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "platform_settings"

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

import make  # noqa: E402
from cast import NOW, make_cast  # noqa: E402
from tenor.platform.core.models import Organisation  # noqa: E402
from tenor.platform.decisions.models import Decision, Run, Score, Signal, Task  # noqa: E402
from tenor.platform.events.models import Event  # noqa: E402
from tenor.platform.governance.models import PolicyVersion  # noqa: E402
from tenor.platform.jobs.day import run_day  # noqa: E402
from tenor.platform.ledger.actions import make_promise, start_hold  # noqa: E402
from tenor.platform.ledger.models import Invoice  # noqa: E402
from tenor.platform.outreach.models import Message  # noqa: E402

RULES = """
[channels.call]
cost = 4.5
capacity_per_day = 3
hours = "09:00-17:00"
days = "Mon-Fri"
[channels.email]
cost = 0.02
[review]
escalate_without_person = true
sample = 0.0
"""
# Told by the machine's clock, which no made-up present moves.
OWN_TIME = ("created_at", "updated_at")
SETTINGS = {
    "automatic": ["all"], "read_only": False, "control_share": 0.3,
    "ladder": [[1, "email", "friendly"], [14, "call", "firm"]],
}  # fmt: skip


def main() -> None:
    """Print the days' results: the uncut one first."""
    points = [float(text) for text in sys.argv[1:]]
    in_child(make_books, "books")
    results = [result("uncut", None)]
    statements = int(Path(f"{folder()}/statements").read_text())
    results += [result(f"cut{n}", max(1, int(p * statements))) for n, p in enumerate(points)]
    print(json.dumps(results))


def result(name: str, at: int | None) -> dict[str, Any]:
    """Run a day on a copy of the books, killed at statement `at`, and taken up again."""
    copy("books", name)
    status = in_child(lambda: day(at), name)
    if at is not None:
        in_child(lambda: day(None), name)
    in_child(left_behind, name)
    found = json.loads(Path(f"{folder()}/left").read_text())
    return {"killed": os.WIFSIGNALED(status) and os.WTERMSIG(status), "left": found}


def make_books() -> None:
    """Make twenty customers whose invoices are anything from not due to long overdue."""
    # The tables at once, as in the other tests.
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", verbosity=0, run_syncdb=True)
    cast = make_cast()
    cast.organisation.settings = SETTINGS
    cast.organisation.save()
    PolicyVersion.objects.of(cast.organisation).create(
        number=1, text=RULES, state="live", drafted_at=NOW
    )
    for number in range(20):
        due = NOW.date() - timedelta(days=4 * number - 6)
        make.invoice(cast, f"F{number}", customer=f"C{number}", amount=100 + number, due_on=due)
    promise = {"promised_on": NOW.date() - timedelta(days=5), "source": "call"}
    make.at(cast, NOW - timedelta(days=7))
    make_promise(cast.system, customer_key="C4", invoice_keys=["F4"], **promise)
    start_hold(cast.system, customer_key="C5", reason="agreed", ends_at=NOW - timedelta(days=1))
    make.at(cast, NOW)


def day(at: int | None) -> None:
    """Do the day; at statement `at`, die."""
    count = 0

    def counted(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        run_day(Organisation.objects.get(slug="delta"))
    Path(f"{folder()}/statements").write_text(str(count))


def left_behind() -> None:
    """Write down all that the day left in the books, apart from numbers of rows."""
    organisation = Organisation.objects.get(slug="delta")
    tables = (Run, Decision, Score, Signal, Task, Message, Event, Invoice)
    found = {}
    for table in tables:
        fields = [
            f.attname for f in table._meta.concrete_fields
            if not (f.primary_key or f.is_relation or f.name in OWN_TIME)
        ]  # fmt: skip
        rows = table.objects.of(organisation).values(*fields)
        found[table.__name__] = sorted(json.dumps(r, default=str, sort_keys=True) for r in rows)
    Path(f"{folder()}/left").write_text(json.dumps(found))


def in_child(work: Any, name: str) -> int:
    """Do `work` in a process of its own, on the database `name`; return how it ended."""
    number = os.fork()
    if number == 0:
        connections["default"].settings_dict["NAME"] = database(name)
        try:
            work()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        connections.close_all()
        os._exit(0)
    _, status = os.waitpid(number, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"{name} failed")
    return status


def folder() -> Path:
    return Path(settings.DATA)


def database(name: str) -> str:
    """Return the database called `name`, empty where it is new."""
    if connection.vendor == "sqlite":
        return str(folder() / f"{name}.sqlite3")
    full = f"cut_short_{os.environ['CUT_SHORT']}_{name}"
    if name == "books":
        _administer(f"DROP DATABASE IF EXISTS {full}", f"CREATE DATABASE {full}")
    return full


def copy(source: str, target: str) -> None:
    """Copy a database that nobody is connected to."""
    if connection.vendor == "sqlite":
        shutil.copy(database(source), database(target))
        return
    name = f"cut_short_{os.environ['CUT_SHORT']}_"
    _administer(
        f"DROP DATABASE IF EXISTS {name}{target}",
        f"CREATE DATABASE {name}{target} TEMPLATE {name}{source}",
    )


def _administer(*statements: str) -> None:
    import psycopg

    given = connections["default"].settings_dict
    with psycopg.connect(
        dbname="postgres", user=given["USER"], host=given["HOST"], autocommit=True
    ) as server:
        for statement in statements:
            server.execute(statement)


if __name__ == "__main__":
    main()
