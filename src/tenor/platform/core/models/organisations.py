"""Organisations, the people who work in them, and what each is there."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from tenor.platform.core.roles import RIGHTS, ROLE_NAMES, Right, Role
from tenor.platform.core.tenancy import Owned


class Organisation(models.Model):
    """A creditor or agency that works with Tenor; nobody sees another's rows."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="NL")
    language = models.CharField(max_length=12, default="en")
    timezone = models.CharField(max_length=64, default="Europe/Amsterdam")
    currency = models.CharField(max_length=3, default="EUR")
    # Marked on every screen: nothing here is about real people.
    synthetic = models.BooleanField(default=False)
    # A made-up present, for the demonstration and for stories; empty: the real one.
    clock_at = models.DateTimeField(null=True, blank=True)
    # Set by people: see `core.preferences` for what each key means.
    settings = models.JSONField(default=dict, blank=True)
    # Nothing is sent while this stands.
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order in which people look for them."""

        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people who sign in with their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> "User":
        """Make a person; without a password they sign in another way."""
        user = self.model(email=self.normalize_email(email).lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by e-mail address, in whatever case it was typed."""
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """A person who signs in; what they may do is said by their membership of an organisation."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=12, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []
    # Nobody administers the installation through a web page: that is done on its machine.
    is_staff = is_superuser = False

    def __str__(self) -> str:
        """Return the name, or the address where there is none."""
        return self.name or self.email

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Refuse: rights come from memberships alone."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Refuse: rights come from memberships alone."""
        return False


class Membership(Owned):
    """What a person is in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    # What this person knows best: cases that ask for it come to them first.
    skills = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One role a person and organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "user"], name="one_membership")
        ]
        base_manager_name = "across"

    def may(self, right: Right) -> bool:
        """Say whether this role includes `right`."""
        return self.is_active and right in RIGHTS[Role(self.role)]

    @property
    def role_name(self) -> str:
        """Return the role as people call it."""
        return str(ROLE_NAMES[Role(self.role)])
