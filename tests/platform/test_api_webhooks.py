"""Webhooks over the API: registered, listed, told again, removed."""

from caller import callers
from cast import NOW, Cast
from tenor.platform.events import actions
from tenor.platform.events.deliveries import secret_of
from tenor.platform.events.models import Delivery, Webhook


def test_a_webhook_is_registered_told_again_and_removed(cast: Cast) -> None:
    program, other = callers(cast)
    given = {"url": "https://example.org/hook", "kinds": ["promised"]}
    made = program.post("webhooks", given, 201)
    assert made["secret"] == secret_of(Webhook.objects.of(cast.organisation).get())
    (listed,) = program.get("webhooks")["items"]
    assert (listed["url"], "secret" in listed) == ("https://example.org/hook", False)
    for n in range(3):
        actions.record(cast.organisation, "promised", key=f"e{n}", at=NOW, customer_key="C1")
    page = program.get(f"webhooks/{made['id']}/deliveries", limit=2)
    assert [row["event_key"] for row in page["items"]] == ["e2", "e1"]
    (last,) = program.get(page["next"])["items"]
    assert (last["event_key"], last["state"], last["status"]) == ("e0", "waiting", None)
    Delivery.objects.of(cast.organisation).update(state="given_up", attempts=8)
    again = program.post(f"webhooks/{made['id']}/deliveries/{last['id']}/redeliver")
    assert (again["state"], again["attempts"]) == ("waiting", 0)

    other.get(f"webhooks/{made['id']}/deliveries", 404)
    other.post(f"webhooks/{made['id']}/deliveries/{last['id']}/redeliver", None, 404)
    other.delete(f"webhooks/{made['id']}", 404)
    assert len(program.get("webhooks")["items"]) == 1
    assert program.delete(f"webhooks/{made['id']}") is None
    assert program.get("webhooks")["items"] == []
    program.delete(f"webhooks/{made['id']}", 404)


def test_an_address_inside_is_refused_and_named(cast: Cast) -> None:
    program, _other = callers(cast)
    for url in ("https://127.0.0.1/", "http://example.org/", "https://10.0.0.1/x"):
        said = program.post("webhooks", {"url": url}, 422)
        assert said["errors"][0]["field"] == "url"
    assert not Webhook.objects.of(cast.organisation).exists()
