"""The law as it holds for an organisation: the shipped packs, and what it adds to them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import gettext as _

from tenor.engine.cases.packs import run_extension, run_pack
from tenor.engine.cases.run import Outcome, Verdict
from tenor.engine.errors import InputError, LawError
from tenor.engine.law.library import jurisdiction_of, resting_in, shipped
from tenor.engine.law.pack import Pack
from tenor.engine.law.review.directions import Kind
from tenor.engine.law.review.extension import Extension, extend, read_extension
from tenor.engine.law.review.stricter import Change, compare
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance.models import LawExtension

# How an extension's text is called in what is wrong with it.
PLACE = "extension"


def law_of(organisation: Organisation) -> Mapping[str, Pack]:
    """Return every pack as it holds for an organisation, by jurisdiction."""
    return packs_with(tuple((row.text, row.signed_off) for row in live_extensions(organisation)))


def pack_for(organisation: Organisation, country: str | None, region: str | None = None) -> Pack:
    """Return what holds for somebody at a place; without a country, what holds at home."""
    place = jurisdiction_of(country, region) if country else home_of(organisation)
    return resting_in(law_of(organisation)[place], country or organisation.country)


def home_of(organisation: Organisation) -> str:
    """Return the jurisdiction that holds where nothing is said of a place."""
    chosen = preferences_of(organisation).jurisdiction
    return chosen if chosen in shipped() else jurisdiction_of(organisation.country)


def home_place_of(organisation: Organisation) -> str:
    """Return the country of `home_of` (with its region, if any): whose calendar and zones count.

    The Union's pack has parts for its members (`EU-AT`); elsewhere a jurisdiction is a country.
    """
    return home_of(organisation).removeprefix("EU-")


def live_extensions(organisation: Organisation) -> list[LawExtension]:
    """Return the extensions in force, one a pack at most."""
    live = LawExtension.State.LIVE
    rows = LawExtension.objects.of(organisation).filter(state=live)
    return list(rows.select_related("drafted_by", "decided_by").order_by("jurisdiction"))


def live_extension(organisation: Organisation, jurisdiction: str) -> LawExtension | None:
    """Return the extension of one pack that is in force, if there is one."""
    rows = LawExtension.objects.of(organisation).filter(state=LawExtension.State.LIVE)
    found: LawExtension | None = rows.filter(jurisdiction=jurisdiction).first()
    return found


def extension_of(text: str) -> Extension:
    """Read an extension of a shipped pack; raises `LawError` with place and remedy.

    Its version says which text it is, whatever the text says of itself: decisions name it.
    """
    extension = read_extension(text, place=PLACE, base=shipped())
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return replace(extension, version=f"{extension.version} ({digest})")


@lru_cache(maxsize=64)
def packs_with(texts: tuple[tuple[str, bool], ...]) -> Mapping[str, Pack]:
    """Return the shipped packs with extensions over them; kept by their texts.

    With each text stands whether somebody signed for it: else only what is stricter holds. A text
    that can no longer be read (a shipped pack may change) is refused, and with it all that asks for
    the law: nothing may be sent against a rule that cannot be read.
    """
    try:
        extensions = [replace(extension_of(text), signed=signed) for text, signed in texts]
        return extend(shipped(), extensions) if extensions else shipped()
    except LawError as error:
        raise Refused(
            _("Your own reading of the law cannot be read any more; mend it or end it. %(wrong)s")
            % {"wrong": error}
        ) from error


def overtaken(organisation: Organisation) -> list[tuple[LawExtension, tuple[Change, ...]]]:
    """Return what in force has become looser than its pack without a signature: it does not hold.

    A new version of a pack may be stricter than what an organisation was stricter in before.
    """
    unsigned = [row for row in live_extensions(organisation) if not row.signed_off]
    found = [(row, check_law(row.text).to_sign) for row in unsigned]
    return [(row, changes) for row, changes in found if changes]


def law_versions(organisation: Organisation) -> list[LawExtension]:
    """Return every version of every extension, the newest first."""
    rows = LawExtension.objects.of(organisation).select_related("drafted_by", "decided_by")
    return list(rows.order_by("-number"))


def law_numbered(actor: Actor, number: int) -> LawExtension:
    """Return the version of an extension with this number, or refuse."""
    found: LawExtension = row_for(
        actor, LawExtension, number=number, related=("drafted_by", "decided_by")
    )
    return found


def law_draft_of(actor: Actor, jurisdiction: str) -> LawExtension | None:
    """Return what this person is drafting for a pack, the newest first."""
    draft = LawExtension.State.DRAFT
    found: LawExtension | None = (
        LawExtension.objects.of(actor.organisation)
        .filter(state=draft, drafted_by_id=actor.user_id, jurisdiction=jurisdiction)
        .order_by("-number")
        .first()
    )
    return found


def law_waiting_for(actor: Actor) -> list[LawExtension]:
    """Return the versions that wait for this person's word, the oldest first."""
    submitted = LawExtension.State.SUBMITTED
    rows = LawExtension.objects.of(actor.organisation).filter(state=submitted)
    return list(rows.exclude(drafted_by_id=actor.user_id).order_by("submitted_at"))


@dataclass(frozen=True)
class LawCheck:
    """What becomes of an extension's text: what is wrong with it, what it changes, its cases.

    `cases` are its own, `shipped_cases` those of the pack that it extends, asked of the pack with
    the extension over it: one that comes out otherwise shows what the extension does.
    """

    wrong: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    cases: tuple[Outcome, ...] = ()
    shipped_cases: tuple[Outcome, ...] = ()

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Return its own cases that fail."""
        return tuple(o for o in self.cases if o.verdict is Verdict.FAILED)

    @property
    def to_sign(self) -> tuple[Change, ...]:
        """Return the changes for which somebody who answers for the law has to sign."""
        return tuple(change for change in self.changes if change.needs_sign_off)

    @property
    def alters(self) -> bool:
        """Say whether it changes anything."""
        return any(change.kind is not Kind.SAME for change in self.changes)


def check_law(text: str) -> LawCheck:
    """Read the text of an extension, weigh each change against the shipped pack, run the cases."""
    try:
        extension = extension_of(text)
        packs = packs_with(((text, True),))
        base, pack = shipped()[extension.extends], packs[extension.extends]
        return LawCheck(
            changes=tuple(compare(base, pack)),
            cases=tuple(
                run_extension(
                    extension.cases,
                    called=extension.jurisdiction,
                    extends=extension.extends,
                    packs=packs,
                )
            ),
            shipped_cases=tuple(run_pack(pack, packs)),
        )
    except InputError as error:
        return LawCheck(wrong=tuple(str(error).splitlines()))
