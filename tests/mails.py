"""E-mails as people, programs and mail servers write them, for the tests of replies."""

from email.message import EmailMessage
from typing import Any


def mail(
    text: str = "I will pay on Friday.", *, sender: str = "c1@example.org", number: str = "<m1@x>",
    subject: str = "Re: Your invoice", to: str = "billing@delta.example", html: str = "",
    files: tuple[tuple[str, str, bytes], ...] = (), **headers: Any,
) -> bytes:  # fmt: skip
    """Write an e-mail; a header is given as `in_reply_to="<…>"`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Tue, 10 Mar 2026 09:00:00 +0100"
    if number:
        message["Message-ID"] = number
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text or not html:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    for name, kind, content in files:
        main, _slash, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def bounce(number: str, to: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    """Write what a mail server sends back about the message with this number (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.example.net
To: billing@delta.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{status}.{action}@mx.example.net>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 No such user here

--b
Content-Type: message/rfc822

From: billing@delta.example
To: {to}
Message-ID: {number}
Subject: Your invoice

Dear customer
--b--
""".encode()
