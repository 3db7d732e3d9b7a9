"""Who is in a channel, what they are, and which user groups they are in: asked of Slack, page by page.

What somebody is, is kept for a while, so that a refresh which Slack's rate limits broke off goes on where it stopped.
https://docs.slack.dev/reference/objects/conversation-object · https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from slack_sdk import WebClient

from domain.access import Readers
from domain.errors import Refused, SlackUnavailable
from worker.membership import Person, Room
from worker.slack.client import answer_of

_PAGE = 200
_MOST_PAGES = 100
_MOST_KEPT = 20_000
_SHARED = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")
_INVITED = ("pending_shared", "pending_connected_team_ids", "connected_team_ids", "shared_team_ids")
_UNKNOWN_PEOPLE = frozenset({"slack-user-not-found", "slack-user-not-visible", "slack-refused"})


class Directory:
    """The workspace's own record. Every method raises `Refused` or `SlackUnavailable` as the client does."""

    def __init__(self, client: WebClient, bots: frozenset[str], clock: Callable[[], datetime]) -> None:
        """`client` is `web_client`'s; `bots` are user ids that count as no reader."""
        self._client = client
        self._bots = bots
        self._clock = clock
        self._known: dict[str, tuple[Person, datetime]] = {}
        self._lock = threading.Lock()
        self.keep = timedelta(minutes=5)

    def renew(self, token: str) -> None:
        """Use another token from the next call on."""
        self._client.token = token

    @cached_property
    def _self(self) -> tuple[str, str]:
        """Our own bot's user id, and our workspace's id."""
        answer = answer_of(self._client.auth_test)
        return str(answer.get("user_id") or ""), str(answer.get("team_id") or "")

    def room(self, channel_id: str) -> Room:
        """Return a channel: whether another organisation reads it or is invited to, and who is in it."""
        told = answer_of(self._client.conversations_info, channel=channel_id).get("channel")
        if not isinstance(told, dict) or not all(isinstance(told.get(flag), bool) for flag in _SHARED[:2]):
            raise _unreadable()
        own = self._self[1]
        others = {team for field in _INVITED for team in told.get(field) or () if team != own}
        if others or any(told.get(flag) for flag in _SHARED):
            return Room(shared=True)
        members = self._pages(self._client.conversations_members, "members", channel=channel_id)
        return Room(False, tuple(str(member) for member in members))

    def person(self, user_id: str) -> Person:
        """Return what somebody is, as of a few minutes ago at most."""
        if user_id == self._self[0] or user_id in self._bots:
            return Person.NO_READER
        with self._lock:
            found, at = self._known.get(user_id, (None, self._clock()))
        if found is not None and self._clock() - at < self.keep:
            return found
        found = self._asked(user_id)
        with self._lock:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[user_id] = (found, self._clock())
        return found

    def groups(self) -> dict[str, Readers]:
        """Return the groups that each user holds: the handles of the workspace's user groups."""
        held: dict[str, Readers] = {}
        told = answer_of(self._client.usergroups_list, include_disabled=False).get("usergroups")
        for group in told if isinstance(told, list) else ():
            users = answer_of(self._client.usergroups_users_list, usergroup=group["id"], include_disabled=False)
            for user in users.get("users") or ():
                held[str(user)] = held.get(str(user), frozenset()) | {str(group["handle"])}
        return held

    def _asked(self, user_id: str) -> Person:
        try:
            user = answer_of(self._client.users_info, user=user_id).get("user")
        except Refused as refused:
            if refused.reason in _UNKNOWN_PEOPLE:
                return Person.STRANGER
            raise
        return self._kind(user) if isinstance(user, dict) else Person.STRANGER

    def _kind(self, user: dict[str, Any]) -> Person:
        if user.get("deleted") is True:
            return Person.NO_READER
        enterprise = user.get("enterprise_user") or {}
        teams = {user.get("team_id"), *(enterprise.get("teams") or ())}
        foreign = bool(user.get("is_stranger")) or self._self[1] not in teams
        if foreign or user.get("is_bot") is not False or user.get("is_workflow_bot"):
            return Person.STRANGER
        guest = user.get("is_restricted") is not False or user.get("is_ultra_restricted") is True
        return Person.GUEST if guest else Person.MEMBER

    def _pages(self, call: Callable[..., Any], key: str, **arguments: Any) -> Iterator[Any]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = answer_of(call, limit=_PAGE, cursor=cursor, **arguments)
            told = page.get(key)
            if not isinstance(told, list):
                raise _unreadable()
            yield from told
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise SlackUnavailable(
            f"The channel has more than {_MOST_PAGES * _PAGE} members.",
            ambiguous=False,
            reason="slack-too-many-members",
        )


def _unreadable() -> SlackUnavailable:
    return SlackUnavailable("Slack's answer could not be read.", ambiguous=False, reason="slack-no-answer")
