"""What a release carries, what of it is in force, and putting it in force or back.

Rules and predictors decide, and can be tried; texts are said, and can be tried where something
decides; the law holds for everybody at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.governance import actions as rules
from tenor.platform.governance import fitting, lawmaking
from tenor.platform.governance.law import live_extension
from tenor.platform.governance.models import LawExtension, PolicyVersion, PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.releases.models import Release
from tenor.platform.wording import actions as wording
from tenor.platform.wording.models import Template
from tenor.platform.wording.queries import live_template

State = Release.State
# Whoever answers for the law signs for what is said and what is lawful.
_NOT_IN_USE = ("draft", "rejected")


@dataclass(frozen=True)
class Parts:
    """Versions of each kind; what is None (or no text) is not changed, or not in force."""

    predictor: PredictorVersion | None = None
    policy: PolicyVersion | None = None
    law: LawExtension | None = None
    texts: tuple[Template, ...] = ()

    def names(self) -> set[tuple[str, int]]:
        """Return its versions as kind and row, to tell what two have in common."""
        rows = (("predictor", self.predictor), ("rules", self.policy), ("law", self.law))
        return {(kind, row.pk) for kind, row in rows if row is not None} | {
            ("text", row.pk) for row in self.texts
        }


def carried(release: Release) -> Parts:
    """Return what a release carries."""
    rows = release.texts.select_related("text", "replaced").all()
    texts = tuple(row.text for row in rows)
    return Parts(release.predictor, release.policy, release.law, texts)


def replaced(release: Release) -> Parts:
    """Return what a release took the place of, as far as there was something."""
    rows = release.texts.select_related("replaced").exclude(replaced=None)
    texts = tuple(row.replaced for row in rows if row.replaced is not None)
    return Parts(release.replaced_predictor, release.replaced_policy, release.replaced_law, texts)


def decides(release: Release) -> bool:
    """Say whether a release changes what is decided: then it has a shadow."""
    return release.predictor_id is not None or release.policy_id is not None


def can_be_tried(release: Release) -> bool:
    """Say whether a release can be given to a share of customers first.

    Law holds for all. Texts are compared where a predictor decides: else nobody is in an arm.
    """
    if release.law_id is not None:
        return False
    return decides(release) or live_predictor(release.organisation) is not None


def way_of(release: Release) -> tuple[str, ...]:
    """Return the states that a release goes through, the first one first."""
    shadow = decides(release)
    shared = shadow or bool(release.experiment)
    if not shared and release.live_at is None:
        shared = can_be_tried(release)
    trial = (
        *([State.SHADOW.value] if shadow else []),
        *([State.CANARY.value] if shared else []),
    )
    return (State.DRAFT.value, State.SUBMITTED.value, State.APPROVED.value, *trial,
            State.LIVE.value)  # fmt: skip


def in_force(organisation: Organisation, wanted: Parts) -> Parts:
    """Return what is in force in the places of `wanted`."""
    law = wanted.law and live_extension(organisation, wanted.law.jurisdiction)
    found = (live_template(organisation, text) for text in wanted.texts)
    return Parts(
        live_predictor(organisation) if wanted.predictor else None,
        live_policy_version(organisation) if wanted.policy else None,
        law,
        tuple(text for text in found if text is not None),
    )


def is_in_force(release: Release) -> bool:
    """Say whether anything of a release is in force."""
    mine = carried(release)
    return bool(mine.names() & in_force(release.organisation, mine).names())


def overlap(one: Release, other: Release) -> bool:
    """Say whether two releases change the same place."""
    first, second = set(_places(carried(one))), set(_places(carried(other)))
    return bool(first & second)


def note_replaced(release: Release) -> None:
    """Keep what is in force in the places of a release, so that one can go back to it."""
    mine = carried(release)
    now = in_force(release.organisation, mine)
    release.replaced_predictor, release.replaced_policy = now.predictor, now.policy
    release.replaced_law = now.law
    release.save(update_fields=["replaced_predictor", "replaced_policy", "replaced_law"])
    before = {_place(text): text for text in now.texts}
    for row in release.texts.select_related("text"):
        row.replaced = before.get(_place(row.text))
        row.save(update_fields=["replaced"])


def put_in_force(actor: Actor, release: Release, *, because: str, signed: bool) -> None:
    """Put what a release carries in force; `signed` by somebody who answers for the law.

    Call in a transaction: all of it or nothing.
    """
    mine = carried(release)
    for row in (mine.policy, mine.law, *mine.texts):
        _refuse_withdrawn(release, row)
    if mine.predictor is not None:
        fitting.put_to_work(actor, mine.predictor)
    if mine.policy is not None:
        rules.put_in_force(actor, mine.policy, because=because)
    if mine.law is not None:
        lawmaking.put_in_force(actor, mine.law, because=because, signed=signed)
    for text in mine.texts:
        wording.put_in_force(actor, text, because=because)


def restore(actor: Actor, release: Release, *, because: str) -> None:
    """Put back what a live release took the place of, as far as it is still in force itself."""
    still = in_force(release.organisation, carried(release)).names()
    before = replaced(release)
    if release.predictor and ("predictor", release.predictor_id) in still:
        if before.predictor is None:
            fitting.rest(actor)
        else:
            fitting.put_to_work(actor, before.predictor)
    if release.policy and ("rules", release.policy_id) in still:
        if before.policy is None:
            raise Refused(_("There were no rules before these: draft other ones instead."))
        rules.put_in_force(actor, before.policy, because=because)
    if release.law and ("law", release.law_id) in still:
        if before.law is None:
            lawmaking.end_law(actor, number=release.law.number, because=because)
        else:
            lawmaking.put_in_force(actor, before.law, because=because, signed=False)
    for row in release.texts.select_related("text", "replaced"):
        if ("text", row.text_id) in still:
            _restore_text(actor, row.text, row.replaced, because)


def _restore_text(actor: Actor, text: Template, before: Template | None, because: str) -> None:
    if before is None:
        wording.take_out(actor, text, because=because)
    else:
        wording.put_in_force(actor, before, because=because)


def _refuse_withdrawn(
    release: Release, row: PolicyVersion | LawExtension | Template | None
) -> None:
    """Refuse what its writer took back, or somebody turned down, since it was signed for."""
    if row is None:
        return
    row.refresh_from_db(fields=["state"])
    set_aside = row.state == "retired" and release.live_at is None
    if row.state in _NOT_IN_USE or set_aside:
        raise Refused(
            _("Version %(number)s of what it carries was taken back or rejected meanwhile.")
            % {"number": row.number}
        )


def _places(parts: Parts) -> Iterator[tuple[str, ...]]:
    if parts.predictor is not None:
        yield ("predictor",)
    if parts.policy is not None:
        yield ("rules",)
    if parts.law is not None:
        yield ("law", parts.law.jurisdiction)
    for text in parts.texts:
        yield ("text", *_place(text))


def _place(text: Template) -> tuple[str, str, str, str]:
    return (text.kind, text.form, text.tone, text.language)
