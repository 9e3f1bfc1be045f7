"""Remove what has run out: what an erasure had to leave, behaviour, files, answered requests.

Safe to run twice, and at any time: each day does what is due by then.
"""

from collections import Counter
from datetime import UTC, datetime, time

from django.db import transaction

from tenor.engine.law.days import plus_months
from tenor.engine.law.rights.retention import Retention
from tenor.platform.connectors import privacy as connectors
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import system
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.replay import forgetting
from tenor.platform.events import privacy as events
from tenor.platform.ledger import privacy as ledger
from tenor.platform.ledger.holding import packs_of
from tenor.platform.ledger.models import Customer
from tenor.platform.privacy.actions import keep, remove, resume_erasures
from tenor.platform.privacy.erasing import lines_of
from tenor.platform.privacy.models import Kept, RightsRequest
from tenor.platform.replies import privacy as replies


def expire(organisation: Organisation) -> dict[str, int]:
    """Remove what nothing keeps any more; say how many rows of each kind went."""
    gone: Counter[str] = Counter()
    keys = (
        Kept.objects.of(organisation).filter(ended_at=None).values_list("customer_key", flat=True)
    )
    for key in sorted(set(keys)):
        gone += _of_erased(organisation, key)
    gone["behaviour"] += events.expire(organisation, _limit(organisation, "behaviour event"))
    gone["files"] += connectors.expire(organisation, _limit(organisation, "import file"))
    gone["replies"] += replies.expire(organisation, _limit(organisation, "behaviour event"))
    resume_erasures(organisation)
    gone["facts"] += forgetting.expire(organisation)
    gone["requests"] += _requests(organisation)
    found = {name: count for name, count in gone.items() if count}
    if found:
        subject = f"organisation:{organisation.slug}"
        audit.record(system(organisation), "rights.expire", subject, after=found)
    return found


@transaction.atomic
def _of_erased(organisation: Organisation, key: str) -> Counter[str]:
    """Weigh anew what is left of somebody who asked to be erased; remove what may go by now."""
    gone: Counter[str] = Counter()
    rows = Kept.objects.of(organisation).select_for_update()
    left = list(rows.filter(customer_key=key, ended_at=None).select_related("request"))
    customer = Customer.objects.of(organisation).filter(key=key).first()
    lines = lines_of(organisation, customer) if customer is not None else []
    # What is new since then is no part of what was asked.
    parts = {(row.app, row.part) for row in left}
    lines = [line for line in lines if (line.app, line.part) in parts]
    for line in lines:
        if line.erased and customer is not None:
            gone[line.part] += remove(system(organisation), customer, line)
    still = {(line.app, line.part, line.year): line for line in lines if not line.erased}
    now = clock.now(organisation)
    for row in left:
        found = still.pop((row.app, row.part, row.year), None)
        if found is None:
            row.ended_at = now
        else:
            row.until, row.rule, row.source = found.until, found.rule, found.source
            row.why, row.count = found.why[:500], found.count
        row.save(update_fields=["ended_at", "until", "rule", "source", "why", "count"])
    if customer is not None and left:
        # Books that a later payment moved into another year are kept under that one.
        keep(left[0].request, customer, list(still.values()))
        over = not Kept.objects.of(organisation).filter(customer_key=key, ended_at=None).exists()
        gone["customers"] += over and ledger.forget(organisation, key)
    return gone


def _requests(organisation: Organisation) -> int:
    """Remove requests that were answered so long ago that nobody asks for the proof any more."""
    before = _limit(organisation, "rights request")
    rows = RightsRequest.objects.of(organisation).filter(decided_at__lt=before)
    # What an erasure keeps is looked after until it has ended.
    done = rows.exclude(pk__in=_unended(organisation))
    count = int(done.count())
    done.delete()
    return count


def _unended(organisation: Organisation) -> object:
    return Kept.objects.of(organisation).filter(ended_at=None).values("request_id")


def _limit(organisation: Organisation, record: str) -> datetime:
    """Return the instant before which rows of a record have run out, by the organisation's law."""
    pack, today = packs_of(organisation)(""), clock.today(organisation)
    months = max(
        rule.months for _provision, rule in pack.in_force("retention", today)
        if isinstance(rule, Retention) and record in rule.records
    )  # fmt: skip
    return datetime.combine(plus_months(today, -months), time(), tzinfo=UTC)
