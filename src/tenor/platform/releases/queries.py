"""The registry: what is live and by whose word, what is on its way, and what was learned when."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

from tenor.engine.law.library import SECTIONS
from tenor.engine.law.reading import read_packs
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.governance.law import live_extensions
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.releases.models import Approval, Passage, Release, Training
from tenor.platform.releases.passing import OPEN
from tenor.platform.wording.queries import live_templates

State = Release.State
_RELATED = ("author", "predictor", "policy", "replaced_predictor", "replaced_policy")


@dataclass(frozen=True)
class Live:
    """A thing that decides or is said today: since when, and by whose word.

    `kind` is "predictor", "rules", "law" or "text"; `name` says which of them, `version` which
    version. `release` is the number of the release that it came with, where it came with one.
    """

    kind: str
    name: str
    version: str
    since: datetime | None
    by: str
    release: int | None = None


@dataclass(frozen=True)
class ShippedPack:
    """A pack of law as it came with Tenor: its version, and the digest of its text."""

    jurisdiction: str
    version: str
    digest: str


def live_parts(organisation: Organisation) -> list[Live]:
    """Return what is live: the predictor, the rules, the organisation's own law and texts."""
    found = []
    predictor, policy = live_predictor(organisation), live_policy_version(organisation)
    if predictor is not None:
        found.append(_predictor(organisation, predictor))
    if policy is not None:
        found.append(_policy(organisation, policy))
    for law in live_extensions(organisation):
        by = str(law.decided_by or "")
        found.append(Live("law", law.jurisdiction, str(law.number), law.decided_at, by))
    for text in live_templates(organisation):
        name = " · ".join((text.kind, text.form, text.tone, text.language))
        by = str(text.decided_by or "")
        found.append(Live("text", name, str(text.number), text.decided_at, by))
    return found


@cache
def shipped_packs() -> tuple[ShippedPack, ...]:
    """Return the packs of law that came with Tenor, each with the digest of its file."""
    found = []
    for file in (resources.files("tenor.engine.law") / "packs").iterdir():
        if file.name.endswith(".toml"):
            text = file.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            for pack in read_packs(text, place=file.name, sections=SECTIONS):
                found.append(ShippedPack(pack.jurisdiction, pack.version, digest))
    return tuple(sorted(found, key=lambda pack: pack.jurisdiction))


def releases(organisation: Organisation) -> list[Release]:
    """Return every release, the newest first."""
    rows = Release.objects.of(organisation).select_related(*_RELATED)
    return list(rows.prefetch_related("passages").order_by("-number"))


def release_numbered(actor: Actor, number: int) -> Release:
    """Return the release with this number, or refuse."""
    found: Release = row_for(actor, Release, number=number, related=("organisation", *_RELATED))
    return found


def waiting_for_words(organisation: Organisation) -> list[Release]:
    """Return the releases that wait for somebody's word, the oldest first."""
    rows = Release.objects.of(organisation).filter(state=State.SUBMITTED)
    return list(rows.order_by("number"))


def release_of_rules(organisation: Organisation, number: int) -> Release | None:
    """Return the release on its way that carries this version of the rules, if there is one."""
    rows = Release.objects.of(organisation).filter(policy__number=number, state__in=OPEN)
    found: Release | None = rows.first()
    return found


def passages(release: Release) -> list[Passage]:
    """Return how a release came to where it is, the first step first."""
    return list(Passage.objects.of(release.organisation_id).filter(release=release))


def words_given(release: Release) -> list[Approval]:
    """Return every word that was given for a release, also those taken back."""
    return list(Approval.objects.of(release.organisation_id).filter(release=release))


def trainings(organisation: Organisation, most: int = 12) -> list[Training]:
    """Return the latest attempts to learn anew, the newest first."""
    rows = Training.objects.of(organisation).select_related("predictor", "release")
    return list(rows.order_by("-pk")[:most])


def last_training(organisation: Organisation) -> Training | None:
    """Return the latest attempt to learn anew, whatever came of it."""
    found = trainings(organisation, 1)
    return found[0] if found else None


def predictor_numbered(actor: Actor, number: int) -> PredictorVersion:
    """Return a predictor of the organisation, for its card and data sheet, or refuse."""
    found: PredictorVersion = row_for(actor, PredictorVersion, pk=number)
    return found


def _predictor(organisation: Organisation, row: PredictorVersion) -> Live:
    release = _release_of(organisation, predictor=row)
    since = release.live_at if release else row.fitted_at
    return Live(
        "predictor", row.version, "", since, _word(release), release.number if release else None
    )


def _policy(organisation: Organisation, row: PolicyVersion) -> Live:
    release = _release_of(organisation, policy=row)
    by = _word(release) or str(row.decided_by or "Tenor")
    number = str(row.number)
    return Live("rules", row.note, number, row.decided_at, by, release.number if release else None)


def _release_of(
    organisation: Organisation, **part: PredictorVersion | PolicyVersion
) -> Release | None:
    rows = Release.objects.of(organisation).filter(state=State.LIVE, **part)
    found: Release | None = rows.order_by("-live_at").first()
    return found


def _word(release: Release | None) -> str:
    """Return by whose word something is live: those who signed, or the rule that let it go."""
    if release is None:
        return ""
    signed = [row.by_name for row in words_given(release) if row.revoked_at is None]
    last = Passage.objects.of(release.organisation_id).filter(release=release, after=State.LIVE)
    name = last.order_by("-pk").values_list("by_name", flat=True).first()
    return ", ".join(signed) or name or ""
