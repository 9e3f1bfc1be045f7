"""All that is kept of a release as one file, for whoever examines it later."""

from typing import Any

from tenor.platform.releases import shadow
from tenor.platform.releases.gathering import plain
from tenor.platform.releases.models import Approval, Passage, Release
from tenor.platform.releases.parts import Parts, carried, replaced
from tenor.platform.releases.queries import passages, words_given
from tenor.platform.releases.signing import seal_of, standing
from tenor.platform.wording.actions import named


def record_of(release: Release) -> dict[str, Any]:
    """Return a release with its evidence, words, passages and days in shadow, as JSON."""
    counted = {row.pk for row in standing(release)}
    found: dict[str, Any] = plain(
        {
            **_head(release),
            "changes": {**_versions(carried(release)), **_as_written(carried(release))},
            "replaced": _versions(replaced(release)),
            "evidence": release.evidence,
            "seal": seal_of(release),
            "signatures": [_signature(row, row.pk in counted) for row in words_given(release)],
            "course": [_step(step) for step in passages(release)],
            "shadow": [{"day": day.day, **day.figures} for day in shadow.days_of(release)],
            "canary": {"experiment": release.experiment, "share": release.share},
        }
    )
    return found


def _head(release: Release) -> dict[str, Any]:
    return {
        "release": release.number,
        "organisation": release.organisation.slug,
        "synthetic": release.organisation.synthetic,
        "title": release.title,
        "why": release.note,
        "state": release.state,
        "author": release.author_name,
        "made_at": release.made_at,
        "live_at": release.live_at,
        "ended_at": release.ended_at,
    }


def _versions(parts: Parts) -> dict[str, Any]:
    """Return which versions these are."""
    return {
        "predictor": parts.predictor.version if parts.predictor else None,
        "rules": parts.policy.number if parts.policy else None,
        "law": f"{parts.law.jurisdiction} {parts.law.number}" if parts.law else None,
        "texts": [named(text) for text in parts.texts],
    }


def _as_written(parts: Parts) -> dict[str, Any]:
    """Return the words of the versions, as they were signed."""
    return {
        "text": parts.policy.text if parts.policy else None,
        "law_text": parts.law.text if parts.law else None,
        "words": {named(text): {"subject": text.subject, "body": text.body}
                  for text in parts.texts},
    }  # fmt: skip


def _signature(row: Approval, counts: bool) -> dict[str, Any]:
    return {
        "by": row.by_name,
        "for": row.group,
        "because": row.because,
        "seen": row.seen,
        "at": row.at,
        "seal": row.seal,
        "counts": counts,
        "revoked_at": row.revoked_at,
        "revoked_because": row.revoked_because,
    }


def _step(step: Passage) -> dict[str, Any]:
    return {
        "from": step.before,
        "to": step.after,
        "at": step.at,
        "by": step.by_name,
        "because": step.because,
        "exception": step.exception,
    }
