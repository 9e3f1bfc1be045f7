"""How a text message says how to stop them."""

from tenor.engine.law.letters.contents import Content
from tenor.platform.outreach.channels.contract import Parcel
from tenor.platform.outreach.channels.provider import Account
from tenor.platform.outreach.channels.sms.numbers import is_name

# By answering, where that reaches us; else over a link.
_ANSWER = {
    "nl": "Geen sms meer? Antwoord STOP.",
    "en": "No more texts? Reply STOP.",
    "de": "Keine SMS mehr? Antworten Sie STOP.",
    "fr": "Plus de SMS ? Répondez STOP.",
}
_LINK = {
    "nl": "Geen sms meer: {link}",
    "en": "No more texts: {link}",
    "de": "Keine SMS mehr: {link}",
    "fr": "Plus de SMS : {link}",
}
# Their networks carry no text message of a business that does not say it.
_ALWAYS = frozenset({"US", "CA", "PR"})


def can_be_answered(account: Account) -> bool:
    """Say whether an answer to this account's texts reaches us."""
    return bool(account.get("replies")) and not is_name(account.get("sender"))


def stop_hint(account: Account | None, parcel: Parcel, country: str) -> str:
    """Return the sentence that is put behind a text; "" where it says so already."""
    said = parcel.draft is not None and Content.OPT_OUT in parcel.draft.contains
    if said or (parcel.stop and parcel.stop in parcel.body):
        return ""
    wanted = account is None or account.get("stop_hint") or country in _ALWAYS
    if not wanted:
        return ""
    language = parcel.language[:2] if parcel.language[:2] in _ANSWER else "en"
    if account is not None and can_be_answered(account):
        return _ANSWER[language]
    return _LINK[language].format(link=parcel.stop) if parcel.stop else ""
