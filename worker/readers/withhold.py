"""Keep earlier texts of a message that its channel may not read any more for the audit alone."""

from __future__ import annotations

from worker.readers.fit import Check, rests_on
from worker.route import Channel
from worker.store.messages import Messages, Place


def withhold(messages: Messages, check: Check, channel: Channel, place: Place) -> None:
    """Withhold the earlier texts of a message that rest on what the channel's readers lost, where they are known."""
    if not channel.confirmed:
        return
    audience = check.audience(channel)
    earlier = messages.history(place)[:-1]
    gone = [each.seq for each in earlier if not check.may_read(audience, rests_on(each.body.memory))]
    if gone:
        messages.withhold(place, gone)
