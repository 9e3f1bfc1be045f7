"""What kinds, forms and states of texts are called."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenor.platform.wording.draft import Form, Kind

Words = Text | str


@dataclass(frozen=True)
class Named:
    """A kind of message: what it is called, and when it goes out."""

    name: Words
    when: Words


KINDS: dict[Kind, Named] = {
    Kind.BEFORE_DUE: Named(_("Before the due date"), _("A few days before an invoice is due.")),
    Kind.REMINDER: Named(_("Reminder"), _("The first time after the due date.")),
    Kind.SECOND_REMINDER: Named(_("Second reminder"), _("When the first one brought nothing.")),
    Kind.FINAL_REMINDER: Named(_("Last reminder"), _("The last one before somebody decides.")),
    Kind.NOTICE: Named(_("Letter of the law"), _("The law asks for it before costs or a court.")),
    Kind.PLAN_OFFER: Named(_("Offer to pay in parts"), _("Where paying at once is much to ask.")),
    Kind.PLAN_AGREED: Named(_("Payment plan agreed"), _("What was agreed, with its days.")),
    Kind.INSTALMENT_DUE: Named(_("Instalment is due"), _("A few days before each part.")),
    Kind.INSTALMENT_MISSED: Named(_("Instalment was missed"), _("When a part did not come.")),
    Kind.PROMISE_NOTED: Named(_("Promise noted"), _("What the customer promised.")),
    Kind.PROMISE_BROKEN: Named(_("Promise was not kept"), _("When the promised day has passed.")),
    Kind.FAILED_DEBIT: Named(_("Direct debit failed"), _("When the bank gave it back.")),
    Kind.THANK_YOU: Named(_("Thank you"), _("When everything is paid.")),
    Kind.STATEMENT: Named(_("Statement"), _("All that is open, when somebody asks for it.")),
    Kind.DISPUTE_NOTED: Named(_("Objection received"), _("When a customer objects.")),
    Kind.LINK: Named(_("New link"), _("A new way to the customer's page, as asked for.")),
}
GROUPS: tuple[tuple[Words, tuple[Kind, ...]], ...] = (
    (_("Asking to be paid"), (Kind.BEFORE_DUE, Kind.REMINDER, Kind.SECOND_REMINDER,
                              Kind.FINAL_REMINDER, Kind.NOTICE, Kind.FAILED_DEBIT)),
    (_("What is agreed"), (Kind.PLAN_OFFER, Kind.PLAN_AGREED, Kind.INSTALMENT_DUE,
                           Kind.INSTALMENT_MISSED, Kind.PROMISE_NOTED, Kind.PROMISE_BROKEN)),
    (_("Answers and thanks"), (Kind.THANK_YOU, Kind.STATEMENT, Kind.DISPUTE_NOTED, Kind.LINK)),
)  # fmt: skip
FORMS: dict[Form, Words] = {
    Form.LONG: _("E-mail and letter"),
    Form.SHORT: _("Text message"),
    Form.SCRIPT: _("Telephone"),
}
LANGUAGES = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "fr": "Français"}
# The state of a version: its words, and what they mean.
STATES: dict[str, tuple[Words, str]] = {
    "draft": (pgettext_lazy("text", "draft"), "careful"),
    "submitted": (pgettext_lazy("text", "waits for approval"), "wait"),
    "live": (pgettext_lazy("text", "in use"), "good"),
    "retired": (pgettext_lazy("text", "no longer used"), ""),
}


def kind_of(name: str) -> Kind | None:
    """Return the kind of that name."""
    return next((kind for kind in Kind if kind == name), None)


def form_of(name: str) -> Form | None:
    """Return the form of that name."""
    return next((form for form in Form if form == name), None)


def said_of(state: Any) -> tuple[Words, str]:
    """Return the words and the meaning of a version's state."""
    return STATES.get(str(state), (str(state), ""))
