"""Take part in a pool or not, give to it, take from files, and make sets without names."""

import secrets
from datetime import datetime
from math import isfinite

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.pooling.attack import Attack, attack
from tenor.engine.pooling.bands import lessons, recoded
from tenor.engine.pooling.contribution import Made, contribute, read, written
from tenor.engine.pooling.noise import rho_of
from tenor.engine.pooling.pseudonyms import K, TrainingSet, training_set
from tenor.engine.pooling.rows import days_of
from tenor.platform.core import audit, clock, sealed
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import Customer
from tenor.platform.pooling import queries
from tenor.platform.pooling.models import Gift, Part, Place, Received
from tenor.platform.pooling.packing import packed

# Above this nobody is hidden any more; below, the noise leaves nothing to learn.
EPSILONS = (0.1, 8.0)
_AT_ONCE = 2_000
_LONGEST_FILE = 1_000_000


def join(actor: Actor, *, epsilon: float, budget: float, key: str = "") -> Place:
    """Take part from now on: give, at most so much privacy a gift and a year, and take.

    `key` is what those who share a pool by files agreed on; without one there are no files.
    """
    actor.need(Right.ADMINISTER)
    low, high = EPSILONS
    if not (isfinite(epsilon) and low <= epsilon <= high):
        raise Invalid(
            _("Choose what a gift may cost between %(low)s and %(high)s.")
            % {"low": low, "high": high},
            field="epsilon",
        )
    if not (isfinite(budget) and epsilon <= budget <= 4 * high):
        raise Invalid(
            _("A year may cost no less than one gift and no more than %(most)s.")
            % {"most": 4 * high},
            field="budget",
        )
    if key and len(key) < 12:
        raise Invalid(_("A pool key has 12 signs or more."), field="key")
    with transaction.atomic():
        kept = queries.place_of(actor.organisation)
        terms = {"epsilon": epsilon, "budget": budget}
        place: Place
        place, _made = Place.objects.of(actor.organisation).update_or_create(
            defaults={
                **terms,
                "key": sealed.seal({"key": key}) if key else (kept.key if kept else ""),
                "by_id": actor.user_id,
                "by_name": actor.name,
            },
            create_defaults={
                **terms,
                "giver": secrets.token_hex(8),
                "key": sealed.seal({"key": key}) if key else "",
                "since": clock.now(actor.organisation),
                "by_id": actor.user_id,
                "by_name": actor.name,
            },
        )
        audit.record(actor, "pool.join", f"organisation:{actor.organisation.slug}", after=terms)
    return place


def leave(actor: Actor) -> None:
    """Take part no longer: nothing is given or taken, and what was given leaves this pool.

    What it cost stays on the books: who joins again has not forgotten.
    """
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        count, _rows = Place.objects.of(actor.organisation).delete()
        if not count:
            return
        Part.objects.of(actor.organisation).delete()
        Received.objects.of(actor.organisation).delete()
        Gift.objects.of(actor.organisation).filter(withdrawn_at=None).update(
            withdrawn_at=clock.now(actor.organisation)
        )
        audit.record(actor, "pool.leave", f"organisation:{actor.organisation.slug}")


def give(actor: Actor, *, tables: Tables, as_of: datetime) -> Gift:
    """Sum up what contacts did in `tables`, with noise, and put it into the pool.

    `tables` are the facts one may learn from: without those who objected to profiling. The gift
    takes the place of the one before. Refused where the year's budget does not allow it.
    """
    actor.need(Right.ADMINISTER)
    organisation = actor.organisation
    place = queries.place_of(organisation)
    if place is None:
        raise Refused(_("This organisation takes no part in a pool."))
    # In fractions of a rounding, the last gift of a budget may be a hair too dear.
    if rho_of(place.epsilon) > queries.cost(organisation, as_of).left * (1.0 + 1e-9):
        raise Refused(
            _("What a year's gifts may cost is spent. The next can be made when one is a year old.")
        )
    made = contribute(
        days_of(tables, as_of),
        giver=place.giver,
        given_on=as_of.date(),
        epsilon=place.epsilon,
        below=secrets.randbelow,
        synthetic=organisation.synthetic,
    )
    with transaction.atomic():
        gift = _kept(actor, made, as_of)
        audit.record(
            actor, "pool.give", f"gift:{gift.pk}",
            after={"customers": gift.customers, "epsilon": round(made.contribution.epsilon, 4)},
        )  # fmt: skip
    return gift


def _kept(actor: Actor, made: Made, as_of: datetime) -> Gift:
    """Write a gift down, with what each customer adds to its exact sum."""
    organisation, given = actor.organisation, made.contribution
    numbers = dict(zip(made.parts.customer_ids.to_list(), made.parts.values, strict=True))
    customers = Customer.objects.of(organisation).values_list("key", "pk")
    Part.objects.of(organisation).delete()
    gift: Gift = Gift.objects.of(organisation).create(
        given_at=as_of,
        facts_until=as_of,
        rho=given.rho,
        sigma=given.sigma,
        baseline=list(given.baseline),
        effect=list(given.effect),
        exact=[int(v) for v in made.parts.total()],
        customers=len(numbers),
        shortened=made.parts.clipped,
        synthetic=given.synthetic,
    )
    Part.objects.of(organisation).bulk_create(
        (
            Part(gift=gift, customer_id=pk, numbers=packed(numbers[key]))
            for key, pk in customers
            if key in numbers
        ),
        batch_size=_AT_ONCE,
    )
    return gift


def file_of(actor: Actor) -> str:
    """Return the latest gift as a file for another installation, signed with the pool's key."""
    actor.need(Right.ADMINISTER)
    place, gift = queries.place_of(actor.organisation), queries.latest_gift(actor.organisation)
    if place is None or gift is None:
        raise Refused(_("Nothing was given yet."))
    text = written(queries.contribution_of(gift, place.giver), key=_key(place))
    audit.record(actor, "pool.export", f"gift:{gift.pk}")
    return text


def take(actor: Actor, *, content: bytes) -> Received:
    """Take in a file of another installation; a later one of the same giver takes its place."""
    actor.need(Right.ADMINISTER)
    place = queries.place_of(actor.organisation)
    if place is None:
        raise Refused(_("This organisation takes no part in a pool."))
    try:
        if len(content) > _LONGEST_FILE:
            raise InputError(_("this is no pool file: it is far too large"))
        given = read(content.decode("utf-8", "replace"), key=_key(place))
    except InputError as error:
        raise Invalid(str(error), field="file") from None
    if given.giver == place.giver:
        raise Invalid(_("This is your own gift."), field="file")
    with transaction.atomic():
        kept = Received.objects.of(actor.organisation).filter(giver=given.giver).first()
        if kept is not None and kept.given_on > given.given_on:
            raise Invalid(_("A later gift of the same giver is here already."), field="file")
        row: Received
        row, _made = Received.objects.of(actor.organisation).update_or_create(
            giver=given.giver,
            defaults={
                "given_on": given.given_on,
                "rho": given.rho,
                "sigma": given.sigma,
                "baseline": list(given.baseline),
                "effect": list(given.effect),
                "synthetic": given.synthetic,
                "received_at": clock.now(actor.organisation),
                "by_name": actor.name,
            },
        )
        audit.record(actor, "pool.take", f"giver:{given.giver}")
    return row


def drop(actor: Actor, *, number: int) -> None:
    """Learn no longer from a giver elsewhere."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        row = Received.objects.of(actor.organisation).filter(pk=number).first()
        if row is None:
            raise NotFound(_("There is no such gift."))
        row.delete()
        audit.record(actor, "pool.drop", f"giver:{row.giver}")


def export_training_set(
    actor: Actor, *, tables: Tables, as_of: datetime, k: int = K
) -> tuple[TrainingSet, tuple[Attack, ...]]:
    """Return a training set without names, and how it withstood those who would find people in it.

    Refused where it did not: nothing leaves then.
    """
    actor.need(Right.ANALYSE)
    organisation = actor.organisation
    key = salted_hmac(
        "tenor.pool.training", f"{organisation.pk}:{organisation.slug}", algorithm="sha256"
    ).digest()
    try:
        made = training_set(tables, as_of=as_of, key=key, k=k)
    except InputError as error:
        raise Invalid(str(error), field="k") from None
    attacks = attack(made.rows, made.owners, recoded(lessons(tables, as_of), made.levels), k=k)
    if not all(one.passes for one in attacks):
        raise Refused(_("People could be found again in this set: it is not given out."))
    audit.record(
        actor, "pool.training_set", f"organisation:{organisation.slug}",
        after={"rows": made.rows.height, "left_out": made.left_out, "k": k},
    )  # fmt: skip
    return made, attacks


def _key(place: Place) -> str:
    key = sealed.opened(place.key).get("key", "")
    if not key:
        raise Refused(
            _("Without a pool key no files are exchanged. Enter the one that was agreed on.")
        )
    return str(key)
