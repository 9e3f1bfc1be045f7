"""Django's registration of the app."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """Plans, settlements and discounts for paying early."""

    name = "tenor.platform.offers"
    label = "offers"

    def ready(self) -> None:
        """Book what was agreed in the transaction of the payment; let messages name offers."""
        from tenor.platform.ledger.following import also_follow, may_move
        from tenor.platform.offers.adapting import move_once
        from tenor.platform.offers.following import follow_offers
        from tenor.platform.offers.queries import told_in_messages
        from tenor.platform.wording.offered import offers_are_told_by

        also_follow(follow_offers)
        may_move(move_once)
        offers_are_told_by(told_in_messages)
