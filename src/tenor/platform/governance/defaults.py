"""The rules that a new organisation begins with: cautious ones, on the channels most have."""

_TEXT = """\
# The rules to begin with. Every key is explained under Rules and in docs/handbook/policy.md;
# what is not written here has its default.

[objective]
currency = "{currency}"

[channels.email]
cost = 0.02

[channels.sms]
cost = 0.07
hours = "09:00-20:00"
days = "Mon-Sat"

[channels.letter]
cost = 1.10
days_to_arrive = 2
days = "Mon-Fri"
fallback = true

[channels.call]
cost = 4.50
capacity_per_day = 10
hours = "09:00-17:00"
days = "Mon-Fri"
fallback = true

[limits]
min_days_between = 4
max_contacts_30d = 6
quiet_holidays = true

[jurisdiction]
default = "{country}"
"""


def default_policy(currency: str, country: str) -> str:
    """Return the text of these rules for an organisation's currency and country."""
    return _TEXT.format(currency=currency, country=country or "NL")
