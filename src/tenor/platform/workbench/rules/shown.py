"""What the screens about rules show of a version: its place, its changes, its dry run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.roles import Right
from tenor.platform.governance import queries
from tenor.platform.ledger.queries.names import names_of
from tenor.platform.workbench.rules import fields, words
from tenor.platform.workbench.templatetags.tenor import count, money, word

Text = str | Promise
# So many differences are read at a glance; the others are a click away.
_FIRST = 12


@dataclass(frozen=True)
class Listed:
    """A version as a list shows it: its state in words, and who did what."""

    row: Any
    state: Text
    meaning: str

    @classmethod
    def of(cls, row: Any) -> "Listed":
        """Put the words of its state beside a version."""
        name, meaning = words.STATES[row.state]
        if row.state == "retired" and row.decided_at is None:
            name = pgettext("rules", "Set aside")
        return cls(row, name, meaning)


@dataclass(frozen=True)
class Side:
    """A figure of both plans, written, with what changed in words."""

    name: Text
    before: str
    after: str
    change: str = ""


def tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """Return the places of the rules."""
    slug = request.organisation.slug  # type: ignore[attr-defined]
    names = [
        ("rules", pgettext("rules", "In force")),
        ("rules_segments", _("Segments")),
        ("rules_predictor", _("Predictor")),
        ("rules_versions", _("Versions")),
    ]
    return [
        {"name": name, "href": reverse(f"workbench:{route}", args=[slug]), "here": route == here}
        for route, name in names
    ]


def ways(request: HttpRequest, version: Any, here: str) -> list[dict[str, Any]]:
    """Return in which ways a version can be looked at."""
    slug = request.organisation.slug  # type: ignore[attr-defined]
    address = reverse("workbench:rules_version", args=[slug, version.number])
    names = [("form", _("As a form")), ("text", _("As text")), ("changes", _("What it changes"))]
    return [
        {"name": name, "href": f"{address}?as={way}", "here": way == here} for way, name in names
    ]


def numbered(text: str, mistakes: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the lines of a text; those with a mistake are marked."""
    wrong = {mistake.line for mistake in mistakes}
    return [
        {"text": line, "wrong": at in wrong} for at, line in enumerate(text.splitlines(), start=1)
    ]


def changes_of(request: HttpRequest, version: Any) -> dict[str, Any]:
    """Compare a version with the rules in force; one that was in force, with those before it."""
    organisation = request.organisation  # type: ignore[attr-defined]
    every = queries.versions(organisation)
    live = queries.live_policy_version(organisation)
    base = live
    if live is None or version.number <= live.number:
        base = next((v for v in every if v.number < version.number and v.decided_at), None)
    before = queries.policy_of(base) if base else Policy()
    after = queries.policy_of(version)
    currency = after.objective.currency
    return {
        "base": base,
        "values": [
            {
                "name": fields.words_of(c.key),
                "key": c.key,
                "before": fields.readable(c.key, c.before, currency),
                "after": fields.readable(c.key, c.after, currency),
            }
            for c in queries.value_difference(before, after)
        ],
        "lines": queries.text_difference(base.text if base else "", version.text),
    }


def dry_run_of(request: HttpRequest, version: Any) -> dict[str, Any]:
    """Return the dry run of a version as it is shown, or how far the one under way is."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = actor.organisation
    job = queries.work_under_way(organisation, "dry_run", number=version.number)
    running = job is not None and job.state == "waiting"
    found = version.dry_run
    shown: dict[str, Any] = {
        "job": job if running else None,
        "failed": job is not None and job.state == "failed",
        "done": percentage(job) if running else 0,
        "may_run": actor.may(Right.RULES),
        "dry": None,
        "without": found.get("without", ""),
    }
    if not found or "before" not in found:
        return shown
    before, after, currency = found["before"], found["after"], found["currency"]
    names = names_of(organisation, {row["customer"] for row in found["differences"]})
    rows = [_difference(row, names) for row in found["differences"]]
    return shown | {
        "dry": {
            "as_of": parse_datetime(found["as_of"]),
            "against": found["against"],
            "customers": after["customers"],
            "changed": found["changed"],
            "currency": currency,
            "figures": _figures(before, after, currency),
            "channels": _channels(before, after),
            "changes": [
                (words.CHANGES.get(kind, kind), number, _share(number, found["changed"]))
                for kind, number in found["changes"].items()
            ],
            "differences": rows[:_FIRST],
            "others": rows[_FIRST:],
            "more": found["changed"] - len(found["differences"]),
            "customer_pages": has_customer_pages(organisation.slug),
        }
    }


def has_customer_pages(slug: str) -> bool:
    """Say whether a customer has a page of its own that a name can lead to."""
    try:
        reverse("workbench:customer", args=[slug, "any"])
    except NoReverseMatch:
        return False
    return True


def percentage(job: Any) -> int:
    """Return how far a job is, 0 to 100."""
    done, of = job.progress.get("done", 0), job.progress.get("of", 0)
    return round(100 * done / of) if of else 0


def _share(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _figures(before: dict[str, Any], after: dict[str, Any], currency: str) -> list[Side]:
    """Return the figures of both plans in the order in which people ask for them."""

    def verdict(plan: dict[str, Any], name: str) -> int:
        return int(plan["verdicts"].get(name, 0))

    numbers: list[tuple[str, int, int]] = [
        (_("Contacts"), before["contacts"], after["contacts"]),
        (_("A person sees it first"), verdict(before, "review"), verdict(after, "review")),
        (_("Left alone"), verdict(before, "wait"), verdict(after, "wait")),
        (_("Hand-overs"), verdict(before, "escalate"), verdict(after, "escalate")),
    ]
    amounts: list[tuple[str, str]] = [
        (_("Cost of contacts"), "cost"),
        (_("Expected gain after costs"), "gain"),
        (_("Expected payments in the outcome window"), "expected_paid"),
        (_("Of these, because of contacts"), "expected_more"),
    ]
    return [
        *(Side(name, count(a), count(b), _signed(b - a)) for name, a, b in numbers),
        *(
            Side(
                name,
                money(before[key], currency),
                money(after[key], currency),
                _signed_money(after[key] - before[key], currency),
            )
            for name, key in amounts
        ),
    ]


def _channels(before: dict[str, Any], after: dict[str, Any]) -> list[Side]:
    def number(plan: dict[str, Any], channel: str) -> int:
        return int(plan["channels"].get(channel, {}).get("count", 0))

    every = sorted({*before["channels"], *after["channels"]})
    return [
        Side(
            word(c),
            count(number(before, c)),
            count(number(after, c)),
            _signed(number(after, c) - number(before, c)),
        )
        for c in every
    ]


def _difference(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return row | {
        "name": names.get(row["customer"], row["customer"]),
        "words": words.CHANGES.get(row["change"], row["change"]),
        "before": _side(row["before"]),
        "after": _side(row["after"]),
    }


def _side(side: dict[str, Any]) -> dict[str, Any]:
    at: datetime | None = parse_datetime(side["send_at"]) if side["send_at"] else None
    contact = side["channel"] or side["verdict"]
    return side | {"send_at": at, "contact": contact}


def _signed(change: int) -> str:
    if not change:
        return _("the same")
    return f"+{count(change)}" if change > 0 else f"−{count(-change)}"


def _signed_money(change: float, currency: str) -> str:
    if abs(change) < 0.005:
        return _("the same")
    return f"+{money(change, currency)}" if change > 0 else money(change, currency)
