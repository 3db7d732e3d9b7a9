from __future__ import annotations

import pytest

from domain.document import Chunk
from retrieval.pins import Names
from tests.library import document

LIBRARY = [
    document(
        "runbooks/storage/VolumeFilling.md", "Meaning: text", link="https://wiki.example.com/storage/VolumeFilling"
    ),
    document("runbooks/kafka/README.md", "ConsumerLagging: text"),
    document("runbooks/shop/README.md", "Basket errors: text"),
    document("runbooks/old/NodeDown.md", "text"),
    document("runbooks/new/NodeDown.md", "text"),
    document("postmortems/disk.md", "text"),
]


def names(library: list[list[Chunk]]) -> Names:
    return Names.of((chunks[0].meta, [h for chunk in chunks for h in chunk.headings]) for chunks in library)


@pytest.mark.parametrize(
    ("url", "document_id"),
    [
        ("https://wiki.example.com/storage/VolumeFilling", "runbooks/storage/VolumeFilling.md"),
        ("https://wiki.example.com/storage/volumefilling/", "runbooks/storage/VolumeFilling.md"),
        ("https://elsewhere.example.com/runbooks/volumefilling", "runbooks/storage/VolumeFilling.md"),
        (
            "https://git.example.com/blob/main/runbooks/storage/VolumeFilling.md?plain=1",
            "runbooks/storage/VolumeFilling.md",
        ),
        ("storage/VolumeFilling.md", "runbooks/storage/VolumeFilling.md"),
        ("https://git.example.com/runbooks/kafka/README.md", "runbooks/kafka/README.md"),
        ("https://wiki.example.com/all-in-one#consumer-lagging", "runbooks/kafka/README.md"),
        ("https://wiki.example.com/all#VolumeFilling", "runbooks/storage/VolumeFilling.md"),
        ("https://wiki.example.com/new/NodeDown", "runbooks/new/NodeDown.md"),
        ("https://wiki.example.com/NodeDown", ""),
        ("https://wiki.example.com/disk", ""),
        ("https://wiki.example.com/unknown", ""),
        ("https://wiki.example.com/", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_it_names_the_one_runbook_that_is_meant(url: str, document_id: str) -> None:
    assert names(LIBRARY).pinned(url) == document_id


def test_a_document_that_cannot_be_seen_is_not_named() -> None:
    assert names(LIBRARY[1:]).pinned("https://wiki.example.com/storage/VolumeFilling") == ""
