"""What imports leave behind: the files as they were given, which name everybody in them."""

from datetime import datetime

from tenor.platform.connectors import folders
from tenor.platform.connectors.models import Import
from tenor.platform.core.models import Organisation

State = Import.State


def expire(organisation: Organisation, before: datetime) -> int:
    """Remove the files of imports that were ended with before an instant; say of how many.

    What was imported stands in the ledger, each part with the import that it came from; the row of
    the import stays, with its counts.
    """
    ended = Import.objects.of(organisation).filter(
        state__in=[State.WRITTEN, State.REFUSED, State.CANCELLED], created_at__lt=before
    )
    left = [row for row in ended if folders.has_files(row)]
    for row in left:
        folders.forget(row)
    return len(left)
