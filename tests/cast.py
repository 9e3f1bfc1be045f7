"""The people of the platform's tests: who works where, as what."""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

from tenor.platform.core.actor import Actor, person, system
from tenor.platform.core.models import Membership, Organisation
from tenor.platform.core.people import add_person, make_organisation
from tenor.platform.core.roles import Role

# A Tuesday, in the morning at the organisation's place.
NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
PASSWORD = "a long pass phrase 42"


@dataclass(frozen=True)
class Cast:
    """An organisation with a person of each role, and one of another organisation."""

    organisation: Organisation
    other: Organisation
    agent: Membership
    manager: Membership
    analyst: Membership
    compliance: Membership
    administrator: Membership
    stranger: Membership

    def actor(self, role: str = "manager") -> Actor:
        """Return one of the cast as an actor: `cast.actor("agent")`."""
        return person(getattr(self, role), origin="192.0.2.7")

    @property
    def system(self) -> Actor:
        """Return Tenor itself, at work for the first organisation."""
        return system(self.organisation)


def make_cast() -> Cast:
    """Make two organisations that live on `NOW`, and the people who work there."""
    first = make_organisation(slug="delta", name="Delta Water", clock_at=NOW)
    other = make_organisation(slug="omega", name="Omega Lease", clock_at=NOW)
    people = {
        role: add_person(
            system(first), email=f"{role}@delta.example", role=role, name=role.title(),
            password=None,
        )
        for role in Role
    }  # fmt: skip
    stranger = add_person(
        system(other), email="manager@omega.example", role="credit_manager", name="Olga"
    )
    return Cast(
        organisation=first,
        other=other,
        agent=people[Role.AGENT],
        manager=people[Role.CREDIT_MANAGER],
        analyst=people[Role.ANALYST],
        compliance=people[Role.COMPLIANCE],
        administrator=people[Role.ADMINISTRATOR],
        stranger=stranger,
    )


@dataclass(frozen=True)
class _Kept:
    """The cast as it was made in an empty database, and the rows that it left there, by table."""

    cast: bytes
    rows: dict[str, list[tuple[Any, ...]]]


_kept: list[_Kept] = []


def same_cast() -> Cast:
    """Make the cast; where it was made before, write the same rows again.

    Letting people in takes a hundred statements, their rows six. Only for a test that is rolled
    back: others count on numbers that were never given out before.
    """
    if not connection.in_atomic_block or any(rows_of(("core_organisation", "core_user"))):
        return make_cast()
    if not _kept:
        made = make_cast()
        rows = {name: rows for name in _tables() if (rows := next(rows_of((name,))))}
        _kept.append(_Kept(pickle.dumps(made), rows))
        return made
    with connection.cursor() as cursor:
        for name, rows in _kept[0].rows.items():
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {name} VALUES ({places})", rows)
    found: Cast = pickle.loads(_kept[0].cast)
    return found


def rows_of(tables: Iterable[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Read tables whole."""
    with connection.cursor() as cursor:
        for name in tables:
            cursor.execute(f"SELECT * FROM {name}")
            yield cursor.fetchall()


@cache
def _tables() -> tuple[str, ...]:
    """The tables of people and organisations; Django's own of rights are filled beforehand."""
    labels = ("core", "account", "mfa", "socialaccount")
    return tuple(
        table._meta.db_table
        for label in labels
        for table in apps.get_app_config(label).get_models(include_auto_created=True)
    )
