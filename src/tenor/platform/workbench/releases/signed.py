"""Who signed for a release, who still may, and whose signature is missing."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import ANY_SIGNER, preferences_of
from tenor.platform.releases.proof import untold
from tenor.platform.releases.queries import words_given
from tenor.platform.releases.signing import (
    authors_of,
    group_of,
    missing_of,
    needed_of,
    standing,
)
from tenor.platform.workbench.releases import words

_REVOCABLE = ("submitted", "approved", "shadow", "canary")


def signatures(actor: Actor, release: Any) -> dict[str, Any]:
    """Return the signatures under a release, and what this person may add or take back."""
    counted = {row.pk for row in standing(release)}
    given = words_given(release)
    mine = next((r for r in given if r.by_id == actor.user_id and r.revoked_at is None), None)
    group, author = group_of(actor), actor.user_id in authors_of(release)
    missing = missing_of(release)
    return {
        "signed": [
            {
                "row": row,
                "group": words.GROUPS[row.group],
                "counts": row.pk in counted,
                "why_not": _why_not(row),
                "seen": [str(words.check_name(name)) for name in row.seen],
            }
            for row in given
        ],
        "missing": [] if release.automatic else _named(missing, more=bool(counted)),
        "may_sign": release.state == "submitted" and bool(group) and not author
        and not (mine is not None and mine.pk in counted),
        "may_reject": release.state in ("submitted", "approved") and bool(group) and not author,
        "may_revoke": mine is not None and release.state in _REVOCABLE,
        "signs_for": words.GROUPS[group] if group else "",
        "is_author": author,
        "needed": ", ".join(_named(needed_of(release))),
        "unanswered": [(name, words.check_name(name)) for name in untold(release.evidence)],
    }  # fmt: skip


def needed_words(organisation: Organisation) -> str:
    """Say whose signatures a release needs here."""
    return ", ".join(_named(preferences_of(organisation).approvals_needed))


def _named(needed: tuple[str, ...], *, more: bool = False) -> list[str]:
    """Write parts of the house; the others as a number, `more` beside those that are there."""
    counted = Counter(needed)
    others = counted.pop(ANY_SIGNER, 0)
    found = [str(words.GROUPS[name]) for name in counted]
    if others:
        found.append(
            ngettext(
                "%(count)s more part of the house", "%(count)s more parts of the house", others
            ) % {"count": others}
            if found or more
            else ngettext(
                "%(count)s part of the house", "%(count)s different parts of the house", others
            ) % {"count": others}
        )  # fmt: skip
    return found


def _why_not(row: Any) -> str:
    if row.revoked_at is not None:
        return _("taken back: %(why)s") % {"why": row.revoked_because}
    return _("counts no more: the person, their role or what was signed is another now")
