"""What the parts and abilities of channels are called."""

from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy as _

Words = Text | str

ITEM_NAMES: dict[str, Words] = {
    "provider": _("a message"),
    "segment": _("a part of a text message"),
    "postage": _("postage"),
    "print": _("a printed page"),
    "minute": _("a minute of a person"),
}
# What a channel is able to do; the names are those of `outreach.channels.contract.CAN`.
CAN_WORDS: dict[str, Words] = {
    "html": _("a page with a table and a button"),
    "attachments": _("files come along"),
    "delivery": _("tells what became of a message"),
    "replies": _("readers can answer"),
    "stop": _("readers can end it themselves"),
    "idempotent": _("a message handed over twice arrives once"),
}
ABOUT: dict[str, Words] = {
    "email": _("For everybody with an e-mail address."),
    "sms": _("For short words that are read within minutes."),
    "push": _("In the browser of customers who allowed it on their page."),
    "letter": _("On paper, for window envelopes, with a code to pay by."),
    "call": _("A person rings: a task in the worklist with what to say."),
}
# What follows when a channel stops, in plain words.
STOPPED: dict[str, Words] = {
    "email": _("No e-mail leaves from this moment."),
    "sms": _("No text message leaves from this moment."),
    "push": _("No push message leaves from this moment."),
    "letter": _("No letter is added to a batch from this moment."),
    "call": _("No new call comes into the worklist from this moment."),
}
