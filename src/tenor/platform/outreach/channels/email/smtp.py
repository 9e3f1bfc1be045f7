"""Handing e-mail over to a mail server: the installation's, or an organisation's own."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.core.mail import get_connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenor.platform.outreach.channels.contract import (
    Charge,
    NotSent,
    Parcel,
    Receipt,
    Refused,
    Send,
    Unclear,
)
from tenor.platform.outreach.channels.email.message import SENDER, written
from tenor.platform.outreach.channels.masking import masked
from tenor.platform.outreach.channels.outside import check_host
from tenor.platform.outreach.channels.provider import Account, Field, Provider

# SMTP: 4xx means later, 5xx never (RFC 5321, 4.2.1).
_LATER, _NEVER = 400, 500
# It takes nothing of this from us, whoever it is to (RFC 3463, 3.8: relaying, proof of the sender).
_ABOUT_US = "5.7."
PATIENCE_SECONDS = 30
_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
NAME = "smtp"


@contextmanager
def opened(account: Account | None, sender: str) -> Iterator[Send]:
    """Keep one line for many messages; it is opened with the first."""
    connection = get_connection() if account is None else _own(account)
    try:
        yield partial(_hand_over, connection, account, sender)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()


def checked(account: Account) -> str:
    """Open a line and sign in; return what is wrong, "" where nothing is."""
    connection = _own(account)
    try:
        check_host(connection.host, connection.port)
        connection.open()
        connection.connection.noop()
    except (NotSent, OSError, smtplib.SMTPException) as error:
        return _words(error)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()
    return ""


def _own(account: Account) -> Any:
    secure = account.get("security", "starttls")
    return get_connection(
        _BACKEND, host=account.get("host"), port=int(account.get("port", "587")),
        username=account.get("user"), password=account.get("password"),
        use_tls=secure == "starttls", use_ssl=secure == "tls", timeout=PATIENCE_SECONDS,
    )  # fmt: skip


def _hand_over(connection: Any, account: Account | None, sender: str, parcel: Parcel) -> Receipt:
    message = written(parcel, sender=sender)
    _wake(connection)
    if account is not None and connection.connection is None:
        check_host(connection.host, connection.port)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(_words(error), again=True) from error
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        words = _answer(code, text)
        if code >= _NEVER and not words.startswith(f"{code} {_ABOUT_US}"):
            raise Refused(words) from error
        # Somebody can put right what is about us.
        raise NotSent(words, again=True) from error
    except smtplib.SMTPServerDisconnected as error:
        _forget(connection)
        raise Unclear(_words(error)) from error
    except smtplib.SMTPResponseException as error:
        # The server answered, and the answer was no.
        again = error.smtp_code < _NEVER
        raise NotSent(_answer(error.smtp_code, error.smtp_error), again=again) from error
    except (ValueError, smtplib.SMTPException) as error:
        # Something in it cannot be written as e-mail: that shows before anything leaves.
        raise NotSent(_words(error), again=False) from error
    except OSError as error:
        _forget(connection)
        raise Unclear(_words(error)) from error
    return Receipt(NAME, message.extra_headers["Message-ID"], (Charge("provider"),))


def _wake(connection: Any) -> None:
    """See whether a line that was left open still holds, before a message depends on it."""
    line = getattr(connection, "connection", None)
    if line is None:
        return
    try:
        alive = line.noop()[0] < _LATER
    except (OSError, smtplib.SMTPException):
        alive = False
    if not alive:
        _forget(connection)


def _forget(connection: Any) -> None:
    """Drop a broken line, so that the next message opens a new one."""
    line = getattr(connection, "connection", None)
    if line is not None:
        line.close()
        connection.connection = None


def _answer(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return masked(f"{code} {words}")


def _words(error: Exception) -> str:
    return masked(f"{type(error).__name__}: {error}")


PROVIDER = Provider(
    NAME,
    "SMTP",
    (
        SENDER,
        Field("host", _("Mail server"), "host"),
        Field("port", _("Port"), "number", default="587"),
        Field(
            "security", _("Encryption"), "choice", default="starttls",
            choices=(
                ("starttls", "STARTTLS"),
                ("tls", "TLS"),
                ("none", pgettext_lazy("encryption", "None")),
            ),
        ),
        Field("user", _("User name"), needed=False),
        Field("password", _("Password"), "secret", needed=False),
    ),
    checked,
    can=frozenset({"html", "replies", "stop"}),
    price=_("What your mail server costs."),
)  # fmt: skip
