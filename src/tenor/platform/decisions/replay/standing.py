"""In which days' kept facts a person stands: an index, so that nobody's erasure opens all of them.

A row a person and stretch of days. From one day to the next few come or go, so that a day writes
few rows however many people there are.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Run, Standing

_A_TIME = 500


def note(run: Run, customer_keys: Iterable[str]) -> None:
    """Note who stands in the facts of a run, in the transaction in which the run names them."""
    rows, keys = Standing.objects.of(run.organisation_id), set(customer_keys)
    still = rows.filter(last_day=None)
    # A day that is planned anew holds again whom an erasure took out of it.
    still.filter(first_day__gt=run.day).update(first_day=run.day)
    known = set(still.values_list("customer_key", flat=True))
    rows.bulk_create(
        [Standing(customer_key=key, first_day=run.day) for key in sorted(keys - known)],
        batch_size=_A_TIME,
    )
    gone = sorted(known - keys)
    for start in range(0, len(gone), _A_TIME):
        some = still.filter(customer_key__in=gone[start : start + _A_TIME])
        some.update(last_day=run.day - timedelta(days=1))
    rows.filter(last_day__lt=F("first_day")).delete()


def runs_with(organisation: Organisation, customer_key: str) -> "QuerySet[Run]":
    """Return the runs in whose facts a person stands by the index, the oldest first."""
    rows = Standing.objects.of(organisation).filter(customer_key=customer_key)
    days = Q(pk__in=[])
    for first, last in rows.values_list("first_day", "last_day"):
        days |= Q(day__gte=first) & (Q(day__lte=last) if last else Q())
    kept: QuerySet[Run] = Run.objects.of(organisation).exclude(facts="").filter(facts_indexed=True)
    return kept.filter(days).order_by("day")


def taken_out(organisation: Organisation, customer_key: str, day: date) -> None:
    """Note that a person stands in no facts of that day, nor of any before it."""
    rows = Standing.objects.of(organisation).filter(customer_key=customer_key)
    rows.filter(first_day__lte=day).update(first_day=day + timedelta(days=1))
    rows.filter(last_day__lt=F("first_day")).delete()


def forget(organisation: Organisation, customer_key: str) -> None:
    """Forget where a person stood, once they stand nowhere."""
    Standing.objects.of(organisation).filter(customer_key=customer_key).delete()


def expire(organisation: Organisation, before: date) -> None:
    """Forget of the days before that day who stood in them."""
    Standing.objects.of(organisation).filter(last_day__lt=before).delete()
