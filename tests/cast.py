"""The people of the platform's tests: who works where, as what."""

from dataclasses import dataclass
from datetime import UTC, datetime

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
