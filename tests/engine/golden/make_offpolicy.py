"""Make the golden numbers of the off-policy estimators with the reference library obp 0.5.7.

Not part of the tests: it needs an environment of its own (see README.md beside it). It writes
the inputs (open_bandit.npz, small_actions.npz) and what obp answers (offpolicy.json).
"""

import json
from pathlib import Path

import numpy as np
from obp.dataset import OpenBanditDataset
from obp.ope import (
    DirectMethod,
    DoublyRobust,
    DoublyRobustWithShrinkage,
    InverseProbabilityWeighting,
    MarginalizedInverseProbabilityWeighting,
    SelfNormalizedDoublyRobust,
    SelfNormalizedInverseProbabilityWeighting,
    SwitchDoublyRobust,
)
from obp.policy import BernoulliTS

HERE = Path(__file__).parent
SWITCH_AT, SHRINKAGE, CLIP = 5.0, 5.0, 4.0


def answers(reward, action, position, pscore, target, q):
    """Return obp's value of each estimator; `target` and `q` are [rows, actions, positions]."""
    model = {"estimated_rewards_by_reg_model": q, "action_dist": target}
    log = {"reward": reward, "action": action, "position": position, "pscore": pscore}
    estimators = {
        "ips": InverseProbabilityWeighting(),
        "ips_clipped": InverseProbabilityWeighting(lambda_=CLIP),
        "snips": SelfNormalizedInverseProbabilityWeighting(),
        "dm": DirectMethod(),
        "dr": DoublyRobust(),
        "sndr": SelfNormalizedDoublyRobust(),
        "switch_dr": SwitchDoublyRobust(lambda_=SWITCH_AT),
        "dros": DoublyRobustWithShrinkage(lambda_=SHRINKAGE),
    }
    return {k: float(e.estimate_policy_value(**log, **model)) for k, e in estimators.items()}


def open_bandit():
    """Return inputs and answers on the bundled sample: uniform log, Bernoulli Thompson target."""
    feedback = OpenBanditDataset(
        behavior_policy="random", campaign="all"
    ).obtain_batch_bandit_feedback()
    policy = BernoulliTS(
        n_actions=80, len_list=3, is_zozotown_prior=True, campaign="all", random_state=12345
    )
    shown = policy.compute_batch_action_dist(n_sim=100_000, n_rounds=1)[0]  # [80, 3]
    reward, action = feedback["reward"], feedback["action"]
    # A reward model with a user and an item part, small enough to be stored: click rates of the
    # user segments (first user feature) and of the items, drawn towards the overall rate.
    segment = feedback["context"][:, :4] @ np.array([1, 2, 4, 8])
    _, segment = np.unique(segment, return_inverse=True)

    def rates(group):
        clicks, rows = np.bincount(group, reward), np.bincount(group)
        return (clicks + 100 * reward.mean()) / (rows + 100)

    user_rate = rates(segment)[segment] / reward.mean()
    item_rate = rates(action)
    item_rate = np.repeat(item_rate[:, None], 3, axis=1) * np.array([1.1, 1.0, 0.9])
    q = user_rate[:, None, None] * item_rate[None]
    target = np.broadcast_to(shown, q.shape)
    out = answers(reward, action, feedback["position"], feedback["pscore"], target, q)
    np.savez_compressed(
        HERE / "open_bandit.npz",
        reward=reward.astype(np.int8),
        action=action.astype(np.uint8),
        position=feedback["position"].astype(np.uint8),
        pscore=feedback["pscore"],
        target=shown,
        user_rate=user_rate,
        item_rate=item_rate,
    )
    return out


def small_actions():
    """Return inputs and answers on made-up rows: 12 actions in 4 groups, heavy weights."""
    rng = np.random.default_rng(7)
    n, k = 300, 12
    group = np.repeat(np.arange(4), 3)
    x = rng.normal(size=(n, 3))

    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    logging = softmax(x @ rng.normal(size=(3, k)))
    target = softmax(2.0 * x @ rng.normal(size=(3, k)))
    truth = 1 / (1 + np.exp(1.0 - x @ rng.normal(size=(3, k)) * 0.5))
    action = np.array([rng.choice(k, p=p) for p in logging])
    reward = (rng.random(n) < truth[np.arange(n), action]).astype(float)
    q = np.clip(truth + rng.normal(scale=0.1, size=truth.shape), 0, 1)
    position = np.zeros(n, dtype=int)
    pscore = logging[np.arange(n), action]
    out = answers(reward, action, position, pscore, target[:, :, None], q[:, :, None])
    one_hot = np.eye(4)[group][:, :, None]  # an action's group is certain
    out["mips"] = float(
        MarginalizedInverseProbabilityWeighting(n_actions=k).estimate_policy_value(
            reward=reward,
            action=action,
            action_embed=group[action][:, None],
            pi_b=logging[:, :, None],
            action_dist=target[:, :, None],
            context=x,
            p_e_a=one_hot,
        )
    )
    np.savez_compressed(
        HERE / "small_actions.npz",
        reward=reward.astype(np.int8),
        action=action.astype(np.uint8),
        group=group.astype(np.uint8),
        logging=logging,
        target=target,
        q=q,
    )
    return out


if __name__ == "__main__":
    golden = {
        "made_with": "obp 0.5.7",
        "settings": {"switch_at": SWITCH_AT, "shrinkage": SHRINKAGE, "clip": CLIP},
        "open_bandit": open_bandit(),
        "small_actions": small_actions(),
    }
    (HERE / "offpolicy.json").write_text(json.dumps(golden, indent=2) + "\n")
