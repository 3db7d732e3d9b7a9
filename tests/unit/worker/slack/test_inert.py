"""Words from outside are shown so that nothing acts on them, and ordinary words as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import cards
from worker.slack.inert import hosts_of, inert, unmentioned
from worker.slack.lines import Style
from worker.slack.message import compose

HOSTS = frozenset({"wiki.example.com"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> look", "< !channel> look"),
        ("<@U0ADMIN> and <#C1|x>", "< @U0ADMIN> and < #C1|x>"),
        ("@channel, @here and @Everyone", "@ channel, @ here and @ Everyone"),
        ("see https://evil.example/x.", "see hxxps://evil[.]example/x[.]".replace("x[.]", "x.")),
        ("<https://evil.example/x|wiki>", "< hxxps://evil[.]example/x|wiki>"),
        ("HTTP://EVIL.example", "HXXP://EVIL[.]example"),
        ("https://wiki.example.com@evil.example/", "hxxps://wiki[.]example[.]com@evil[.]example/"),
        ("https://wiki.ехample.com/x", "hxxps://wiki[.]ехample[.]com/x"),
        ("http:evil.example", "hxxp:evil[.]example"),
        ("https:\\\\evil.example\\x", "hxxps:\\\\evil[.]example\\x"),
        ("![x](https://evil.example/p.png)", "! [x] (hxxps://evil[.]example/p.png)"),
        ("[x](y)", "[x] (y)"),
        ("www.evil.example mailto:a@b.example", "www[.]evil.example mailto[:]a@b.example"),
        ("javascript:alert(1) data:text/html;x", "javascript[:]alert(1) data[:]text/html;x"),
        ("<img src=x> </script>", "< img src=x> < /script>"),
    ],
)
def test_what_would_act_is_shown_so_that_it_does_not(text: str, shown: str) -> None:
    assert inert(text, HOSTS) == shown


@pytest.mark.parametrize(
    "text",
    [
        "The volume of orders-db is 91 % full (limit: 85 %), see [1][2].",
        "see https://wiki.example.com/runbooks/x#fix for more",
        "ops@example.com wrote: a < b and c > d, a<b",
        "node@host, user@channel.example, a@b",
        "redis://cache.internal:6379 and s3://bucket/key and db1.prod.internal:5432",
        "postgres: could not open file; data: none",
        "Vec<String> and List<int>",
        "array[0](5 items)"[:8],
    ],
)
def test_ordinary_words_are_shown_as_they_are(text: str) -> None:
    assert inert(text, HOSTS) == text


def test_it_is_inert_when_it_is_made_inert_again() -> None:
    for text in ("<!channel> https://evil.example ![x](y) @here", "www.a.example mailto:x"):
        assert inert(inert(text, HOSTS), HOSTS) == inert(text, HOSTS)


def test_code_keeps_its_addresses_and_loses_its_mentions() -> None:
    assert (
        unmentioned("curl http://127.0.0.1:9090/-/ready # <!here>") == "curl http://127.0.0.1:9090/-/ready # < !here>"
    )


def test_a_message_keeps_links_to_the_hosts_of_its_own_documents_and_its_commands_word_for_word() -> None:
    said = "See https://wiki.example.com/more and https://evil.example/x."
    command = "curl -s https://evil.example/x # @here"
    card = cards.card(summary=cards.summary(cards.step(said, command)))
    assert hosts_of(card) == hosts_of(replace(card, notes=()))
    message = compose(card)
    assert "https://wiki.example.com/more and hxxps://evil[.]example/x" in message.text
    assert [line.text for line in message.lines if line.style is Style.COMMAND] == [command]
