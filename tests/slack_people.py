"""Who is in which channel and group, as the Slack-compatible server tells it, page by page."""

from __future__ import annotations

from typing import Any

from tests.slack_faults import Answer

_FLAGS = ("is_archived", "is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")


def refusal(error: str) -> Answer:
    return {"ok": False, "error": error}


def info(server: Any, arguments: Answer) -> Answer:
    channel = server.channel(arguments)
    if channel is None:
        return refusal("channel_not_found")
    flags = dict.fromkeys(
        ("is_archived", "is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared"), False
    )
    flags |= {"is_member": True} | server.flags.get(channel.id, {})
    return {"ok": True, "channel": {"id": channel.id, "name": channel.name, **flags}}


def members(server: Any, arguments: Answer) -> Answer:
    channel = server.channel(arguments)
    if channel is None:
        return refusal("channel_not_found")
    page, cursor = _page(server, list(channel.members), arguments)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": cursor}}


def _page(server: Any, items: list[Any], arguments: Answer) -> tuple[list[Any], str]:
    """Cut a list as Slack does, which gives fewer than were asked for if it likes."""
    size, start = min(int(arguments.get("limit") or 100), server.page), int(arguments.get("cursor") or 0)
    return items[start : start + size], str(start + size) if start + size < len(items) else ""


def usergroups(server: Any, arguments: Answer) -> Answer:
    return {"ok": True, "usergroups": [{"id": f"S{name}", "handle": name} for name in server.groups]}


def usergroup(server: Any, arguments: Answer) -> Answer:
    name = str(arguments.get("usergroup", "")).removeprefix("S")
    return {"ok": True, "users": server.groups[name]} if name in server.groups else refusal("no_such_subteam")


def user(server: Any, arguments: Answer) -> Answer:
    user = str(arguments.get("user", ""))
    known = {member for channel in server.channels.values() for member in channel.members} | server.people.keys()
    return {"ok": True, "user": _person(server, user)} if user in known else refusal("user_not_found")


def users(server: Any, arguments: Answer) -> Answer:
    known = sorted({member for channel in server.channels.values() for member in channel.members})
    return {"ok": True, "members": [_person(server, user) for user in known], "response_metadata": {"next_cursor": ""}}


def _person(server: Any, user: str) -> Answer:
    plain = {"team_id": "T0TEST", "is_bot": user == "UBOT", "deleted": False, "is_restricted": False}
    return {"id": user, **plain, "is_ultra_restricted": False, **server.people.get(user, {})}
