"""A client that follows its key."""

from __future__ import annotations

from domain.keyed import Keyed


def test_a_client_lasts_as_long_as_its_key() -> None:
    keys, opened = ["one"], []
    keyed = Keyed(lambda: keys[-1], lambda key: opened.append(key) or f"client of {key}")
    assert opened == ["one"]  # at once: bad settings are told at the start
    assert keyed.client() == keyed.client() == "client of one"
    keys.append("two")
    assert keyed.client() == keyed.client() == "client of two"
    assert opened == ["one", "two"]
