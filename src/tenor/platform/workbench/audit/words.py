"""The verbs of the audit log, as people say them; and where what they changed can be seen."""

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.models import Organisation

_WORDS: dict[str, Promise] = {
    "api_key.make": _("made a key"),
    "api_key.revoke": _("revoked a key"),
    "organisation.change": _("changed the organisation"),
    "organisation.change_preferences": _("changed the settings"),
    "organisation.make": _("made the organisation"),
    "organisation.pause": _("paused everything"),
    "organisation.resume": _("let everything go on"),
    "person.add": _("let somebody in"),
    "person.change_role": _("changed somebody's role"),
    "person.invite": _("made a link for a first password"),
    "person.remove": _("took somebody away"),
    "person.set_skills": _("changed somebody's skills"),
}
# Of which kind of subject there is a screen.
_SCREENS = {"customer": "customer", "invoice": "invoice", "person": "person"}


def words_of(action: str) -> Promise | str:
    """Say what was done."""
    return _WORDS.get(action) or action.replace(".", ": ").replace("_", " ")


def address_of(organisation: Organisation, subject: str) -> str:
    """Return the screen of what was changed, or nothing where there is none."""
    kind, _colon, key = subject.partition(":")
    if kind not in _SCREENS or not key:
        return ""
    try:
        return reverse(f"workbench:{_SCREENS[kind]}", args=[organisation.slug, key])
    except NoReverseMatch:
        return ""
