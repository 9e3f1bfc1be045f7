"""Organisations and the people who work in them: make, invite, change, take away."""

import re
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.models import Membership, Organisation, User
from tenor.platform.core.roles import Right, Role

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,48}")


def make_organisation(*, slug: str, name: str, **values: Any) -> Organisation:
    """Make an organisation (on the machine itself: no web page can)."""
    if not _SLUG.fullmatch(slug):
        raise Invalid(_("Use small letters, digits and dashes."), field="slug")
    with transaction.atomic():
        if Organisation.objects.filter(slug=slug).exists():
            raise Refused(_("There is an organisation called %(slug)s already.") % {"slug": slug})
        organisation = Organisation.objects.create(slug=slug, name=name, **values)
        audit.record_for_installation(
            "organisation.make", f"organisation:{slug}", after={"name": name}
        )
    return organisation


def add_person(
    actor: Actor, *, email: str, role: str, name: str = "", password: str | None = None
) -> Membership:
    """Let somebody into the actor's organisation; make them known where they are new."""
    actor.need(Right.ADMINISTER)
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(_("This is no e-mail address."), field="email") from None
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = _new_user(email, name, password)
        if Membership.objects.of(actor.organisation).filter(user=user).exists():
            raise Refused(_("%(email)s works here already.") % {"email": email})
        membership: Membership = Membership.objects.of(actor.organisation).create(
            user=user, role=_role(role)
        )
        after = {"email": user.email, "role": membership.role}
        audit.record(actor, "person.add", f"person:{user.pk}", after=after)
    return membership


def change_role(actor: Actor, *, user_id: int, role: str) -> Membership:
    """Give somebody another role; the last administrator keeps theirs."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        membership: Membership = row_for(actor, Membership, user_id=user_id, lock=True)
        before = membership.role
        if before == Role.ADMINISTRATOR and role != Role.ADMINISTRATOR:
            _not_the_last(actor, membership)
        membership.role = _role(role)
        membership.save(update_fields=["role"])
        audit.record(actor, "person.change_role", f"person:{user_id}",
                     before={"role": before}, after={"role": membership.role})  # fmt: skip
    return membership


def remove_person(actor: Actor, *, user_id: int) -> None:
    """Let somebody in no longer; what they did stays in the log under their name."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        membership: Membership = row_for(actor, Membership, user_id=user_id, lock=True)
        if membership.role == Role.ADMINISTRATOR:
            _not_the_last(actor, membership)
        before = {"role": membership.role, "email": membership.user.email}
        membership.delete()
        audit.record(actor, "person.remove", f"person:{user_id}", before=before)


def remove_second_factor(actor: Actor, *, user_id: int) -> int:
    """Take away the second factors of somebody who lost them; return how many there were.

    Only of somebody who works nowhere else: another organisation trusts them too.
    """
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        membership: Membership = row_for(actor, Membership, user_id=user_id, lock=True)
        if actor.user_id == user_id:
            raise Refused(_("Your own you change in your profile."))
        elsewhere = Membership.across.filter(user_id=user_id).exclude(pk=membership.pk)
        if elsewhere.exists():
            raise Refused(
                _("They work for another organisation too: whoever runs the installation helps.")
            )
        factors = Authenticator.objects.filter(user=membership.user_id)
        kinds = sorted(factors.values_list("type", flat=True))
        factors.delete()
        if kinds:
            audit.record(
                actor, "person.remove_second_factor", f"person:{user_id}", before={"kinds": kinds}
            )
    return len(kinds)


def set_skills(actor: Actor, *, user_id: int, skills: list[str]) -> Membership:
    """Say what somebody knows best: cases that ask for it come to them first."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        membership: Membership = row_for(actor, Membership, user_id=user_id, lock=True)
        before, membership.skills = membership.skills, sorted({s.strip() for s in skills} - {""})
        membership.save(update_fields=["skills"])
        audit.record(actor, "person.set_skills", f"person:{user_id}",
                     before=before, after=membership.skills)  # fmt: skip
    return membership


def set_language(user: User, language: str) -> None:
    """Keep the language that somebody reads; empty: the organisation's."""
    if language not in {"", *dict(settings.LANGUAGES)}:
        raise Invalid(_("Tenor does not speak this language."), field="language")
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
        audit.record_for_installation(
            "person.set_language", f"person:{user.pk}", actor=f"person:{user.pk}",
            actor_name=str(user), after={"language": language},
        )  # fmt: skip


def rename(user: User, name: str) -> None:
    """Keep the name by which colleagues know somebody."""
    if user.name != name.strip():
        before, user.name = user.name, name.strip()
        user.save(update_fields=["name"])
        audit.record_for_installation(
            "person.rename", f"person:{user.pk}", actor=f"person:{user.pk}",
            actor_name=before or user.email, after={"name": user.name},
        )  # fmt: skip


def _new_user(email: str, name: str, password: str | None) -> User:
    if password is not None:
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), field="password") from None
    return User.objects.create_user(email, password, name=name)


def _role(role: str) -> str:
    if role not in set(Role):
        raise Invalid(_("There is no role %(role)s.") % {"role": role}, field="role")
    return role


def _not_the_last(actor: Actor, membership: Membership) -> None:
    others = Membership.objects.of(actor.organisation).filter(
        role=Role.ADMINISTRATOR, is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise Refused(_("The last administrator stays: make somebody else one first."))
