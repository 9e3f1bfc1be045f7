"""How far people come after a contact: delivered, opened, visited, started, paid."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.outreach.queries.page import Rating, completion, rating
from tenor.platform.workbench.reports.kept import Kept
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Report, Table
from tenor.platform.workbench.reports.words import number
from tenor.platform.workbench.templatetags.tenor import count, percent, word

_SINCE = timedelta(days=30)
_WAYS: dict[str, str | Promise] = {
    "pay": gettext_lazy("Pay"),
    "spread": gettext_lazy("Pay in parts"),
    "promise": gettext_lazy("Promise a day"),
    "dispute": gettext_lazy("Object to an invoice"),
    "person": gettext_lazy("Ask for a person"),
    "tight": gettext_lazy("Say that money is tight"),
}
STAGES: dict[str, str | Promise] = {
    "sent": gettext_lazy("sent"),
    "delivered": gettext_lazy("delivered"),
    "opened": gettext_lazy("opened"),
    "visited": gettext_lazy("payment page seen"),
    "started": gettext_lazy("payment begun"),
    "paid": gettext_lazy("paid"),
}


def report(organisation: Organisation, kept: Kept) -> Report:
    """Return the report of the journey."""
    rows = kept.funnel
    question = _("Where do people drop out between our message and their payment?")
    empty = _("No contact of the last thirty days is known: what became of contacts stands here.")
    if not rows:
        return Report("journey", _("Journey"), question, notices=[empty])
    total = {stage: sum(row[stage] for row in rows) for stage in STAGES}
    return Report(
        "journey",
        _("Journey"),
        question,
        _facts(total, rows),
        [
            _all(total),
            *(_channel(row) for row in sorted(rows, key=lambda r: -r["sent"])),
            _table(rows),
            *_page(organisation),
        ],
    )


def _page(organisation: Organisation) -> list[Block]:
    """Return how many came to the end of the way that they began on their own page."""
    since = clock.now(organisation) - _SINCE
    looked, ways = completion(organisation, since)
    if not looked:
        return []
    columns = [
        Column(_("Way")), Column(_("begun"), "count"), Column(_("done"), "count"),
        Column(_("done of begun"), "share"),
    ]  # fmt: skip
    rows = [
        [str(_WAYS[w.path]), w.begun, w.done, w.done / w.begun if w.begun else None] for w in ways
    ]
    return [
        Block(
            "page",
            _("On the customer's page"),
            _("%(count)s customers looked at their page in thirty days. How far did they come?")
            % {"count": count(looked)},
            Table(columns, rows),
            note=_rated(rating(organisation, since)),
        )
    ]


def _rated(said: Rating) -> str:
    """Return what people called their page, in a sentence."""
    if said.mean is None:
        return _("Nobody has said yet whether their page is clear and fair.")
    return ngettext(
        "%(count)s customer said how clear and fair their page is: %(mean)s of 5.",
        "%(count)s customers said how clear and fair their page is: %(mean)s of 5 on average.",
        said.count,
    ) % {"count": count(said.count), "mean": number(said.mean, 1)}


def _facts(total: dict[str, int], rows: list[dict[str, Any]]) -> list[Fact]:
    sent = total["sent"]
    widest = max(_drops(rows), key=lambda drop: drop[2], default=None)
    facts = [
        Fact(_("Contacts in thirty days"), count(sent), _("of all channels")),
        Fact(
            _("Followed by a payment"),
            percent(total["paid"] / sent if sent else None),
            _("%(count)s within fourteen days") % {"count": count(total["paid"])},
        ),
    ]
    if widest is not None:
        before, after, lost = widest
        facts.append(
            Fact(
                _("Most are lost between"),
                _("%(before)s → %(after)s") % {"before": STAGES[before], "after": STAGES[after]},
                _("%(share)s do not get further") % {"share": percent(lost)},
            )
        )
    return facts


def _drops(rows: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    """Return each step with the share that does not get further, over channels that show it.

    A letter leaves no trace of being opened: it does not count where opening is looked at.
    """
    found = []
    for before, after in pairwise(stage for stage in STAGES if stage != "paid"):
        shown = [row for row in rows if row[before] and row[after]]
        if shown:
            there, further = (sum(row[stage] for row in shown) for stage in (before, after))
            found.append((before, after, max(0.0, 1 - further / there)))
    return found


def _all(total: dict[str, int]) -> Block:
    return Block(
        "all",
        _("All channels"),
        _("Of all contacts of thirty days, how many reached each step?"),
        form="funnel",
        data=_steps(total),
        note=_(
            "Letters and calls leave no trace of being delivered or opened; people also come to "
            "the payment page, and pay, by themselves."
        ),
    )


def _channel(row: dict[str, Any]) -> Block:
    return Block(
        f"channel-{row['channel']}",
        word(row["channel"]),
        _("%(count)s contacts") % {"count": count(row["sent"])},
        form="funnel",
        data=_steps(row),
        size="low",
    )


def _steps(counts: dict[str, Any]) -> dict[str, Any]:
    steps = [
        {"name": str(words), "value": counts[stage]}
        for stage, words in STAGES.items()
        if stage in ("sent", "paid") or counts[stage]
    ]
    return {"steps": steps, "write": {}}


def _table(rows: list[dict[str, Any]]) -> Block:
    columns = [Column(_("Channel")), *(Column(str(w), "count") for w in STAGES.values())]
    columns.append(Column(_("paid of sent"), "share"))
    found = [
        [
            word(row["channel"]),
            *(row[stage] for stage in STAGES),
            row["paid"] / row["sent"] if row["sent"] else None,
        ]
        for row in rows
    ]
    return Block("channels", _("Each channel in numbers"), "", Table(columns, found))
