"""Have a predictor learned anew in the background: whoever asks, one at a time."""

from typing import Any

from django.db import transaction

from tenor.platform.core import jobs
from tenor.platform.core.models import Job, Organisation

KIND = "fit_predictor"
# Why Tenor asks by itself, other than by the timetable.
UNREADABLE = "unreadable"


def ask(organisation: Organisation, *, turn: str, **payload: Any) -> Job:
    """Put the learning down under the name of its turn, or return the one that is under way.

    Two would learn the same from the same facts, and the second release would push the first out.
    """
    with transaction.atomic():
        # Whoever asks at the same moment waits here, and then finds what was put down.
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        found = under_way(organisation)
        if found is not None:
            return found
        key = f"{KIND}:{organisation.pk}:{turn}"
        return jobs.put(KIND, key=key, organisation=organisation, **payload)


def under_way(organisation: Organisation) -> Job | None:
    """Return the learning that is in hand or waits for its moment."""
    waiting = Job.objects.filter(organisation=organisation, kind=KIND, state=Job.State.WAITING)
    return waiting.order_by("pk").first()
