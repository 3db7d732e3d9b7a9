"""A client that follows its key."""

from __future__ import annotations

from domain.renewed import Renewed


def test_a_client_lasts_as_long_as_its_key() -> None:
    keys, opened = ["one"], []
    renewed = Renewed(lambda: keys[-1], lambda key: opened.append(key) or f"client of {key}")
    assert opened == ["one"]  # at once: bad settings are told at the start
    assert renewed.client() == renewed.client() == "client of one"
    keys.append("two")
    assert renewed.client() == renewed.client() == "client of two"
    assert opened == ["one", "two"]
