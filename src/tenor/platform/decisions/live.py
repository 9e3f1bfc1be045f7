"""What is in force: the predictor and the rules, read once a process and kept by their version."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tenor.engine.errors import ModelError
from tenor.engine.law.library import shipped
from tenor.engine.policy.ladder import Step
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.policy.sections import Jurisdiction
from tenor.engine.predictors.model import Model, load_model
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.channels import within_reach
from tenor.platform.governance import queries
from tenor.platform.governance.law import home_place_of, law_of
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.governance.segments import changed_policy

log = logging.getLogger("tenor.decisions")


def live_model(organisation: Organisation) -> Model | None:
    """Return the predictor in force; nothing where none was good enough, or it is unreadable."""
    return model_if_readable(queries.live_predictor(organisation))


def model_of(version: PredictorVersion | None) -> Model | None:
    """Return the model of a predictor version; raises ModelError where it cannot be read."""
    return None if version is None else _model(queries.folder_of(version), version.version)


def model_if_readable(version: PredictorVersion | None) -> Model | None:
    """Return the model of a version, or nothing: then the fixed ladder decides, as without one."""
    try:
        return model_of(version)
    except ModelError as error:
        log.warning("the predictor cannot be read: %s", error)
        return None


def is_unreadable(version: PredictorVersion | None) -> bool:
    """Say whether a version is of another format than this Tenor reads, damaged, or gone."""
    return version is not None and model_if_readable(version) is None


def live_policy(organisation: Organisation) -> Policy:
    """Return the rules in force, on the channels that can be used here; none: no channel is on."""
    return policy_of(organisation, queries.live_policy_version(organisation))


def policy_of(
    organisation: Organisation,
    version: PolicyVersion | None,
    changes: Mapping[str, Any] | None = None,
) -> Policy:
    """Return the rules of a version, on the channels that can be used here.

    `changes` are keys with another value: {"limits.min_days_between": 7}.
    """
    return _in_force(organisation, _changed(version, changes))


def segment_policies(
    organisation: Organisation,
    version: PolicyVersion | None,
    changes: Mapping[str, Any] | None = None,
) -> dict[str, Policy]:
    """Return the rules of each segment for which they differ from those of everybody.

    `changes` hold in all of them, whatever a segment says itself.
    """
    base, over = _changed(version, None), changes or {}
    return {
        name: _in_force(organisation, changed_policy(base, {**strategy.policy_changes, **over}))
        for name, strategy in queries.strategies(organisation).items()
        if strategy.policy_changes
    }


def ladder_of(organisation: Organisation) -> list[Step]:
    """Return the fixed ladder that Tenor is compared with."""
    return [Step(*step) for step in preferences_of(organisation).ladder]


def _changed(version: PolicyVersion | None, changes: Mapping[str, Any] | None) -> Policy:
    return changed_policy(_policy(version.text) if version else Policy(), changes or {})


def _in_force(organisation: Organisation, policy: Policy) -> Policy:
    """Return rules on the channels that can be used here, under the law as it holds here."""
    known = shipped()
    own = {name: p for name, p in law_of(organisation).items() if p is not known.get(name)}
    place = Jurisdiction(home_place_of(organisation), preferences_of(organisation).actor)
    return replace(within_reach(organisation, policy), jurisdiction=place, packs=own)


@lru_cache(maxsize=8)
def _model(folder: Path, version: str) -> Model:
    return load_model(folder)


@lru_cache(maxsize=32)
def _policy(text: str) -> Policy:
    return parse_policy(text)
