"""Send all that is due: again and again until nothing is left; say aloud where nothing went."""

from tenor.platform.core import clock
from tenor.platform.core.actor import system
from tenor.platform.core.models import Organisation
from tenor.platform.outreach.actions import Sent, send_due, tell_what_happened
from tenor.platform.outreach.foreign import listen
from tenor.platform.outreach.silence import notice_silence

# So many at a time, so that others get a turn at the database in between.
_AT_ONCE = 500


def send_all_due(organisation: Organisation) -> Sent:
    """Send everything whose moment has come; return what came of the last round."""
    tell_what_happened(system(organisation), clock.now(organisation))
    while True:
        done = send_due(organisation, limit=_AT_ONCE)
        if max(done.planned, done.sent, done.calls, done.handed_over) < _AT_ONCE:
            return done


def say_if_silent(organisation: Organisation) -> int:
    """Say aloud where nothing went out today though something was to; return how much."""
    listen(organisation)
    return notice_silence(organisation)
