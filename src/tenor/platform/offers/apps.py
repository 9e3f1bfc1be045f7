"""Django's registration of the app."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """Plans, settlements and discounts for paying early."""

    name = "tenor.platform.offers"
    label = "offers"

    def ready(self) -> None:
        """Book what was agreed in the transaction of the payment."""
        from tenor.platform.ledger.following import also_follow, may_move
        from tenor.platform.offers.adapting import move_once
        from tenor.platform.offers.following import follow_offers

        also_follow(follow_offers)
        may_move(move_once)
