"""How far people come on their own page: who looked, which way they began, and who got there."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from tenor.engine.events import Kind
from tenor.platform.core.models import Organisation
from tenor.platform.events.models import Event
from tenor.platform.ledger.models import Payment

# As the page tells it when somebody begins a way.
STEP = "step_begun"
# What can be said about the page; a rating from elsewhere on another scale is not counted.
SCORES = (1, 2, 3, 4, 5)
# The ways that a page offers, each with the event that says that somebody came to its end.
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "spread": (Kind.PLAN_AGREED, {}),
    "promise": (Kind.PROMISED, {}),
    "dispute": (Kind.DISPUTED, {}),
    "person": (Kind.REPLIED, {"channel": "page"}),
    "tight": (Kind.HOLD_STARTED, {"reason": "hardship"}),
}


@dataclass(frozen=True)
class Way:
    """How many customers began a way on their page, and how many of these came to its end."""

    path: str
    begun: int
    done: int


@dataclass(frozen=True)
class Rating:
    """How clear and fair people called their page: how many said it, and 1 to 5 on average."""

    count: int
    mean: float | None


def rating(organisation: Organisation, since: datetime) -> Rating:
    """Return what people said about their page since an instant; each customer's latest counts."""
    rows = (
        Event.objects.of(organisation).filter(at__gte=since, kind=Kind.RATED).order_by("at", "pk")
    )
    latest: dict[str, int] = {}
    for key, text in rows.values_list("customer_key", "detail").iterator():
        score = (json.loads(text) if text else {}).get("score")
        if score in SCORES:
            latest[key] = int(score)
    if not latest:
        return Rating(0, None)
    return Rating(len(latest), sum(latest.values()) / len(latest))


def completion(organisation: Organisation, since: datetime) -> tuple[int, list[Way]]:
    """Return how many customers looked at their page since an instant, and how each way went.

    Who began a way counts as done where what it leads to happened since, on the page or elsewhere.
    """
    kinds = {Kind.PAGE_VISITED, STEP, *(kind for kind, _more in WAYS.values())}
    rows = Event.objects.of(organisation).filter(at__gte=since, kind__in=kinds)
    looked: set[str] = set()
    begun: dict[str, set[str]] = defaultdict(set)
    paid = Payment.objects.of(organisation).filter(paid_at__gte=since, reversed_at=None)
    done = {"pay": set(paid.values_list("customer__key", flat=True))} | {way: set() for way in WAYS}
    for kind, key, text in rows.values_list("kind", "customer_key", "detail").iterator():
        detail = json.loads(text) if text else {}
        if kind == Kind.PAGE_VISITED:
            looked.add(key)
        elif kind == STEP:
            begun[detail.get("path", "")].add(key)
        else:
            for way, (end, more) in WAYS.items():
                if kind == end and more.items() <= detail.items():
                    done[way].add(key)
    return len(looked), [Way(way, len(begun[way]), len(begun[way] & done[way])) for way in done]
