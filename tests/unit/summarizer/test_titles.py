"""Titles: the words people use for the parts of a document."""

from __future__ import annotations

import pytest

from summarizer.titles import Topic, past_topic_of, plain, squeezed, topic_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Meaning", Topic.MEANING),
        ("What does this alert mean?", Topic.MEANING),
        ("Alert description", Topic.MEANING),
        ("📖 Overview", Topic.MEANING),
        ("Symptoms", Topic.MEANING),
        ("2. Summary", Topic.MEANING),
        ("Message", Topic.MEANING),
        ("User Impact", Topic.IMPACT),
        ("Customer/Business impact", Topic.IMPACT),
        ("Impact of this alert", Topic.IMPACT),
        ("Diagnosis", Topic.DIAGNOSIS),
        ("Diagnostic steps", Topic.DIAGNOSIS),
        ("How to investigate", Topic.DIAGNOSIS),
        ("Troubleshooting guide", Topic.DIAGNOSIS),
        ("Initial checks", Topic.DIAGNOSIS),
        ("Triage Checklist", Topic.DIAGNOSIS),
        ("Mitigation", Topic.FIX),
        ("How to fix it", Topic.FIX),
        ("What to do", Topic.FIX),
        ("Resolution steps", Topic.FIX),
        ("Remediation", Topic.FIX),
        ("Recommended actions", Topic.FIX),
        ("Playbook", Topic.FIX),
        ("Steps to Resolve", Topic.FIX),
        ("See also", Topic.ASIDE),
        ("References", Topic.ASIDE),
        ("Table of contents", Topic.ASIDE),
        ("Prerequisites", Topic.ASIDE),
        ("High network latency", Topic.NONE),
        ("", Topic.NONE),
    ],
)
def test_a_runbooks_title_announces_its_topic(title: str, topic: Topic) -> None:
    assert topic_of(title).topic is topic


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Root cause", Topic.CAUSE),
        (":seedling: Blameless root cause", Topic.CAUSE),
        ("Root cause of the outage", Topic.CAUSE),
        ("Trigger", Topic.CAUSE),
        ("Resolution", Topic.FIX),
        ("Recovery", Topic.FIX),
        ("Actions taken", Topic.FIX),
        ("How was it fixed?", Topic.FIX),
        ("Outage duration", Topic.DURATION),
        ("Time to resolve", Topic.DURATION),
        ("Summary", Topic.MEANING),
        ("Corrective actions", Topic.NONE),
        ("Action items", Topic.NONE),
        ("Response", Topic.NONE),
    ],
)
def test_a_postmortems_title_announces_its_topic(title: str, topic: Topic) -> None:
    assert past_topic_of(title).topic is topic


def test_only_bare_words_of_a_title_count() -> None:
    assert plain("3.1) **What to do:** {#todo}") == "what to do"
    assert squeezed("Kube-Pod Not_Ready!") == squeezed("KubePodNotReady")
