"""What a notification says: on a locked screen others read along."""

from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.outreach.channels.contract import Parcel
from tenor.platform.outreach.channels.provider import Account

_NEUTRAL = {
    "nl": "Er staat een bericht van {name} voor u klaar.",
    "en": "There is a message from {name} for you.",
    "de": "Eine Nachricht von {name} wartet auf Sie.",
    "fr": "Un message de {name} vous attend.",
}
# There, who tells others of a debt breaks the law, a creditor in some states too.
_NEVER_MORE = frozenset({"US", "PR"})


def shown_words(organisation: Organisation, account: Account | None, parcel: Parcel) -> str:
    """Return a sentence without amounts; the message's own words only where that is allowed.

    That is where the organisation chose so and collects its own claims: that somebody writes to
    them for an agency says already that they have debts.
    """
    chosen = account is not None and account.get("words") == "message"
    own = preferences_of(organisation).actor == "creditor"
    if chosen and own and parcel.country not in _NEVER_MORE:
        return parcel.body
    words = _NEUTRAL.get(parcel.language[:2], _NEUTRAL["en"])
    return words.format(name=" ".join(organisation.name.split()))
