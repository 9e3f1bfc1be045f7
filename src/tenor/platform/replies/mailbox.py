"""Read a mailbox over IMAP: each message once, wherever the last reading was broken off.

How far it was read is our own row (by UID, RFC 9051), not a mark in the mailbox: people may read
and mark there as they like. What was taken in twice all the same is the same reply.
"""

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from django.conf import settings

from tenor.platform.core import clock, sealed
from tenor.platform.core.models import Organisation
from tenor.platform.events.outside import Unreachable, check_place
from tenor.platform.outreach.models import ChannelAccount
from tenor.platform.replies.actions.arriving import take_in
from tenor.platform.replies.actions.mailboxes import IMAP, INBOUND
from tenor.platform.replies.mime import Incoming, parsed, read
from tenor.platform.replies.models import Mailbox

log = logging.getLogger("tenor.replies")

MOST_BYTES = 40 * 1024 * 1024
_PATIENCE_SECONDS = 30
_AT_ONCE = 200
# A mailbox that is new here is not read from its first year on.
_BACK = timedelta(days=2)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
# What may go wrong with a mailbox that is somebody else's machine.
TROUBLE = (imaplib.IMAP4.error, OSError, ssl.SSLError, Unreachable)


def poll(organisation: Organisation) -> int:
    """Take in what is new in the organisation's mailbox; return how many messages that were.

    A mailbox that does not answer is written down with its words, and tried again next time.
    """
    account = (
        ChannelAccount.objects.of(organisation)
        .filter(channel=INBOUND, provider=IMAP, is_active=True)
        .first()
    )
    if account is None:
        return 0
    account.organisation = organisation
    box, _new = Mailbox.objects.of(organisation).get_or_create(account=account)
    count, error = 0, ""
    try:
        with _opened(account) as line:
            count = _read_new(organisation, box, account, line)
    except TROUBLE as trouble:
        error = _words(trouble)
        log.warning("the mailbox of organisation %s could not be read", organisation.pk)
    box.looked_at, box.error = clock.real_now(), error
    box.save(update_fields=["looked_at", "error"])
    return count


@contextmanager
def _opened(account: ChannelAccount) -> Iterator[imaplib.IMAP4]:
    given = account.settings
    host, port, security = given["host"], int(given["port"]), given["security"]
    check_place(host, port, private=settings.WEBHOOKS_TO_PRIVATE)
    secure = ssl.create_default_context()
    line: imaplib.IMAP4
    if security == "tls":
        line = imaplib.IMAP4_SSL(host, port, ssl_context=secure, timeout=_PATIENCE_SECONDS)
    else:
        line = imaplib.IMAP4(host, port, timeout=_PATIENCE_SECONDS)
    try:
        if security == "starttls":
            line.starttls(secure)
        line.login(given["user"], sealed.opened(account.secrets)["password"])
        yield line
    finally:
        with suppress(*TROUBLE):
            line.logout()


def _read_new(
    organisation: Organisation, box: Mailbox, account: ChannelAccount, line: imaplib.IMAP4
) -> int:
    folder = account.settings["folder"].replace("\\", "\\\\").replace('"', '\\"')
    _good(line.select(f'"{folder}"', readonly=True))
    validity = int((line.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
    if box.validity != validity:
        # The numbers were given anew: what was taken in before is known by its own key.
        box.validity, box.last_number = validity, 0
        box.save(update_fields=["validity", "last_number"])
    numbers = _numbers_after(line, box, account.created_at)
    for number in numbers[:_AT_ONCE]:
        incoming = _fetched(line, number)
        if incoming is not None:
            take_in(organisation, incoming)
        # Only now: whoever dies in between takes it in again, and it is the same one.
        box.last_number = number
        box.save(update_fields=["last_number"])
    return len(numbers[:_AT_ONCE])


def _numbers_after(line: imaplib.IMAP4, box: Mailbox, created_at: datetime) -> list[int]:
    if box.last_number:
        found = _good(line.uid("SEARCH", "UID", f"{box.last_number + 1}:*"))
    else:
        since = created_at - _BACK
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        found = _good(line.uid("SEARCH", "SINCE", day))
    numbers = sorted(int(number) for part in found if part for number in part.split())
    # "5:*" is the last message even where it has a smaller number.
    return [number for number in numbers if number > box.last_number]


def _fetched(line: imaplib.IMAP4, number: int) -> Incoming | None:
    """Return a message; of one that is too large to be a letter, its head."""
    told = _good(line.uid("FETCH", str(number), "(RFC822.SIZE)"))
    size = _SIZE.search(b" ".join(part for part in told if isinstance(part, bytes)))
    whole = size is None or int(size.group(1)) <= MOST_BYTES
    part = "BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]"
    for one in _good(line.uid("FETCH", str(number), f"({part})")):
        if isinstance(one, tuple) and len(one) > 1:
            return _read(one[1])
    return None  # it was taken away meanwhile


def _read(raw: bytes) -> Incoming:
    try:
        return read(parsed(raw), provider=IMAP)
    except Exception:
        # Whatever it is, the next ones must not wait behind it; a person looks at its bytes.
        log.exception("an e-mail could not be read; its words are kept as they are")
        bare = EmailMessage()
        bare.set_content(raw[:100_000].decode("latin-1"))
        return read(bare, provider=IMAP)


def _good(answer: tuple[str, list[Any]]) -> list[Any]:
    status, found = answer
    if status != "OK":
        raise imaplib.IMAP4.error(str(found[0] if found else status))
    return found


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
