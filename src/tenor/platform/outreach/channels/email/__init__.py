"""E-mail, over the SMTP server of the installation."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels.contract import (
    Channel,
    Charge,
    NotSent,
    Parcel,
    Receipt,
    Refused,
    Send,
    Unclear,
)

# SMTP: 4xx means later, 5xx never (RFC 5321, 4.2.1).
_LATER, _NEVER = 400, 500


@contextmanager
def opened(organisation: Organisation) -> Iterator[Send]:
    """Keep one connection for many messages; it is opened with the first."""
    connection = get_connection()
    try:
        yield lambda parcel: _hand_over(connection, parcel)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()


def _hand_over(connection: Any, parcel: Parcel) -> Receipt:
    message = _message(parcel)
    _wake(connection)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(_words(error), again=True) from error
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        if code >= _NEVER:
            raise Refused(_answer(code, text)) from error
        raise NotSent(_answer(code, text), again=True) from error
    except smtplib.SMTPServerDisconnected as error:
        _forget(connection)
        raise Unclear(_words(error)) from error
    except smtplib.SMTPResponseException as error:
        # The server answered, and the answer was no.
        again = error.smtp_code < _NEVER
        raise NotSent(_answer(error.smtp_code, error.smtp_error), again=again) from error
    except smtplib.SMTPException as error:
        raise NotSent(_words(error), again=False) from error
    except OSError as error:
        _forget(connection)
        raise Unclear(_words(error)) from error
    return Receipt("smtp", message.extra_headers["Message-ID"], (Charge("provider"),))


def _message(parcel: Parcel) -> EmailMessage:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domain = sender.rpartition("@")[2] or "localhost"
    return EmailMessage(
        subject=parcel.subject,
        body=parcel.body,
        from_email=formataddr((parcel.sender_name, sender)),
        to=[parcel.to],
        headers={
            # The same however often it is tried: whoever receives it twice can tell.
            "Message-ID": f"<{parcel.key}@{domain}>",
            "Content-Language": parcel.language,
            "Auto-Submitted": "auto-generated",
        },
    )


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
    return f"{code} {words}"[:200]


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


CHANNEL = Channel("email", point="email", opened=opened)
