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
from tenor.platform.governance.models import LawExtension, PolicyVersion, PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.releases.models import Approval, CarriedText, Passage, Release, Training
from tenor.platform.releases.passing import OPEN
from tenor.platform.wording.models import Template
from tenor.platform.wording.queries import live_templates

State = Release.State
_RELATED = (
    "author", "predictor", "policy", "law", "replaced_predictor", "replaced_policy", "replaced_law",
)  # fmt: skip


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
        found.append(_law(organisation, law))
    for text in live_templates(organisation):
        found.append(_text(organisation, text))
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
    return list(rows.prefetch_related("passages", "texts__text").order_by("-number"))


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


def law_carried(organisation: Organisation) -> set[int]:
    """Return the rows of the organisation's own law that a release on its way carries."""
    rows = Release.objects.of(organisation).filter(state__in=OPEN).exclude(law=None)
    return set(rows.values_list("law_id", flat=True))


def texts_carried(organisation: Organisation) -> set[int]:
    """Return the rows of texts that a release on its way carries."""
    rows = CarriedText.objects.of(organisation).filter(release__state__in=OPEN)
    return set(rows.values_list("text_id", flat=True))


def release_of_law(organisation: Organisation, number: int) -> Release | None:
    """Return the release on its way that carries this version of the law, if there is one."""
    rows = Release.objects.of(organisation).filter(law__number=number, state__in=OPEN)
    found: Release | None = rows.first()
    return found


def release_of_text(organisation: Organisation, number: int) -> Release | None:
    """Return the release on its way that carries this text (by its row), if there is one."""
    rows = Release.objects.of(organisation).filter(texts__text_id=number, state__in=OPEN)
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


def _law(organisation: Organisation, row: LawExtension) -> Live:
    release = _release_of(organisation, law=row)
    by = _word(release) or str(row.decided_by or "")
    number = release.number if release else None
    return Live("law", row.jurisdiction, str(row.number), row.decided_at, by, number)


def _text(organisation: Organisation, row: Template) -> Live:
    release = _release_of(organisation, texts__text=row)
    name = " · ".join((row.kind, row.form, row.tone, row.language))
    by = _word(release) or str(row.decided_by or "")
    number = release.number if release else None
    return Live("text", name, str(row.number), row.decided_at, by, number)


def _release_of(
    organisation: Organisation, **part: PredictorVersion | PolicyVersion | LawExtension | Template
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
