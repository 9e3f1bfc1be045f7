"""Which reports there are, in the order in which they are read, and what makes each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.models import Organisation
from tenor.platform.workbench.reports import (
    costs,
    effect,
    journey,
    money,
    people,
    signs,
    society,
)
from tenor.platform.workbench.reports.kept import Kept
from tenor.platform.workbench.reports.tables import Report


@dataclass(frozen=True)
class Page:
    """A report by its short name, and what makes it from the kept figures."""

    title: str | Promise
    make: Callable[[Organisation, Kept], Report]


PAGES = {
    "money": Page(_("Money"), money.report),
    "effect": Page(_("Effect"), effect.report),
    "costs": Page(_("Contacts and cost"), costs.report),
    "journey": Page(_("Journey"), journey.report),
    "people": Page(_("People"), people.report),
    "society": Page(_("Society"), society.report),
    "signs": Page(_("Early and late signs"), signs.report),
}
