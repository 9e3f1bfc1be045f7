"""The words of a case: why an invoice is disputed, how that ended, why somebody is left alone."""

from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy

DISPUTE_REASONS: tuple[tuple[str, "Text | str"], ...] = (
    ("wrong_amount", gettext_lazy("The amount is wrong")),
    ("already_paid", gettext_lazy("It was paid")),
    ("not_received", gettext_lazy("They never received it")),
    ("not_ordered", gettext_lazy("They did not order it")),
    ("quality", gettext_lazy("Something was wrong with what was delivered")),
    ("cancelled", gettext_lazy("It was cancelled")),
    ("other", gettext_lazy("Another reason")),
)
HOLD_REASONS: tuple[tuple[str, "Text | str"], ...] = (
    ("agreed", gettext_lazy("Agreed with the customer")),
    ("complaint", gettext_lazy("A complaint is being looked at")),
    ("hardship", gettext_lazy("Money is tight")),
    ("breathing_space", gettext_lazy("Breathing space")),
    ("insolvency", gettext_lazy("Insolvency")),
    ("deceased", gettext_lazy("Deceased")),
    ("represented", gettext_lazy("Somebody represents them")),
    ("unmatched_money", gettext_lazy("Money arrived that is not matched yet")),
    ("payment_pending", gettext_lazy("A payment is on its way")),
    ("vulnerable", gettext_lazy("Vulnerable: no pressure, help is offered")),
    ("debt_help", gettext_lazy("A debt adviser is helping them")),
    ("minor", gettext_lazy("Under age")),
    ("guardian", gettext_lazy("Under guardianship or administration")),
    ("fraud_victim", gettext_lazy("Victim of fraud")),
    ("wrong_address", gettext_lazy("The address or number is wrong")),
    ("objection_21", gettext_lazy("They object to the use of their data")),
    ("internal", gettext_lazy("Our own reason")),
)
DISPUTE_OUTCOMES: tuple[tuple[str, "Text | str"], ...] = (
    ("upheld", gettext_lazy("They are right")),
    ("partly", gettext_lazy("Partly right")),
    ("rejected", gettext_lazy("Not right: the invoice stands")),
    ("withdrawn", gettext_lazy("Withdrawn")),
)
ROUTES: tuple[tuple[str, "Text | str"], ...] = (
    ("agency", gettext_lazy("A collection agency")),
    ("court", gettext_lazy("Court or bailiff")),
)
