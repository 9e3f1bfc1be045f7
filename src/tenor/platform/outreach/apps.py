"""Django's registration of the app."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """Messages and their sending."""

    name = "tenor.platform.outreach"
    label = "outreach"

    def ready(self) -> None:
        """Let decisions know where the contacts are and what can be used; follow the money."""
        from tenor.platform.decisions.channels import accounts_are_known_by
        from tenor.platform.decisions.facts import Contacts, contacts_come_from
        from tenor.platform.ledger.following import also_follow
        from tenor.platform.outreach.accounts import usable
        from tenor.platform.outreach.queries.contacts import (
            contacted_since,
            contacts_frame,
            last_contact,
        )
        from tenor.platform.outreach.stopping import stop_what_is_paid

        accounts_are_known_by(usable)
        also_follow(stop_what_is_paid)
        contacts_come_from(Contacts(contacts_frame, contacted_since, last_contact))
