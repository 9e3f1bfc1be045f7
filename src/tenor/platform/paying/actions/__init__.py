"""What is done with payments at providers: begin one, take in news of it, set an account up."""

from tenor.platform.paying.actions.accounts import check_provider, remove_provider, set_provider
from tenor.platform.paying.actions.begin import begin_checkout, press
from tenor.platform.paying.actions.news import hear, look_at_open, take_in
from tenor.platform.paying.actions.refunds import settle_refund

__all__ = [
    "begin_checkout",
    "check_provider",
    "hear",
    "look_at_open",
    "press",
    "remove_provider",
    "set_provider",
    "settle_refund",
    "take_in",
]
