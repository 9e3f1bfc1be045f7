"""Telephone numbers: read as people write them, sent as the world numbers them (E.164)."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from tenor.platform.outreach.channels.contract import Refused

# No text message arrives there, or one that costs the reader money to answer.
_USELESS = {
    PhoneNumberType.FIXED_LINE: "a landline",
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.TOLL_FREE: "a toll-free number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.UAN: "a company number",
    PhoneNumberType.VOICEMAIL: "a voicemail",
}
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 .&_-]{1,11}")
_SHORT_CODE = re.compile(r"\d{3,8}")


@dataclass(frozen=True)
class Number:
    """A number as it is dialled, and the country that it belongs to."""

    e164: str
    country: str

    @property
    def digits(self) -> str:
        """Return it without the plus, as some providers want it."""
        return self.e164[1:]


def read_number(text: str, country: str) -> Number:
    """Return the mobile number that `text` is at a reader in `country`; refuse what is none."""
    try:
        found = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        where = f" in {country}" if country else "; write it with + and the country"
        raise Refused(f"this is no telephone number{where}") from None
    if not phonenumbers.is_valid_number(found):
        raise Refused("there is no such telephone number")
    useless = _USELESS.get(phonenumbers.number_type(found))
    if useless:
        raise Refused(f"this is {useless}: no text message arrives there")
    region = phonenumbers.region_code_for_number(found) or country
    return Number(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164), region)


def is_name(sender: str) -> bool:
    """Say whether a sender is a name, which nobody can answer."""
    return any(sign.isalpha() for sign in sender)


def read_sender(text: str, country: str) -> str:
    """Return a sender as providers want it: a name, a short code or a number; "" if it is none."""
    text = " ".join(text.split())
    if _NAME.fullmatch(text) or _SHORT_CODE.fullmatch(text):
        return text
    try:
        found = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(found):
        return ""
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
