"""What customers are called, for lists that know them by their keys."""

from collections.abc import Collection

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer


def names_of(organisation: Organisation, keys: Collection[str]) -> dict[str, str]:
    """Return the names of a few hundred customers at most, by their keys."""
    rows = Customer.objects.of(organisation).filter(key__in=sorted(keys)[:500])
    return {key: name for key, name in rows.values_list("key", "name") if name}
