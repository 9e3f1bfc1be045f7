"""Take a person out of the facts that were kept, and let facts go that were kept long enough."""

import os
import shutil
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Basis, Common, Earlier, Examined, Run
from tenor.platform.decisions.replay import keeping, kept, standing
from tenor.platform.decisions.replay.kept import Gone

# The tables whose rows say of themselves whose they are; those of payments and of some events are
# found by the invoice.
_OWN = ("customers", "invoices", "contacts", "events", kept.WHO)
# Nothing takes as long as this to be written.
_IN_THE_MAKING = timedelta(hours=1)


def times_with(organisation: Organisation, customer_key: str) -> int:
    """Return in how many days' facts, and those of decisions made alone, a customer stands."""
    days = standing.runs_with(organisation, customer_key).count()
    days += len(_unindexed_with(organisation, customer_key))
    return int(days + _alone(organisation, customer_key).count())


def runs_with(organisation: Organisation, customer_key: str) -> list[Run]:
    """Return the runs in whose facts a customer stands, the oldest first."""
    found = [
        *standing.runs_with(organisation, customer_key),
        *_unindexed_with(organisation, customer_key),
    ]
    return sorted(found, key=lambda run: run.day)


def take_out(run: Run, customer_key: str) -> bool:
    """Take a customer out of the facts of one run; say whether they stood there.

    Safe to be cut short, and to begin again: the facts without them are written whole beside the
    others, and the run names one or the other. Of several at once the second waits for the first,
    and finds what it left. For one person the oldest run comes first.
    """
    with transaction.atomic():
        now: Run = Run.objects.of(run.organisation_id).select_for_update().get(pk=run.pk)
        there = bool(now.facts) and _stands_in(now, customer_key)
        if there:
            before = kept.path_of(now.facts)
            rows = Run.objects.of(now.organisation_id).filter(pk=now.pk)
            rows.update(**_without(now, customer_key))
            transaction.on_commit(lambda: shutil.rmtree(before, ignore_errors=True))
        standing.taken_out(run.organisation, customer_key, now.day)
    return there


def forget(organisation: Organisation, customer_key: str) -> int:
    """Take a customer out of all facts that are kept; return out of how many."""
    count = _alone(organisation, customer_key).update(content=b"")
    # They had a part in what was usual among all: from what is left it is worked out anew.
    Common.objects.of(organisation).filter(kind=Common.Kind.USUAL).delete()
    count += sum(take_out(run, customer_key) for run in runs_with(organisation, customer_key))
    standing.forget(organisation, customer_key)
    sweep(organisation)
    return int(count)


def sweep(organisation: Organisation) -> int:
    """Remove the folders that no run names (any more), left by work that was cut short.

    What may be in the making is left alone: what came after the folder that the run names, and the
    facts of a day that is not planned yet, for an hour.
    """
    runs = Run.objects.of(organisation).values_list("pk", "facts")
    named = {pk: Path(facts).name for pk, facts in runs if facts}
    fresh = clock.real_now().timestamp() - _IN_THE_MAKING.total_seconds()
    gone = 0
    for path in kept.path_of(kept.home_of(organisation)).glob("*"):
        name = named.get(kept.run_of(path.name), "")
        older = bool(name) and kept.turn_of(path.name) < kept.turn_of(name)
        if path.name == name or not (older or path.stat().st_mtime < fresh):
            continue
        shutil.rmtree(path, ignore_errors=True)
        gone += 1
    return gone


def expire(organisation: Organisation) -> int:
    """Remove the facts of days, and of decisions, longer ago than the installation keeps them."""
    first = clock.today(organisation) - timedelta(days=settings.KEEP_FACTS_DAYS)
    old = list(Run.objects.of(organisation).exclude(facts="").filter(day__lt=first))
    for run in old:
        shutil.rmtree(kept.path_of(run.facts), ignore_errors=True)
    numbers = [run.pk for run in old]
    Run.objects.of(organisation).filter(pk__in=numbers).update(facts="", facts_digest="")
    standing.expire(organisation, first)
    sweep(organisation)
    before = datetime.combine(first, time(), tzinfo=clock.zone(organisation))
    gone = int(Basis.objects.of(organisation).filter(as_of__lt=before).delete()[0])
    Earlier.objects.of(organisation).filter(decided_at__lt=before).delete()
    Examined.objects.of(organisation).filter(at__lt=before).delete()
    used = Basis.objects.of(organisation)
    shared = Common.objects.of(organisation).filter(kept_at__lt=before)
    shared.exclude(digest__in=used.values("way")).exclude(digest__in=used.values("usual")).delete()
    return len(old) + gone


def _alone(organisation: Organisation, customer_key: str) -> "QuerySet[Basis]":
    rows: QuerySet[Basis] = Basis.objects.of(organisation).filter(customer__key=customer_key)
    return rows.exclude(content=b"")


def _unindexed_with(organisation: Organisation, customer_key: str) -> list[Run]:
    """Return the runs from before there was an index in whose facts a customer stands."""
    rows = Run.objects.of(organisation).exclude(facts="").filter(facts_indexed=False)
    return [run for run in rows.order_by("day") if _stands_in(run, customer_key)]


def _stands_in(run: Run, customer_key: str) -> bool:
    """Say whether a customer stands in the facts of a run."""
    try:
        manifest = kept.manifest_of(run)
    except Gone:
        # Altered by another hand: what is there is looked through whatever it says of itself.
        manifest = {"parts": 0}
    folder = kept.path_of(run.facts)
    number = _part(customer_key, manifest["parts"])
    wanted = "*" if number is None else f"{number:04}"
    for name in _OWN:
        for path in folder.glob(f"{name}-{wanted}.parquet"):
            if customer_key in pl.read_parquet(path, columns=["customer_id"])["customer_id"]:
                return True
    return False


def _part(customer_key: str, parts: int) -> int | None:
    return int(kept.part_of(pl.Series([customer_key]), parts)[0]) if parts else None


def _without(run: Run, customer_key: str) -> dict[str, Any]:
    """Write the facts of a run without a customer beside the others; return what names them."""
    folder = kept.path_of(run.facts)
    try:
        manifest: dict[str, Any] = kept.manifest_of(run)
    except Gone:
        # Nothing can be decided again from facts that were altered: they go as a whole.
        return {"facts": "", "facts_digest": ""}
    manifest["erased"] += 1
    target = f"{kept.folder_of(run)}-{manifest['erased']}"
    beside = kept.path_of(target)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    ending = f"-{_part(customer_key, manifest['parts']):04}.parquet"
    frames = {}
    for name in manifest["files"]:
        if name.endswith(ending):
            frames[name] = pl.read_parquet(folder / name)
        else:
            _same(folder / name, beside / name)
    for name, left in _left(frames, customer_key).items():
        manifest["files"][name] = keeping.write(beside / name, left)
    return {"facts": target, "facts_digest": keeping.write_manifest(beside, manifest)}


def _left(frames: dict[str, pl.DataFrame], customer_key: str) -> dict[str, pl.DataFrame]:
    """Return the tables of a part without a customer and what belongs to their invoices."""
    invoices = next((f for name, f in frames.items() if name.startswith("invoices")), None)
    ids = pl.Series([], dtype=pl.String)
    if invoices is not None:
        ids = invoices.filter(customer_id=customer_key)["invoice_id"]
    found = {}
    for name, frame in frames.items():
        theirs = pl.lit(False)
        if "customer_id" in frame.columns:
            theirs |= (pl.col("customer_id") == customer_key).fill_null(False)
        if "invoice_id" in frame.columns and len(ids):
            theirs |= pl.col("invoice_id").is_in(ids.implode()).fill_null(False)
        found[name] = frame.filter(~theirs)
    return found


def _same(file: Path, beside: Path) -> None:
    """Let a file stand in a second folder; where one file cannot stand in two, copied."""
    try:
        os.link(file, beside)
    except OSError:
        shutil.copy2(file, beside)
