"""All that is kept of a release as one file, for whoever examines it later."""

from typing import Any

from tenor.platform.releases import shadow
from tenor.platform.releases.gathering import plain
from tenor.platform.releases.models import Release
from tenor.platform.releases.queries import passages, words_given
from tenor.platform.releases.signing import seal_of, standing


def record_of(release: Release) -> dict[str, Any]:
    """Return a release with its evidence, words, passages and days in shadow, as JSON."""
    counted = {row.pk for row in standing(release)}
    found: dict[str, Any] = plain(
        {
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
            "changes": {
                "predictor": release.predictor.version if release.predictor else None,
                "rules": release.policy.number if release.policy else None,
                "text": release.policy.text if release.policy else None,
            },
            "replaced": {
                "predictor": _version(release.replaced_predictor),
                "rules": release.replaced_policy.number if release.replaced_policy else None,
            },
            "evidence": release.evidence,
            "seal": seal_of(release),
            "signatures": [
                {
                    "by": row.by_name,
                    "for": row.group,
                    "because": row.because,
                    "at": row.at,
                    "seal": row.seal,
                    "counts": row.pk in counted,
                    "revoked_at": row.revoked_at,
                    "revoked_because": row.revoked_because,
                }
                for row in words_given(release)
            ],
            "course": [
                {
                    "from": step.before,
                    "to": step.after,
                    "at": step.at,
                    "by": step.by_name,
                    "because": step.because,
                    "exception": step.exception,
                }
                for step in passages(release)
            ],
            "shadow": [{"day": day.day, **day.figures} for day in shadow.days_of(release)],
            "canary": {"experiment": release.experiment, "share": release.share},
        }
    )
    return found


def _version(predictor: Any) -> str | None:
    return None if predictor is None else str(predictor.version)
