"""Keep what a decision is made from that is made alone, in no run of a day; and read it again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl
from django.conf import settings as installation

from tenor.engine.features.build import Population
from tenor.engine.frames import Tables, tables_of
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import plain
from tenor.platform.decisions.models import Basis, Common, Decision, Earlier
from tenor.platform.decisions.replay import keeping
from tenor.platform.decisions.replay.kept import WHO, Gone, digest_of
from tenor.platform.decisions.replay.packing import pack, pack_usual, unpack
from tenor.platform.decisions.runs.decide import Way

# What the engine is told as a whole; nothing of it is about the customer.
_OF_ALL = "external"
# The digest of what is usual, which is the same for many decisions and long to work out.
_digests: "WeakKeyDictionary[Population, str]" = WeakKeyDictionary()


def asked_key(key: str, as_of: datetime) -> str:
    """Return how a decision is called that was asked for; `key` is the engine's, of the day."""
    return f"asked-{key}-{int(as_of.timestamp() * 1_000_000)}"


def keep_basis(
    organisation: Organisation,
    decision: Decision,
    known: Tables,
    segments: pl.DataFrame,
    way: Way,
) -> None:
    """Keep what a decision was made from: the customer's facts, how it is decided, what is usual.

    In the transaction of the decision.
    """
    if not installation.KEEP_FACTS_DAYS:
        return
    assert way.population is not None
    frames = {table.name: frame for table, frame in known if table.name != _OF_ALL}
    frames |= {WHO: keeping.who(segments, way)}
    content = pack({"software": keeping.software()}, frames)
    Basis.objects.of(organisation).update_or_create(
        key=decision.key,
        defaults={
            "customer_id": decision.customer_id,
            "as_of": way.as_of,
            "content": content,
            "digest": digest_of(content),
            "way": _way_kept(organisation, way),
            "usual": _usual_kept(organisation, way.population),
        },
    )


def keep_earlier(decision: Decision) -> None:
    """Keep a decision of today's plan as it stands, before it is made anew under another key."""
    if not installation.KEEP_FACTS_DAYS:
        return
    names = (*keeping.DECIDED, "decided_at", "state", "gate")
    Earlier.objects.of(decision.organisation_id).get_or_create(
        key=decision.key,
        defaults={
            "run_id": decision.run_id,
            "customer_id": decision.customer_id,
            "decided_at": decision.decided_at,
            "row": {name: plain(getattr(decision, name)) for name in names},
        },
    )


def basis_of(decision: Decision) -> Basis | None:
    """Return what is kept of a decision that was made alone."""
    found: Basis | None = (
        Basis.objects.of(decision.organisation_id).filter(key=decision.key).first()
    )
    return found


def read(basis: Basis) -> tuple[Tables, pl.DataFrame, dict[str, Any]]:
    """Return the facts, who they are about and what was noted; raises `Gone`."""
    content = bytes(basis.content)
    if not content:
        raise Gone("person_erased")
    if digest_of(content) != basis.digest:
        raise Gone("facts_changed")
    said, frames = unpack(content)
    who = frames.pop(WHO)
    return tables_of(**frames).known_at(basis.as_of), who, said


def common(basis: Basis, digest: str) -> bytes | None:
    """Return what a decision has in common with others, if it is still there; raises `Gone`."""
    row = Common.objects.of(basis.organisation_id).filter(digest=digest).first()
    if row is None:
        return None
    content = bytes(row.content)
    if digest_of(content) != digest:
        raise Gone("facts_changed")
    return content


def _way_kept(organisation: Organisation, way: Way) -> str:
    content = pack(keeping.way_as_json(organisation, way), {})
    return _keep(organisation, Common.Kind.WAY, digest_of(content), lambda: content)


def _usual_kept(organisation: Organisation, population: Population) -> str:
    digest = _digests.get(population)
    if digest is None:
        digest = _digests[population] = digest_of(pack_usual(population))
    return _keep(organisation, Common.Kind.USUAL, digest, lambda: pack_usual(population))


def _keep(
    organisation: Organisation, kind: Common.Kind, digest: str, content: Callable[[], bytes]
) -> str:
    """Keep what many decisions have in common once; return its digest."""
    rows = Common.objects.of(organisation)
    if not rows.filter(digest=digest).exists():
        found = {"kind": kind, "content": content(), "kept_at": clock.now(organisation)}
        rows.get_or_create(digest=digest, defaults=found)
    return digest
