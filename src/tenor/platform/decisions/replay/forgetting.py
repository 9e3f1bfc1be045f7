"""Take a person out of the facts that were kept, and let facts go that were kept long enough."""

import shutil
from datetime import datetime, time, timedelta
from typing import Any

import polars as pl
from django.conf import settings
from django.db.models import QuerySet

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Basis, Common, Earlier, Examined, Run
from tenor.platform.decisions.replay import keeping, kept
from tenor.platform.decisions.replay.kept import Gone

# The tables whose rows say of themselves whose they are; those of payments and of some events are
# found by the invoice.
_OWN = ("customers", "invoices", "contacts", "events", kept.WHO)


def times_with(organisation: Organisation, customer_key: str) -> int:
    """Return in how many days' facts, and those of decisions made alone, a customer stands."""
    days = sum(_stands_in(run, customer_key) for run in _runs(organisation))
    return days + int(_alone(organisation, customer_key).count())


def forget(organisation: Organisation, customer_key: str) -> int:
    """Take a customer out of all facts that are kept; return out of how many.

    Written before the caller's transaction ends: where that fails, less is kept than might be, and
    never more than may be.
    """
    count = _alone(organisation, customer_key).update(content=b"")
    # They had a part in what was usual among all: from what is left it is worked out anew.
    Common.objects.of(organisation).filter(kind=Common.Kind.USUAL).delete()
    for run in _runs(organisation):
        if _stands_in(run, customer_key):
            _take_out(run, customer_key)
            count += 1
    return count


def expire(organisation: Organisation) -> int:
    """Remove the facts of days, and of decisions, longer ago than the installation keeps them."""
    first = clock.today(organisation) - timedelta(days=settings.KEEP_FACTS_DAYS)
    old = list(Run.objects.of(organisation).exclude(facts="").filter(day__lt=first))
    for run in old:
        shutil.rmtree(kept.path_of(run.facts), ignore_errors=True)
    numbers = [run.pk for run in old]
    Run.objects.of(organisation).filter(pk__in=numbers).update(facts="", facts_digest="")
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


def _runs(organisation: Organisation) -> list[Run]:
    return list(Run.objects.of(organisation).exclude(facts="").order_by("day"))


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


def _take_out(run: Run, customer_key: str) -> None:
    folder = kept.path_of(run.facts)
    try:
        manifest: dict[str, Any] = kept.manifest_of(run)
    except Gone:
        # Nothing can be decided again from facts that were altered: they go as a whole.
        shutil.rmtree(folder, ignore_errors=True)
        Run.objects.of(run.organisation_id).filter(pk=run.pk).update(facts="", facts_digest="")
        return
    ending = f"-{_part(customer_key, manifest['parts']):04}.parquet"
    frames = {
        name: pl.read_parquet(folder / name) for name in manifest["files"] if name.endswith(ending)
    }
    invoices = next((f for name, f in frames.items() if name.startswith("invoices")), None)
    ids = pl.Series([], dtype=pl.String)
    if invoices is not None:
        ids = invoices.filter(customer_id=customer_key)["invoice_id"]
    for name, frame in frames.items():
        theirs = pl.lit(False)
        if "customer_id" in frame.columns:
            theirs |= (pl.col("customer_id") == customer_key).fill_null(False)
        if "invoice_id" in frame.columns and len(ids):
            theirs |= pl.col("invoice_id").is_in(ids.implode()).fill_null(False)
        left = frame.filter(~theirs)
        if left.height < frame.height:
            manifest["files"][name] = keeping.write(folder / name, left)
    manifest["erased"] += 1
    digest = keeping.write_manifest(folder, manifest)
    Run.objects.of(run.organisation_id).filter(pk=run.pk).update(facts_digest=digest)
