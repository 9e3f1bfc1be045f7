"""Handing e-mail over to a provider through anymail, and reading honestly what it answers."""

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.core.mail import EmailMultiAlternatives, get_connection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from tenor.platform.outreach.channels.contract import (
    Charge,
    NotSent,
    Parcel,
    Receipt,
    Refused,
    Send,
    Unclear,
)
from tenor.platform.outreach.channels.email.mailers import MAILERS, Mailer
from tenor.platform.outreach.channels.email.message import written
from tenor.platform.outreach.channels.masking import masked
from tenor.platform.outreach.channels.outside import (
    PATIENCE_SECONDS,
    answered,
    broken,
    check_address,
)
from tenor.platform.outreach.channels.provider import Account

# How often a provider that carries a key out once is asked, before a person has to find out.
_TRIES = 3
_TAKEN = frozenset({"sent", "queued"})
# No line was made, so that nothing can have left over it.
_NO_LINE = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)


@contextmanager
def opened(account: Account, sender: str) -> Iterator[Send]:
    """Keep one session for many messages."""
    mailer = MAILERS[account.provider]
    connection = _connection(mailer, account)
    connection.open()
    try:
        yield partial(_hand_over, mailer, account, connection, sender)
    finally:
        connection.close()


def _connection(mailer: Mailer, account: Account) -> Any:
    with warnings.catch_warnings():
        # Anymail warns that it cannot test SendGrid itself any more; our handbook says so.
        warnings.simplefilter("ignore")
        return get_connection(mailer.backend, timeout=PATIENCE_SECONDS, **mailer.arguments(account))


def _hand_over(
    mailer: Mailer, account: Account, connection: Any, sender: str, parcel: Parcel
) -> Receipt:
    if place := account.get("api_url"):
        check_address(place)
    if not mailer.key_header:
        return _once(mailer, connection, sender, parcel)
    connection.session.headers[mailer.key_header] = parcel.key
    for _try in range(_TRIES - 1):
        try:
            return _once(mailer, connection, sender, parcel)
        except Unclear:
            continue
    return _once(mailer, connection, sender, parcel)


def _once(mailer: Mailer, connection: Any, sender: str, parcel: Parcel) -> Receipt:
    message = _message(mailer, sender, parcel)
    try:
        connection.send_messages([message])
    except AnymailRecipientsRefused as error:
        raise Refused(_words(error)) from error
    except AnymailInvalidAddress as error:
        raise Refused(masked(str(error))) from error
    except AnymailAPIError as error:
        raise _read(mailer, error) from error
    except (AnymailError, ValueError) as error:
        # It could not even be written down for them.
        raise NotSent(masked(f"{type(error).__name__}: {error}"), again=False) from error
    status: Any = getattr(message, "anymail_status", None)
    if not status or not status.status or not status.status <= _TAKEN:
        raise _not_taken(mailer, status)
    return Receipt(mailer.name, str(status.message_id or "")[:300], (Charge("provider"),))


def _message(mailer: Mailer, sender: str, parcel: Parcel) -> EmailMultiAlternatives:
    """Return the e-mail with what joins a provider's news to it, and nothing that watches."""
    message: Any = written(
        parcel, sender=sender, keeps_number=mailer.keeps_number, without=mailer.without
    )
    message.extra_headers |= mailer.adds
    if len(parcel.key) <= mailer.most_key and parcel.key.isascii():
        message.metadata = {"tenor_key": parcel.key}
    if mailer.switches:
        message.track_opens = message.track_clicks = False
    made: EmailMultiAlternatives = message
    return made


def _read(mailer: Mailer, error: AnymailAPIError) -> NotSent | Unclear:
    cause = error.__cause__
    if error.response is None and isinstance(cause, requests.RequestException):
        return broken(cause, left=_has_left(cause))
    if error.response is None:
        return Unclear(masked(f"{mailer.title}: {type(error).__name__}"))
    text = error.response.text
    if mailer.key_header and error.response.status_code == HTTPStatus.CONFLICT:
        # They have something under this key already, perhaps still on its way.
        return Unclear(masked(f"HTTP 409: {text}"))
    about_reader = bool(mailer.about_reader.search(text))
    return answered(error.response.status_code, text, about_reader=about_reader)


def _not_taken(mailer: Mailer, status: Any) -> NotSent | Unclear:
    """Return what it means that nothing was refused aloud, and yet it was not taken."""
    response = getattr(status, "esp_response", None)
    if response is None or "failed" not in (status.status or ()):
        return Unclear(f"{mailer.title} did not say that it took the message.")
    about_reader = bool(mailer.about_reader.search(response.text))
    # A list of failures may come with "yes" above it (HTTP 200): it says no all the same.
    return answered(
        max(response.status_code, HTTPStatus.BAD_REQUEST), response.text, about_reader=about_reader
    )


def _has_left(error: requests.RequestException) -> bool:
    """Say whether the request may have gone out before the line broke."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return False
    found: list[BaseException] = [error]
    for cause in found:
        if isinstance(
            cause, NewConnectionError | ConnectTimeoutError | ssl.SSLCertVerificationError
        ):
            return False
        inside = (getattr(cause, "reason", None), *cause.args)
        found += [one for one in inside if isinstance(one, BaseException) and one not in found]
    return True


def _words(error: AnymailError) -> str:
    response = getattr(error, "response", None)
    return masked(response.text if response is not None else str(error))
