"""Send a message to oneself, to see it where readers will: marked as a test, and kept nowhere."""

import secrets
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.outreach.channels import CHANNELS, email
from tenor.platform.outreach.channels.contract import NotSent, Parcel, Unclear
from tenor.platform.outreach.stops import CHANNEL_STOPPED, PAUSED, closed
from tenor.platform.wording.draft import Draft, Form
from tenor.platform.wording.html import html
from tenor.platform.wording.plain import plain

_KEY_BYTES = 8


def send_test(actor: Actor, *, draft: Draft, to: str = "") -> str:
    """Send a composed message by e-mail over the organisation's own connection; return to whom.

    It goes to the person who asks, or to another address that they name. It is marked as a test
    in its subject and its first line, and no message of any customer. An organisation that only
    looks on may try too; a switch that is off keeps tests in as well.
    """
    actor.need(Right.RULES)
    own = actor.membership.user.email if actor.membership else ""
    address = to.strip() or own
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(_("This is no e-mail address."), field="to") from None
    if draft.form is not Form.LONG:
        raise Invalid(_("Only what is as long as an e-mail can be sent as a test."), field="form")
    if actor.organisation.synthetic:
        raise Refused(_("Nothing leaves an organisation of made-up people. Look at the preview."))
    if closed(actor.organisation, email.NAME) in (PAUSED, CHANNEL_STOPPED):
        raise Refused(_("E-mail is stopped or everything is paused: start it again first."))
    shown = marked(draft)
    parcel = Parcel(
        key=f"{actor.organisation.slug}.test-{secrets.token_hex(_KEY_BYTES)}",
        to=address, subject=shown.subject, body=plain(shown), html=html(shown),
        sender_name=shown.sender.name, language=shown.language, draft=shown,
    )  # fmt: skip
    try:
        with CHANNELS[email.NAME].opened(actor.organisation) as send:
            send(parcel)
    except (NotSent, Unclear) as error:
        raise Refused(_("The test could not be sent: %(why)s") % {"why": error}) from error
    audit.record(
        actor, "text.test", f"text:{draft.template}:{draft.version}", after={"to": address}
    )
    return address


def marked(draft: Draft) -> Draft:
    """Return a message that says of itself that it is a test."""
    says = draft.words["test"]
    # Before the colon stands the word alone: TEST, PROEF.
    word = says.partition(":")[0]
    return replace(draft, subject=f"{word}: {draft.subject}", paragraphs=(says, *draft.paragraphs))
