"""The link with which somebody who was let in sets their first password."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from tenor.platform.core import audit, links
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.models import Membership, User
from tenor.platform.core.roles import Right

VALID = timedelta(days=7)
_PURPOSE = "invitation"


def may_be_invited(membership: Membership) -> bool:
    """Say whether a link may be made: for people without a password who work here only.

    Whoever makes the link could follow it. For somebody who works in another organisation too,
    that would be a door into that one: they prove their address by e-mail instead.
    """
    user = membership.user
    return not user.has_usable_password() and not _elsewhere(user, membership.organisation_id)


def invite(actor: Actor, *, user_id: int) -> str:
    """Return the text of a link with which a new colleague sets their password, once."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        membership: Membership = row_for(actor, Membership, user_id=user_id, related=("user",))
        if not may_be_invited(membership):
            raise Refused(
                _("%(name)s can sign in already; a lost password is renewed by e-mail.")
                % {"name": membership.user}
            )
        audit.record(actor, "person.invite", f"person:{user_id}", after={"days": VALID.days})
    return links.signed(
        _PURPOSE,
        user=user_id,
        organisation=membership.organisation_id,
        seal=_seal(membership.user),
    )


def invited(text: str) -> Membership:
    """Return whose link this is; refuse one that is forged, too old or used."""
    content = links.content_of(text, _PURPOSE, valid=VALID) or {}
    membership = (
        # The link tells which organisation: there is no other before somebody is signed in.
        Membership.across.select_related("user", "organisation")
        .filter(user_id=content.get("user", 0), organisation_id=content.get("organisation", 0))
        .first()
    )
    if (
        membership is None
        or not may_be_invited(membership)
        or not membership.is_active
        or content.get("seal") != _seal(membership.user)
    ):
        raise NotFound(_("This link was used already or is too old. Ask for a new one."))
    return membership


def accept(text: str, *, password: str, origin: str = "") -> User:
    """Set the first password of whoever follows the link; it cannot be followed again."""
    with transaction.atomic():
        user: User = User.objects.select_for_update().get(pk=invited(text).user_id)
        membership = invited(text)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), field="password") from None
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record_for_installation(
            "person.accept_invitation",
            f"person:{user.pk}",
            actor=f"person:{user.pk}",
            actor_name=str(user),
            origin=origin,
            after={"organisation": membership.organisation.slug},
        )
    return user


def _elsewhere(user: User, organisation_id: int) -> bool:
    # About the person, not about rows of an organisation: all memberships count.
    others = Membership.across.filter(user=user).exclude(organisation_id=organisation_id)
    return others.exists()


def _seal(user: User) -> str:
    """Return what changes when the password is set, so that a link is good once."""
    return salted_hmac("tenor.invitation", user.password).hexdigest()[:24]
