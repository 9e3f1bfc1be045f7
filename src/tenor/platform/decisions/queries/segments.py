"""How many customers each segment has: what a strategy for a segment is about."""

from django.db.models import Count

from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.queries.plan import latest_run


def customers_by_segment(organisation: Organisation) -> dict[str, int]:
    """Return how many customers with an open invoice the latest plan found in each segment."""
    run = latest_run(organisation)
    if run is None:
        return {}
    rows = Decision.objects.of(organisation).filter(run=run).exclude(segment="")
    return dict(rows.order_by().values_list("segment").annotate(n=Count("pk")))
