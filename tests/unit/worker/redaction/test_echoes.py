"""Other mentions of a secret in the same text, and secrets that are longer than a rule's repeats."""

from __future__ import annotations

from worker.redaction import redact

KEY = "q7Zk2mXw9Tb4Lc8Rv3Ny6Hd1"


def test_a_secret_that_one_line_names_is_taken_out_of_the_others_too() -> None:
    clean = redact(f"api_key={KEY}\nretry: the value {KEY} was refused\n{KEY}")
    assert KEY not in clean
    assert clean.count("[redacted:") == 3


def test_all_mentions_have_the_same_mark() -> None:
    clean = redact(f"api_key={KEY}\nretry: the value {KEY} was refused")
    assert len({piece.partition("]")[0] for piece in clean.split("[redacted:")[1:]}) == 1


def test_a_word_that_was_a_password_once_is_left_where_it_is_a_word() -> None:
    assert redact("password=production\nthe production cluster is down").endswith("\nthe production cluster is down")


def test_nothing_is_echoed_from_a_text_without_a_secret() -> None:
    text = f"image {KEY} pulled, image {KEY} started"
    assert redact(text) == text


def test_a_secret_longer_than_any_repeat_is_taken_out_to_its_end() -> None:
    body = "a8Kd3nQx7Zp" * 200
    assert redact(f"token = '{body}' was refused").endswith("' was refused")
