"""The site of the benchmark of events: Tenor's own address, and the usual way beside it.

The usual way is a typed route and `bulk_create` with conflicts ignored, on the same table and
behind the same keys. It tells no counts, which spares it work.

    python -m benchmarks.rivals.naive_events      makes the database ready and prints a key
"""

import os
from datetime import datetime
from time import process_time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenor.platform.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from ninja import NinjaAPI, Schema  # noqa: E402

from tenor.platform.api.guard import Caller, writing  # noqa: E402
from tenor.platform.core.actor import system  # noqa: E402
from tenor.platform.core.clock import real_now  # noqa: E402
from tenor.platform.core.keys import make_key  # noqa: E402
from tenor.platform.core.people import make_organisation  # noqa: E402
from tenor.platform.core.roles import Scope  # noqa: E402
from tenor.platform.events.models import Event  # noqa: E402

naive = NinjaAPI(title="The usual way", docs_url=None, urls_namespace="naive")


class NewEvent(Schema):
    """One event."""

    key: str
    kind: str
    at: datetime
    customer_key: str = ""
    invoice_key: str = ""
    contact_key: str = ""
    detail: dict[str, Any] | None = None


class Batch(Schema):
    """Many events."""

    events: list[NewEvent]


@naive.post("/events", auth=writing(Scope.EVENTS))
def record_events(request: Caller, batch: Batch) -> dict[str, int]:
    """Keep events, those that are known passed over."""
    received = real_now()
    organisation = request.auth.organisation
    Event.objects.of(organisation).bulk_create(
        [
            Event(
                organisation=organisation,
                received_at=received,
                source="naive",
                **event.model_dump(exclude={"detail"}),
                detail=str(event.detail or ""),
            )
            for event in batch.events
        ],
        ignore_conflicts=True,
    )
    return {"received": len(batch.events)}


def processor(_request: HttpRequest) -> HttpResponse:
    """Tell how many seconds of processor this process has used."""
    return HttpResponse(str(process_time()))


urlpatterns = [
    path("api/", include("tenor.platform.api.urls")),
    path("naive/", naive.urls),
    path("processor", processor),
]
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()


def prepare() -> None:
    """Make the tables, an organisation and a key; print the key."""
    call_command("migrate", verbosity=0)
    organisation = make_organisation(slug="bench", name="Bench")
    print(make_key(system(organisation), name="bench", wanted=["events:write"])[1])


if __name__ == "__main__":
    prepare()
