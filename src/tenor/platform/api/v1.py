"""The API, version 1: all its routes together."""

from tenor.platform.api.door import Api
from tenor.platform.api.routes import (
    agreements,
    bank,
    contacts,
    customers,
    decisions,
    events,
    invoices,
    learning,
    payments,
    rights,
    scores,
    webhooks,
)

_DESCRIPTION = """\
Customers, invoices and payments in; scores, decisions and what happens out.

Every request carries an API key: `Authorization: Bearer tenor_…`. The key says whose
organisation it is about, and its scopes what it may do. Amounts are strings, never floats.
Instants carry their offset. Lists come in pages: follow `next` until there is none. A POST may
be sent again under an `Idempotency-Key`. A refusal is a problem (RFC 9457), and changed nothing.
"""

api = Api(
    title="Tenor",
    version="1",
    description=_DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
)
for part in (
    # Before customers: their keys may hold a slash, and would take the rest of the address in.
    rights,
    customers,
    invoices,
    agreements,
    payments,
    bank,
    events,
    contacts,
    scores,
    decisions,
    learning,
    webhooks,
):
    api.add_router("", part.door)
