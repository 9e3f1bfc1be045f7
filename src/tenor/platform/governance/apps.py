"""Django's registration of the app."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Versions of predictors and rules."""

    name = "tenor.platform.governance"
    label = "governance"

    def ready(self) -> None:
        """Let the ledger know which packs an organisation has: it stands below this app."""
        from tenor.platform.governance.packs import packs_of
        from tenor.platform.ledger.holding import packs_come_from

        packs_come_from(packs_of)
