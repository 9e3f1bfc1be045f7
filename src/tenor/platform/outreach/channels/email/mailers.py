"""The e-mail providers that people use: what each is told, and how its answers are read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.utils.translation import gettext_lazy as _

from tenor.platform.outreach.channels.email.message import SENDER
from tenor.platform.outreach.channels.outside import tried
from tenor.platform.outreach.channels.provider import Account, Field, Provider

_DELIVERS = frozenset({"html", "delivery", "replies", "stop"})
# Of a provider that takes a key may be asked twice, within the seconds that this takes.
_ONCE = _DELIVERS | {"idempotent"}
_PER_MESSAGE = _("By the message.")
_ADDRESS = Field(
    "api_url", _("Address of their API"), "url", needed=False,
    hint=_("Empty: their usual one. Fill it in for another region of theirs."),
)  # fmt: skip
_KEY = Field("api_key", _("API key"), "secret")
# How a provider's key goes into a request that only asks whether it is good.
_BEARER = ("Authorization", "Bearer {api_key}")


@dataclass(frozen=True)
class Mailer:
    """A provider that anymail speaks to.

    `options` are the settings and secrets that its backend takes; `others` are only for its news.
    `switches`: tracking of opens and clicks can be switched off with each message (else it is off
    in their settings). `keeps_number`: our Message-ID stays. `about_reader` finds in a refusal
    that the address was what they did not like. `key_header`: a request with the same key is
    carried out once. `most_key`: how long a key they carry along may be. `probe` and `sign` ask
    whether the account works.
    """

    name: str
    title: str
    api: str
    options: tuple[Field, ...]
    about_reader: re.Pattern[str]
    probe: str
    sign: tuple[str, str] | tuple[str, str, str]
    switches: bool = True
    keeps_number: bool = False
    without: frozenset[str] = frozenset()
    adds: Mapping[str, str] = field(default_factory=dict)
    key_header: str = ""
    others: tuple[Field, ...] = ()
    most_key: int = 200

    @property
    def backend(self) -> str:
        """Return the path of anymail's backend."""
        return f"anymail.backends.{self.name}.EmailBackend"

    def address(self, account: Account) -> str:
        """Return where this account's requests go."""
        return account.get("api_url", self.api)

    def arguments(self, account: Account) -> dict[str, Any]:
        """Return what the backend is made with: nothing of it comes from Django's settings."""
        given = {option.name: account.get(option.name) for option in self.options}
        return {**{k: v for k, v in given.items() if v}, "api_url": self.address(account)}


def _checked(mailer: Mailer, account: Account) -> str:
    values = {option.name: account.get(option.name) for option in mailer.options}
    place = urljoin(mailer.address(account).rstrip("/") + "/", mailer.probe.format(**values))
    headers: dict[str, str] = {}
    auth: tuple[str, str] | None = None
    if mailer.sign[0] == "basic":
        auth = (mailer.sign[1].format(**values), mailer.sign[-1].format(**values))
    else:
        headers = {mailer.sign[0]: mailer.sign[1].format(**values)}
    wrong = tried(place, "", headers=headers, auth=auth)
    # A key that may only send cannot be asked anything: that is as good as it should be.
    return "" if "restricted_api_key" in wrong else wrong


_ALL = (
    Mailer(
        "postmark",
        "Postmark",
        "https://api.postmarkapp.com/",
        (
            Field("server_token", _("Server API token"), "secret"),
            Field("message_stream", _("Message stream"), needed=False, hint="outbound"),
        ),
        about_reader=re.compile(r"(Invalid|Error parsing) 'To'|inactive", re.IGNORECASE),
        probe="server",
        sign=("X-Postmark-Server-Token", "{server_token}"),
        keeps_number=True,
        adds={"X-PM-KeepID": "true"},
        most_key=80,
    ),
    Mailer(
        "mailgun",
        "Mailgun",
        "https://api.mailgun.net/v3/",
        (_KEY, Field("sender_domain", _("Sending domain"))),
        about_reader=re.compile(r"'?to'? parameter is not a valid address", re.IGNORECASE),
        probe="domains/{sender_domain}",
        sign=("basic", "api", "{api_key}"),
        keeps_number=True,
        others=(
            Field(
                "webhook_signing_key",
                _("Webhook signing key"),
                "secret",
                needed=False,
                hint=_("Empty: the API key, which old accounts have for both."),
            ),
        ),
    ),
    Mailer(
        "sendgrid",
        "SendGrid",
        "https://api.sendgrid.com/v3/",
        (_KEY,),
        about_reader=re.compile(r"personalizations\.\d+\.to"),
        probe="scopes",
        sign=_BEARER,
        keeps_number=True,
    ),
    Mailer(
        "brevo",
        "Brevo",
        "https://api.brevo.com/v3/",
        (_KEY,),
        about_reader=re.compile(r"not valid in to", re.IGNORECASE),
        probe="account",
        sign=("api-key", "{api_key}"),
        switches=False,
    ),
    Mailer(
        "mailjet",
        "Mailjet",
        "https://api.mailjet.com/v3.1/",
        (_KEY, Field("secret_key", _("Secret key"), "secret")),
        about_reader=re.compile(r"To\[\d+\]"),
        probe="/v3/REST/sender",
        sign=("basic", "{api_key}", "{secret_key}"),
        # It has a count of its own for complaints, and refuses this one.
        without=frozenset({"Feedback-ID"}),
    ),
    Mailer(
        "resend",
        "Resend",
        "https://api.resend.com/",
        (_KEY,),
        about_reader=re.compile(r"`to`"),
        probe="domains",
        sign=_BEARER,
        switches=False,
        key_header="Idempotency-Key",
    ),
    Mailer(
        "sparkpost",
        "SparkPost",
        "https://api.sparkpost.com/api/v1/",
        (_KEY,),
        about_reader=re.compile(r"recipient", re.IGNORECASE),
        probe="account",
        sign=("Authorization", "{api_key}"),
    ),
)
MAILERS: Mapping[str, Mailer] = {mailer.name: mailer for mailer in _ALL}
PROVIDERS: tuple[Provider, ...] = tuple(
    Provider(
        mailer.name,
        mailer.title,
        (SENDER, *mailer.options, *mailer.others, _ADDRESS),
        partial(_checked, mailer),
        can=_ONCE if mailer.key_header else _DELIVERS,
        hook="entered",
        price=_PER_MESSAGE,
    )
    for mailer in _ALL
)
