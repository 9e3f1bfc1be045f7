"""Keep what a day is decided from: the facts, and how it decides about whom."""

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from django.conf import settings

import tenor
from tenor.engine.frames import Tables
from tenor.engine.law.library import shipped
from tenor.engine.policy.ladder import Step
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.policytext import render_policy
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Run
from tenor.platform.decisions.replay import kept
from tenor.platform.decisions.runs.decide import Arm, Way
from tenor.platform.governance.law import live_extensions

# What a row of a decision says of the engine's; `gate`, `state` and the like are people's.
DECIDED = (
    "key", "verdict", "channel", "tone", "send_at", "invoice_keys", "propensity", "explored",
    "factors", "eligible", "p_paid", "p_paid_wait", "cost", "value", "review_reason", "reasons",
    "rules", "candidates", "arm", "experiment", "model_version", "policy_version", "amount",
    "currency", "days_overdue", "segment", "ladder_channel", "ladder_tone",
)  # fmt: skip


def keep(run: Run, known: Tables, segments: pl.DataFrame, way: Way) -> dict[str, str]:
    """Keep the facts of a run and how it decides; return what the run notes of it.

    The files are whole before the run names them: what was cut short is written anew.
    """
    if not settings.KEEP_FACTS_DAYS:
        return {"facts": "", "facts_digest": ""}
    folder = kept.folder_of(run)
    target = kept.path_of(folder)
    beside = target.with_name(f".{target.name}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    parts = max(1, -(-known.customers.height // kept.CUSTOMERS_A_PART))
    files = {
        name: write(beside / name, frame)
        for name, frame in kept.split(known, who(segments, way), parts)
    }
    manifest = {
        "software": software(),
        "parts": parts,
        "erased": 0,
        "files": files,
        "way": way_as_json(run.organisation, way),
    }
    digest = write_manifest(beside, manifest)
    shutil.rmtree(target, ignore_errors=True)
    beside.replace(target)
    return {"facts": folder, "facts_digest": digest}


def write(path: Path, frame: pl.DataFrame) -> str:
    """Write a file of some facts and return its digest."""
    written = io.BytesIO()
    frame.write_parquet(written, compression="zstd")
    path.write_bytes(written.getvalue())
    path.chmod(0o600)
    return kept.digest_of(written.getvalue())


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> str:
    """Write the manifest of a folder, whole or not at all, and return its digest."""
    content = json.dumps(manifest, sort_keys=True, indent=1).encode()
    beside = folder / f".{kept.MANIFEST}"
    beside.write_bytes(content)
    beside.replace(folder / kept.MANIFEST)
    return kept.digest_of(content)


def software() -> dict[str, str]:
    """Return what a decision's last digits may depend on: the versions of what works them out."""
    return {"tenor": tenor.__version__, "numpy": np.__version__, "polars": pl.__version__}


def who(segments: pl.DataFrame, way: Way) -> pl.DataFrame:
    """Return who is decided about: `customer_id, segment, unprofiled, arm` (a number or null)."""
    arms = [(key, number) for number, arm in enumerate(way.arms) for key in arm.customers]
    schema = {"customer_id": pl.String, "arm": pl.Int64}
    members = pl.DataFrame(arms, schema=schema, orient="row").unique("customer_id", keep="first")
    objected = pl.col("customer_id").is_in(list(way.unprofiled))
    return (
        segments.select("customer_id", "segment")
        .with_columns(unprofiled=objected)
        .join(members, on="customer_id", how="left", maintain_order="left")
    )


def way_as_json(organisation: Organisation, way: Way) -> dict[str, Any]:
    """Return how is decided in terms that JSON holds; who is in which arm stands in `who`."""
    return {
        "seed": way.seed,
        "model": None if way.model is None else way.model.version,
        "policy": render_policy(way.policy),
        "policies": _texts(way.policies),
        "rungs": _rungs(way.rungs),
        "arms": [_arm(arm) for arm in way.arms],
        "prevention": way.prevention,
        "law": [[row.text, row.signed_off] for row in live_extensions(organisation)],
        "packs": {name: pack.version for name, pack in sorted(shipped().items())},
    }


def _arm(arm: Arm) -> dict[str, Any]:
    return {
        "name": arm.name,
        "experiment": arm.experiment,
        "by": arm.by.value,
        "model": None if arm.model is None else arm.model.version,
        "policy": None if arm.policy is None else render_policy(arm.policy),
        "policies": _texts(arm.policies),
        "rungs": _rungs(arm.rungs),
    }


def _texts(policies: Mapping[str, Policy]) -> dict[str, str]:
    return {name: render_policy(policy) for name, policy in policies.items()}


def _rungs(rungs: Sequence[Step]) -> list[list[Any]]:
    return [[step.day, step.channel, step.tone] for step in rungs]
