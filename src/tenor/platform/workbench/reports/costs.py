"""What contact costs: by channel, for each unit collected, and people's minutes by route."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.core.clock import now
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.queries.labels import Work, work_done
from tenor.platform.workbench.reports import spending
from tenor.platform.workbench.reports.kept import Kept, known
from tenor.platform.workbench.reports.over_time import month_name
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Report, Table
from tenor.platform.workbench.reports.words import number
from tenor.platform.workbench.templatetags.tenor import count, money, round_money, word

_YEAR = timedelta(days=365)


def report(organisation: Organisation, kept: Kept) -> Report:
    """Return the report of contacts and their cost."""
    work = work_done(organisation, now(organisation) - _YEAR)
    section = kept.section
    blocks = [] if section is None else [_channels(kept), _months(kept)]
    return Report(
        "costs",
        _("Contacts and cost"),
        _("What does it cost to collect, and which channel earns its cost?"),
        [] if section is None else _facts(organisation, kept, work),
        [*blocks, *spending.blocks(organisation, kept), _minutes(organisation, work)],
    )


def _facts(organisation: Organisation, kept: Kept, work: list[Work]) -> list[Fact]:
    section = kept.section or {}
    cost = known(section["cost_per_collected"])
    contacts = sum(c["contacts"] for c in section["channels"])
    minutes = sum((w.minutes for w in work), Decimal(0))
    rate = Decimal(preferences_of(organisation).cost_per_minute)
    return [
        Fact(
            _("Cost to collect %(hundred)s") % {"hundred": round_money(100, kept.currency)},
            money(cost.value * 100, kept.currency) if cost.value is not None else "–",
            str(cost.why) or _("contacts of the last year, over what came in"),
        ),
        Fact(
            _("Contacts in a year"),
            count(contacts),
            _("%(each)s an invoice") % {"each": number(contacts / max(section["invoices"], 1), 2)},
        ),
        Fact(
            _("Cost of contact in a year"),
            round_money(section["contact_cost"], kept.currency),
            _("of %(sum)s collected") % {"sum": round_money(section["collected"], kept.currency)},
        ),
        Fact(
            _("People's time in a year"),
            _("%(hours)s hours") % {"hours": number(minutes / 60, 0)},
            _("%(cost)s, at what a minute costs")
            % {"cost": round_money(minutes * rate, kept.currency)},
        ),
    ]


def _channels(kept: Kept) -> Block:
    section = kept.section or {}
    paid = {row["channel"]: row for row in kept.funnel}
    collected = Decimal(section["collected"])
    rows = [_channel(c, paid.get(c["name"]), collected) for c in section["channels"]]
    columns = [
        Column(_("Channel")), Column(_("Contacts in a year"), "count"),
        Column(_("Cost"), "money"), Column(_("Each"), "money"),
        Column(_("For each 100 collected"), "money"), Column(_("Contacts in 30 days"), "count"),
        Column(_("Followed by a payment"), "share"),
    ]  # fmt: skip
    table = Table(columns, rows, kept.currency)
    data = {
        "names": [row[0] for row in rows],
        "series": [{"name": _("Cost"), "values": [float(row[2]) for row in rows]}],
        "write": {"money": kept.currency},
    }
    return Block(
        "channels",
        _("Channels"),
        _("What did each cost in a year, and how often did money follow?"),
        table,
        "bars",
        data,
        note=_(
            "A payment that follows within fourteen days need not come from the contact: what "
            "contact brings is in the report of the effect."
        ),
    )


def _channel(
    channel: dict[str, Any], recent: dict[str, Any] | None, collected: Decimal
) -> list[Any]:
    """Return the row of a channel: the contacts of a year, and what followed the recent ones."""
    cost, contacts = Decimal(channel["cost"]), channel["contacts"]
    sent = recent["sent"] if recent else 0
    return [
        word(channel["name"]),
        contacts,
        cost,
        cost / contacts if contacts else None,
        cost / collected * 100 if collected > 0 else None,
        sent,
        recent["paid"] / sent if recent and sent else None,
    ]


def _months(kept: Kept) -> Block:
    months = (kept.section or {})["trend"]
    rows = [
        [
            m["month"][:7],
            m["contacts"],
            m["contact_cost"],
            m["collected"],
            Decimal(m["contact_cost"]) / Decimal(m["collected"]) * 100
            if Decimal(m["collected"]) > 0
            else None,
        ]
        for m in months
    ]
    columns = [
        Column(_("Month")), Column(_("Contacts"), "count"), Column(_("Cost"), "money"),
        Column(_("Collected"), "sum"), Column(_("Cost of 100"), "money"),
    ]  # fmt: skip
    table = Table(columns, rows, kept.currency)
    data = {
        "names": [month_name(m["month"]) for m in months],
        "series": [
            {
                "name": _("cost of 100"),
                "values": [None if row[4] is None else float(row[4]) for row in rows],
            }
        ],
        "write": {"money": kept.currency, "digits": 2},
    }
    return Block(
        "months",
        _("Cost to collect 100, month by month"),
        _("Does collecting get cheaper?"),
        table,
        "lines",
        data,
    )


def _minutes(organisation: Organisation, work: list[Work]) -> Block:
    rate = Decimal(preferences_of(organisation).cost_per_minute)
    rows = [
        [
            one.words,
            one.done,
            one.minutes,
            one.minutes / one.done if one.done else None,
            one.minutes * rate,
            ", ".join(f"{words} ({n})" for _code, words, n in one.outcomes[:3]),
        ]
        for one in work
    ]
    table = Table(
        [
            Column(_("Route")),
            Column(_("Cases"), "count"),
            Column(_("Minutes"), "number", 0),
            Column(_("Each"), "number"),
            Column(_("Cost"), "money"),
            Column(_("How they ended")),
        ],
        rows,
        organisation.currency,
    )
    return Block(
        "minutes",
        _("People's time by route"),
        _("What do people's minutes go into?"),
        table,
        empty=_("No case has been finished yet: here stands what people's time goes into."),
    )
