from __future__ import annotations

from tests.deliveries import at
from worker.store.audit import Act
from worker.store.store import Store


def test_an_act_is_recorded_once_for_a_key(store: Store) -> None:
    act = Act(at(0), "middlewatch", "refused", "sentry", "bad-signature")
    assert [store.audit.once(act, key) for key in ("sentry 03", "sentry 03", "sentry 04", "datadog 03")] == [
        True,
        False,
        True,
        True,
    ]
    assert store.audit.acts()[0] == act
    assert len(store.audit.acts()) == 3
