"""The columns of the facts in words; columns of an organisation's own keep their names."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

COLUMNS: dict[str, str | Promise] = {
    "amount": pgettext_lazy("column", "amount"),
    "at": pgettext_lazy("column", "moment"),
    "channel": pgettext_lazy("column", "channel"),
    "contact_days": pgettext_lazy("column", "days to be reached on"),
    "contact_hours": pgettext_lazy("column", "hours to be reached at"),
    "contact_id": pgettext_lazy("column", "number of the contact"),
    "cost": pgettext_lazy("column", "cost"),
    "country": pgettext_lazy("column", "country"),
    "currency": pgettext_lazy("column", "currency"),
    "customer_id": pgettext_lazy("column", "number of the customer"),
    "customer_value": pgettext_lazy("column", "value of the customer"),
    "detail": pgettext_lazy("column", "particulars"),
    "due_on": pgettext_lazy("column", "due day"),
    "eligible": pgettext_lazy("column", "what could be tried"),
    "explored_by": pgettext_lazy("column", "how it was tried"),
    "invoice_id": pgettext_lazy("column", "number of the invoice"),
    "invoice_ids": pgettext_lazy("column", "numbers of the invoices"),
    "issued_on": pgettext_lazy("column", "invoice day"),
    "kind": pgettext_lazy("column", "kind"),
    "language": pgettext_lazy("column", "language"),
    "method": pgettext_lazy("column", "way of paying"),
    "paid_at": pgettext_lazy("column", "moment of payment"),
    "payment_id": pgettext_lazy("column", "number of the payment"),
    "policy": pgettext_lazy("column", "rules in force"),
    "propensity": pgettext_lazy("column", "probability"),
    "propensity_channel": pgettext_lazy("column", "probability of the channel"),
    "propensity_time": pgettext_lazy("column", "probability of the moment"),
    "propensity_tone": pgettext_lazy("column", "probability of the tone"),
    "sent_at": pgettext_lazy("column", "moment of sending"),
    "template": pgettext_lazy("column", "text"),
    "timezone": pgettext_lazy("column", "time zone"),
    "tone": pgettext_lazy("column", "tone"),
}
