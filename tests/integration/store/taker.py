"""A process that takes deliveries in and says so after each: so many, or until `test_kill.py` kills it."""

from __future__ import annotations

import sys
from itertools import count, islice

from tests.deliveries import at, delivery, firing
from worker.store.fold import Policy
from worker.store.store import open_store

store = open_store(sys.argv[1], Policy())
so_many = int(sys.argv[3]) if len(sys.argv) > 3 else None
for number in islice(count(), so_many):
    group_key = f"{sys.argv[2]}-{number}"
    store.inbox.receive(delivery(firing("a"), firing("b"), group_key=group_key), at(0))
    sys.stdout.write(group_key + "\n")
    sys.stdout.flush()
