"""Send all that is due: again and again until nothing is left."""

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.actions import Sent, send_due

# So many at a time, so that others get a turn at the database in between.
_AT_ONCE = 500


def send_all_due(organisation: Organisation) -> Sent:
    """Send everything whose moment has come; return what came of the last round."""
    while True:
        done = send_due(organisation, limit=_AT_ONCE)
        if max(done.planned, done.sent, done.calls, done.handed_over) < _AT_ONCE:
            return done
