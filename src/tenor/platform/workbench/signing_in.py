"""How people come in: nobody signs up by themselves; who is let in is said by an administrator."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import redirect

from tenor.platform.core import audit
from tenor.platform.core.models import User
from tenor.platform.core.origin import origin_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in with a password; written to the installation's audit log."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: people are invited."""
        return False

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> Any:
        """Write down who signed in, from where."""
        audit.record_for_installation(
            "person.sign_in",
            f"person:{user.pk}",
            actor=f"person:{user.pk}",
            actor_name=str(user),
            origin=origin_of(request),
        )
        return super().post_login(request, user, **details)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Signing in through a provider of one's own: known people only, by verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Refuse: people are invited."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Turn away, in words, somebody whom the provider knows and Tenor does not."""
        if (
            not sociallogin.is_existing
            and not User.objects.filter(
                email__iexact=sociallogin.user.email or "", is_active=True
            ).exists()
        ):
            raise ImmediateHttpResponse(redirect("workbench:not_invited"))
