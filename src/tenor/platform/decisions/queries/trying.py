"""Who could take part in an experiment today."""

from collections.abc import Collection

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Score
from tenor.platform.experiments.drawing import due_soon


def able_to_take_part(organisation: Organisation, segments: Collection[str] = ()) -> int:
    """Count the customers who owe something that is due, or soon will be, of these segments."""
    owing = due_soon(organisation, clock.now(organisation), ())
    if not segments:
        return len(owing)
    rows = Score.objects.of(organisation).filter(segment__in=list(segments))
    return len(owing & set(rows.values_list("invoice__customer__key", flat=True)))
