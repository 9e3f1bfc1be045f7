"""Django's registration of the app."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """Messages and their sending."""

    name = "tenor.platform.outreach"
    label = "outreach"

    def ready(self) -> None:
        """Let decisions know where the contacts are: they stand below this app."""
        from tenor.platform.decisions.facts import Contacts, contacts_come_from
        from tenor.platform.outreach.queries.contacts import (
            contacted_since,
            contacts_frame,
            last_contact,
        )

        contacts_come_from(Contacts(contacts_frame, contacted_since, last_contact))
