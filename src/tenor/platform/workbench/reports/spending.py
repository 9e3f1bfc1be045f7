"""What contacts cost, part by part, and the cost of what followed: by arm, channel and tone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.core.clock import now
from tenor.platform.core.models import Organisation
from tenor.platform.outreach.queries.spending import Decided, decided_alike, parts_of_cost
from tenor.platform.workbench.channels.words import ITEM_NAMES
from tenor.platform.workbench.reports.kept import Kept
from tenor.platform.workbench.reports.tables import Block, Column, Table
from tenor.platform.workbench.templatetags.tenor import word

_PARTS, _DECIDED = timedelta(days=365), timedelta(days=30)


def blocks(organisation: Organisation, kept: Kept) -> list[Block]:
    """Return the parts of the report that read the cost of each contact."""
    return [_parts(organisation, kept.currency), *_decided(organisation, kept)]


def _parts(organisation: Organisation, currency: str) -> Block:
    found = parts_of_cost(organisation, now(organisation) - _PARTS, currency)
    rows = [
        [
            word(part.channel),
            str(ITEM_NAMES.get(part.item, part.item)),
            part.quantity,
            part.amount / part.quantity if part.quantity else None,
            part.amount,
        ]
        for part in found
    ]
    columns = [
        Column(_("Channel")), Column(_("For")), Column(_("How many"), "number", 0),
        Column(_("Each"), "money"), Column(_("Cost"), "money"),
    ]  # fmt: skip
    return Block(
        "parts",
        _("What the money went into"),
        _("Each part of each contact of a year, at the price of its day."),
        Table(columns, rows, currency),
        empty=_("No contact has been charged yet: here stands postage, parts and minutes."),
    )


def _decided(organisation: Organisation, kept: Kept) -> list[Block]:
    until = now(organisation)
    found = decided_alike(organisation, until - _DECIDED, until, kept.currency)
    names = {"treated": _("Tenor"), "control": _("Fixed ladder")}
    rows = [
        [
            names.get(one.arm, one.arm),
            _("%(channel)s, %(tone)s") % {"channel": word(one.channel), "tone": word(one.tone)}
            if one.tone
            else word(one.channel),
            one.contacts,
            one.cost,
            one.followed,
            _of_100(one),
        ]
        for one in found
    ]
    columns = [
        Column(_("Arm")), Column(_("Decision")), Column(_("Contacts"), "count"),
        Column(_("Cost"), "money"), Column(_("Came within 14 days"), "money"),
        Column(_("Cost of 100"), "money"),
    ]  # fmt: skip
    decided = Block(
        "decided",
        _("By decision, in thirty days"),
        _("What did each kind of contact cost for each 100 that came after it?"),
        Table(columns, rows, kept.currency),
        note=_(
            "A payment counts once, for the customer's latest message before it. That it follows "
            "does not mean that it came from it: compare the arms."
        ),
        empty=_("No decision became a contact in the last thirty days."),
    )
    return [_arms(found, names, kept), decided] if found else [decided]


def _arms(found: list[Decided], names: dict[str, str], kept: Kept) -> Block:
    rows: list[list[Any]] = []
    for arm in ("treated", "control"):
        own = [one for one in found if one.arm == arm]
        if not own:
            continue
        whole = Decided(
            arm, "", "", sum(one.contacts for one in own),
            sum((one.cost for one in own), Decimal(0)),
            sum((one.followed for one in own), Decimal(0)),
        )  # fmt: skip
        rows.append([names[arm], whole.contacts, whole.cost, whole.followed, _of_100(whole)])
    columns = [
        Column(_("Arm")), Column(_("Contacts"), "count"), Column(_("Cost"), "money"),
        Column(_("Came within 14 days"), "money"), Column(_("Cost of 100"), "money"),
    ]  # fmt: skip
    shown = [row for row in rows if row[4] is not None]
    return Block(
        "arms",
        _("Cost of 100 that came, by arm"),
        _("Does Tenor collect at less cost than the fixed ladder? The last thirty days."),
        Table(columns, rows, kept.currency),
        "bars" if shown else "",
        {
            "names": [row[0] for row in shown],
            "series": [{"name": _("cost of 100"), "values": [float(row[4]) for row in shown]}],
            "write": {"money": kept.currency, "digits": 2},
        },
    )


def _of_100(one: Decided) -> Decimal | None:
    return one.cost / one.followed * 100 if one.followed > 0 else None
