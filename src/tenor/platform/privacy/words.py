"""How requests, kinds of record and terms are called."""

from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenor.engine.law.rights.retention import Retention, Start

Words = dict[str, "Promise | str"]

KIND_NAMES: Words = {
    "access": gettext_lazy("A copy of their data"),
    "erasure": gettext_lazy("To be erased"),
    "objection": gettext_lazy("Not to be profiled"),
    "rectification": gettext_lazy("A correction"),
    "human_review": gettext_lazy("A person's look at a decision"),
}
STATE_NAMES: Words = {
    "open": gettext_lazy("waits for an answer"),
    "granted": gettext_lazy("granted"),
    "partly": gettext_lazy("partly: some is kept"),
    "refused": gettext_lazy("refused"),
}
# The kinds of record that Tenor keeps, as the packs of law call them.
RECORD_NAMES: Words = {
    "customer details": gettext_lazy("Name, addresses and other details"),
    "invoice": gettext_lazy("Invoices and payments"),
    "message": gettext_lazy("Messages"),
    "letter": gettext_lazy("Formal letters, and files of hand-overs"),
    "case history": gettext_lazy("Notes and what happened in the case"),
    "promise": gettext_lazy("Promises, plans, disputes and holds that ended"),
    "decision": gettext_lazy("Decisions, and cases for people"),
    "consent": gettext_lazy("Consents and refusals"),
    "behaviour event": gettext_lazy("Opens, clicks and visits"),
    "training set": gettext_lazy("Predictions, and what predictors learn from"),
    "import file": gettext_lazy("Files of imports"),
    "rights request": gettext_lazy("Requests about personal data"),
}


def term_of(rule: Retention) -> str:
    """Say how long a record is kept."""
    years, months = divmod(rule.months, 12)
    if months:
        length = ngettext("%(n)s month", "%(n)s months", rule.months) % {"n": rule.months}
    else:
        length = ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    if rule.start is Start.YEAR_END:
        return _("%(length)s after the end of the year") % {"length": length}
    if rule.start is Start.LAST_ACTIVITY:
        return _("%(length)s after the last activity") % {"length": length}
    return length


def kept_until(until: date | None, shown: str) -> str:
    """Say until when something is kept; `shown` is the day as the reader writes it."""
    if until is None:
        return _("until the claim is settled")
    return _("until %(day)s") % {"day": shown}
