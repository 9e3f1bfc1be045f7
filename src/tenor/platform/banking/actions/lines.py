"""Decide about a line that waits: book it, set it aside, take a payment back, undo."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.banking import booking, matching, returning
from tenor.platform.banking.booking import Part
from tenor.platform.banking.models import Line
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right


def book_proposal(actor: Actor, *, number: int, nth: int) -> Line:
    """Book a line as one of its proposals has it.

    Where the books have moved on since it was proposed it is refused, and proposed for anew.
    """
    actor.need(Right.MONEY)
    line: Line = row_for(actor, Line, pk=number)
    if not 0 <= nth < len(line.proposals):
        raise Refused(_("This proposal is no longer there. Load the page again."))
    chosen = line.proposals[nth]
    if "payment" in chosen:
        return returning.take_back(actor, number=number, payment_key=chosen["payment"])
    parts = matching.parts_of(chosen)
    try:
        return booking.book(
            actor, number=number, parts=parts, basis=chosen["basis"], score=chosen["score"]
        )
    except Refused:
        line.refresh_from_db()
        if line.state in booking.OPEN:
            matching.look_again(actor, line)
        raise


def book_line(actor: Actor, *, number: int, parts: Sequence[Part]) -> Line:
    """Book a line as a person says: on customers and invoices of their choice."""
    return booking.book(actor, number=number, parts=parts)


def return_line(actor: Actor, *, number: int, payment_key: str) -> Line:
    """Take a payment back because of a line."""
    return returning.take_back(actor, number=number, payment_key=payment_key)


def set_line_aside(actor: Actor, *, number: int, aside_as: str, note: str = "") -> Line:
    """Say that a line is not for the books of customers, and why."""
    return booking.set_aside(actor, number=number, aside_as=aside_as, note=note)


def undo_line(actor: Actor, *, number: int, reason: str = "") -> Line:
    """Take back what was decided: the line waits again, with what may be proposed for it now."""
    with transaction.atomic():
        line = booking.undo(actor, number=number, reason=reason)
        return matching.look_again(actor, line)
