"""Django's registration of the app."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """Messages and their sending."""

    name = "tenor.platform.outreach"
    label = "outreach"

    def ready(self) -> None:
        """Let decisions know where the contacts are: they stand below this app."""
        from tenor.platform.decisions.facts import contacts_come_from
        from tenor.platform.outreach.queries.contacts import contacts_frame

        contacts_come_from(contacts_frame)
