"""Who is left to the fixed ladder, so that what Tenor brings can be measured."""

import hashlib
from collections.abc import Iterable

from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of

TREATED, CONTROL = "treated", "control"
# Left to the ladder because they objected to profiling: in neither group of the comparison.
UNPROFILED = "unprofiled"


def control_of(organisation: Organisation, customer_keys: Iterable[str]) -> set[str]:
    """Return which of these customers are in the comparison group, always the same ones.

    The lot of a customer is drawn once, from their key: when the share is raised, those who were
    in it stay in it.
    """
    share = preferences_of(organisation).control_share
    if share <= 0.0:
        return set()
    return {key for key in customer_keys if _lot(organisation, key) < share}


def _lot(organisation: Organisation, key: str) -> float:
    # By its name in addresses, which it keeps when its data move to another database.
    text = f"control|{organisation.slug}|{key}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2.0**64
