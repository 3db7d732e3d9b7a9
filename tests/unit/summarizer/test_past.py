"""The last time: cause, fix and duration only where they are labelled."""

from __future__ import annotations

from tests.pages import last_time


def test_headings_label_cause_fix_and_duration() -> None:
    text = """# Orders down

## Summary

Orders failed for a while.

## Root Cause

The volume filled up because a slot was left behind.

## Resolution

The slot was dropped and the volume was grown.

## Duration

47 minutes, from 09:12 to 09:59.
"""
    assert last_time(text) == {
        "cause": "The volume filled up because a slot was left behind.",
        "fix": "The slot was dropped and the volume was grown.",
        "duration": "47 minutes, from 09:12 to 09:59.",
    }


def test_bold_leads_items_and_table_rows_label_them_too() -> None:
    leads = "# X\n\n**Root cause:** A bad deploy.\n**Fix:** We rolled back.\n**Time to resolve:** 2h\n"
    items = "# X\n\n- Cause: A bad deploy.\n- *Mitigation*: We rolled back.\n- Outage duration: 2h\n"
    rows = "# X\n\n| Field | Value |\n|---|---|\n| Root cause | A bad deploy. |\n"
    rows += "| Resolution | We rolled back. |\n| Duration | 2h |\n"
    expected = {"cause": "A bad deploy.", "fix": "We rolled back.", "duration": "2h"}
    assert last_time(leads) == last_time(items) == last_time(rows) == expected


def test_without_labels_two_sentences_of_the_summary_are_shown_as_such() -> None:
    text = "# X\n\n## Summary\n\nOne broke. Two followed. Three was late.\n\n## Conclusion\n\nIt was the cache.\n"
    assert last_time(text) == {"summary": "One broke. Two followed."}


def test_the_instructions_of_a_template_are_not_content() -> None:
    text = """# X

All was down.

## :seedling: Blameless root cause

*Note the final root cause and describe what needs to change*

## :woman_gesturing_ok: Recovery

*How was the incident resolved? How can we improve?*

We restarted the core services one by one.
"""
    assert last_time(text) == {"fix": "We restarted the core services one by one."}


def test_the_sentence_that_tells_the_fix_is_preferred_to_how_it_was_found() -> None:
    text = "# X\n\n## Recovery\n\nIt was noted that the node was not ready. The fix was a restart of the node.\n"
    assert last_time(text) == {"fix": "The fix was a restart of the node."}


def test_the_steps_of_a_fix_are_quoted_together() -> None:
    text = "# X\n\n## Resolution\n\n- Unmount the volume\n- Mount it again\n"
    assert last_time(text)["fix"] == "Unmount the volume - Mount it again"


def test_what_is_still_to_be_done_is_no_fix() -> None:
    text = (
        "# X\n\n## Summary\n\nIt broke.\n\n## Corrective actions\n\n- Add an alert.\n\n## Action items\n\n- Fix it.\n"
    )
    assert last_time(text) == {"summary": "It broke."}


def test_a_duration_needs_a_number() -> None:
    assert "duration" not in last_time("# X\n\n## Duration\n\nLong.\n")
