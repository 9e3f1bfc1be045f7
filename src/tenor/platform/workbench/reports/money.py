"""Where the money stands: open, overdue, how old, how many days of sales, what a day is worth."""

from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.core.models import Organisation
from tenor.platform.decisions.queries.risk import exposure
from tenor.platform.workbench.reports.kept import Kept, known
from tenor.platform.workbench.reports.over_time import at_risk_of, cash_of, dso_of, months_of
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Report, Table
from tenor.platform.workbench.reports.words import AGES, days, number
from tenor.platform.workbench.templatetags.tenor import percent, round_money
from tenor.platform.workbench.today.charts import DRIVERS

# Smaller movements of the DSO, in days, are in the table only.
_SEEN = 0.05


def report(organisation: Organisation, kept: Kept) -> Report:
    """Return the report of the money."""
    section = kept.section
    blocks = (
        []
        if section is None
        else [
            months_of(section, kept),
            dso_of(section),
            _moved(kept),
            _ages(section, kept),
            cash_of(kept),
            at_risk_of(section, kept),
            _risk(organisation, kept),
            _endings(section, kept),
        ]
    )
    return Report(
        "money",
        _("Money"),
        _("What is open, how old is it, and what is a day of it worth?"),
        [] if section is None else _facts(section, kept),
        [block for block in blocks if block is not None],
    )


def _facts(section: dict[str, Any], kept: Kept) -> list[Fact]:
    share = known(section["overdue_pct"]).value
    countback = known(section["count_back"]["dso"])
    released = known(section["one_day"]["release"]).value
    ten = known(section["ten_days"]["release"]).value
    return [
        Fact(
            _("Open"),
            round_money(section["open"]["amount"], kept.currency),
            _("%(overdue)s overdue (%(share)s)")
            % {
                "overdue": round_money(section["overdue"]["amount"], kept.currency),
                "share": percent(share / 100 if share is not None else None),
            },
        ),
        Fact(
            _("DSO"),
            days(known(section["dso"]).value),
            _("counted back: %(days)s")
            % {"days": days(countback.value) if countback.value is not None else countback.why},
        ),
        Fact(
            _("Best possible, and late on top"),
            days(known(section["best_possible_dso"]).value),
            _("and %(days)s late on average (ADD)")
            % {"days": days(known(section["average_days_delinquent"]).value)},
        ),
        Fact(
            _("A day of DSO is worth"),
            round_money(released, kept.currency),
            _("ten days would set free %(sum)s") % {"sum": round_money(ten, kept.currency)},
        ),
        *_how(section, kept),
    ]


def _how(section: dict[str, Any], kept: Kept) -> list[Fact]:
    """Return what stands beside the money: how well, with how much contact, at whose annoyance."""
    audit = kept.figures["audit"]
    rate = known(section["cei_pct"])
    contacts = sum(channel["contacts"] for channel in section["channels"])
    upset = audit["complaints"] + audit["opt_outs"]
    ended = section["escalation"]
    written_off = ended["written_off"] / ended["ended"] if ended["ended"] else None
    return [
        Fact(
            _("Collection rate"),
            percent(rate.value / 100) if rate.value is not None else "–",
            str(rate.why) or _("of what could be collected in the quarter (CEI)"),
        ),
        Fact(
            _("Actions a case"),
            number(contacts / max(section["invoices"], 1), 2),
            _("contacts an invoice, in a year"),
        ),
        Fact(
            _("Complaints and opt-outs"),
            number(1000 * upset / contacts, 1) if contacts else "–",
            _("for each 1,000 contacts: what is known of satisfaction"),
        ),
        Fact(
            _("Written off"),
            percent(written_off, 1),
            _("of the invoices that ended in a year"),
        ),
    ]


def _moved(kept: Kept) -> Block | None:
    found = kept.drivers
    if found is None or not found["drivers"]:
        return None
    rows = [[str(DRIVERS.get(name, name)), moved] for name, moved in found["drivers"]]
    named = [
        [
            row["name"]
            if row["is_customer"]
            else _("all others: %(kind)s") % {"kind": row["name"]},
            row["days"],
        ]
        for row in found["lateness"]
    ]
    lines = [*rows, *([_("of paying later: %(who)s") % {"who": who}, d] for who, d in named)]
    table = Table([Column(_("What")), Column(_("Days"), "number", 2)], lines)
    drawn = [row for row in rows if abs(float(row[1])) >= _SEEN]
    data = {
        "names": [row[0] for row in drawn],
        "values": [float(row[1]) for row in drawn],
        "write": {"digits": 1, "unit": _("days")},
    }
    return Block(
        "moved",
        _("Why the DSO changed in thirty days"),
        _("From %(before)s to %(now)s: what added days, and what took them away?")
        % {
            "before": days(known(found["dso_start"]).value),
            "now": days(known(found["dso_end"]).value),
        },
        table,
        "changes",
        data,
    )


def _ages(section: dict[str, Any], kept: Kept) -> Block:
    ages = section["ageing"]
    table = Table(
        [
            Column(_("Age")),
            Column(_("Invoices"), "count"),
            Column(_("Open"), "money"),
            Column(_("Share"), "percent"),
            Column(_("Paid within 30 days, usually"), "percent"),
            Column(_("Moves one age on, usually"), "percent"),
        ],
        [
            [
                str(AGES[a["name"]]),
                a["invoices"],
                a["amount"],
                known(a["share_pct"]).value,
                known(a["recovered_pct"]).value,
                known(a["rolled_pct"]).value,
            ]
            for a in ages
        ],
        kept.currency,
    )
    data = {
        "parts": [{"name": str(AGES[a["name"]]), "value": float(a["amount"])} for a in ages],
        "write": {"money": kept.currency},
    }
    return Block(
        "ages",
        _("How late the open money is"),
        _("Where does it stand, and what usually becomes of each age?"),
        table,
        "ageing",
        data,
    )


def _risk(organisation: Organisation, kept: Kept) -> Block | None:
    rows = exposure(organisation, kept.currency)
    if not rows:
        return None
    table = Table(
        [
            Column(_("Class of risk")),
            Column(_("Invoices"), "count"),
            Column(_("Open"), "money"),
            Column(_("Paid within 30 days, expected"), "share", 0),
            Column(_("within 60 days"), "share", 0),
        ],
        [[row.risk, row.invoices, row.amount, row.p_paid_30d, row.p_paid_60d] for row in rows],
        kept.currency,
    )
    data = {
        "parts": [{"name": row.risk, "value": float(row.amount)} for row in rows],
        "write": {"money": kept.currency},
    }
    return Block(
        "risk",
        _("How sure the open money is"),
        _("What stands in each class of risk? A is the surest."),
        table,
        "ranked",
        data,
    )


def _endings(section: dict[str, Any], kept: Kept) -> Block:
    ended = section["escalation"]
    table = Table(
        [Column(_("What became of it")), Column(_("Invoices"), "count"), Column(_("Now"), "sum")],
        [
            [_("Paid, handed over or written off in a year"), ended["ended"], None],
            [_("of which handed over"), ended["handed_over"], section["handed_over"]["amount"]],
            [_("of which written off"), ended["written_off"], section["written_off"]["amount"]],
        ],
        kept.currency,
    )
    share = known(ended["share_pct"]).value
    return Block(
        "endings",
        _("How invoices ended in the last year"),
        _("How many left us without being paid? %(share)s were handed over.")
        % {"share": percent(share / 100 if share is not None else None, 1)},
        table,
        size="half",
    )
