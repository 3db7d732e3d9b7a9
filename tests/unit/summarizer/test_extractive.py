"""The extractive rung on runbooks of many styles: what is quoted, in which order, and what never is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.document import DocumentMeta, Evidence, Kind
from domain.summary import Rung, Section
from summarizer.extractive import extract, size
from summarizer.limits import MAX_CLAIM_CHARACTERS, MAX_CLAIM_LINES, Budget
from tests.pages import commands, flat, impact, incident, meaning, page, pinned, step, steps, told, verbatim

FOUR_HEADINGS = """---
title: Queue Backlog
weight: 20
---

# QueueBacklog

[![build](https://ci.example.com/badge.svg)](https://ci.example.com)

## Meaning

The queue of the mailer holds more than 10,000 jobs. It has grown for ten minutes, e.g. after a deploy. The
threshold is set per queue.

## Impact

Mails are late. Password resets time out.

## Diagnosis

- Check the workers via `kubectl -n $NAMESPACE get pods -l app=mailer`.
- Look at the broker:

  ```console
  $ rabbitmqctl list_queues name messages
  Timeout: 60.0 seconds ...
  name    messages
  mailer  18233
  ```

## Mitigation

If the workers hang, restart them one by one:

```shell
kubectl -n mail rollout restart \\
  deployment/mailer
```

TODO: describe how to add a shard.

Silence the alert while the backlog drains.

## See also

- [Broker handbook](https://wiki.example.com/broker)
"""

BOLD_LEADS = """# Payment gateway timeouts

**Alert:** PaymentGatewayTimeouts
**Severity:** P1
**Impact:** Customers cannot pay by card.
**What it means:** Calls to the card processor take longer than five seconds.

**What to do:**

1. Open the processor's status page.
2. If it is red, switch to the second processor with `payctl failover --to backup`.
3. Otherwise restart the gateway.
"""

LABEL_ITEMS = """### Group: "storage"
##### Alert Name: "DiskAlmostFull"
+ *Message*: `Disk {{ $labels.device }} is almost full.`
+ *Severity*: warning
+ *Action*: Check the disk using `df -h` and look at the largest folders using `du -xh / | sort -h`.

##### Alert Name: "DiskReadErrors"
+ *Message*: `Disk {{ $labels.device }} returns read errors.`
+ *Severity*: critical
+ *Action*: Replace the disk.
"""

PROSE_ONLY = """# Cache hit rate low

The cache answers fewer than half of the requests. Usually a key prefix was changed by a deploy.

Check the release notes of the last deploy for changed prefixes. Compare the hit rate per prefix on the dashboard.
Roll back the deploy if a prefix was changed by mistake.
"""


def test_it_tells_meaning_impact_and_steps_in_the_runbooks_own_order() -> None:
    summary = told(FOUR_HEADINGS)
    assert summary.rung is Rung.EXTRACTIVE
    assert meaning(summary).startswith("The queue of the mailer holds more than 10,000 jobs. It has grown")
    assert meaning(summary).endswith("e.g. after a deploy.")
    assert impact(summary) == "Mails are late. Password resets time out."
    assert [text.split()[0] for text in steps(summary)] == ["Check", "Look", "If", "Silence"]
    assert [meta.id for meta in summary.sources] == ["wiki/runbook.md"]


def test_a_command_comes_whole_with_its_sentence_and_without_prompt_or_output() -> None:
    summary = told(FOUR_HEADINGS)
    look = step(summary, "Look at the broker:")
    assert [command.text for command in look.commands] == ["rabbitmqctl list_queues name messages"]
    restart = step(summary, "If the workers hang")
    assert restart.commands[0].text == "kubectl -n mail rollout restart \\\n  deployment/mailer"
    assert restart.destructive
    assert not look.destructive
    assert "18233" not in str(summary.claims)


def test_a_todo_and_links_are_never_steps_and_silencing_comes_last() -> None:
    summary = told(FOUR_HEADINGS)
    assert "TODO" not in str(summary.claims)
    assert "handbook" not in str(summary.claims)
    assert steps(summary)[-1] == "Silence the alert while the backlog drains."


def test_label_values_are_never_spliced_into_a_command() -> None:
    assert "$NAMESPACE" in steps(told(FOUR_HEADINGS))[0]


def test_it_reads_bold_lead_ins_that_share_a_paragraph() -> None:
    summary = told(BOLD_LEADS, "PaymentGatewayTimeouts")
    assert meaning(summary) == "Calls to the card processor take longer than five seconds."
    assert impact(summary) == "Customers cannot pay by card."
    assert steps(summary)[0] == "Open the processor's status page."
    assert step(summary, "If it is red").destructive
    assert step(summary, "Otherwise restart").destructive


def test_a_page_for_several_alerts_answers_only_for_the_one_that_fires() -> None:
    summary = told(LABEL_ITEMS, "DiskAlmostFull")
    assert "almost full" in meaning(summary)
    assert steps(summary) == [
        "Check the disk using `df -h` and look at the largest folders using `du -xh / | sort -h`."
    ]
    assert "Replace" not in str(summary.claims)


def test_the_name_of_an_alert_may_be_split_into_words_in_its_heading() -> None:
    text = "# Alerts\n\n## Disk read errors\n\nThe disk is dying.\n\n## Disk almost full\n\nThe disk is filling up.\n"
    assert meaning(told(text, "DiskAlmostFull")) == "The disk is filling up."


def test_without_the_name_the_part_whose_passage_answers_best_is_taken() -> None:
    part = (
        "## {0}\n\n### Meaning\n\nIt means {0}.\n\n### Impact\n\nHarm by {0}.\n\n### Actions\n\n- Restart {0} now.\n\n"
    )
    text = "# Alerts\n\n" + "".join(part.format(name) for name in ("alpha", "beta", "gamma"))
    summary = told(text, "", likes="It means beta")
    assert (meaning(summary), impact(summary)) == ("It means beta.", "Harm by beta.")
    assert steps(summary) == ["Restart beta now."]


def test_a_row_of_a_table_of_alerts_is_that_alerts_part() -> None:
    text = """# Alerts

| Name | Description | Impact | What to do |
|---|---|---|---|
| DiskReadErrors | The disk returns read errors. | Data may be lost. | Replace the disk. |
| DiskAlmostFull | The disk is over 90 % full. | Writes fail soon. | Delete old logs under `/var/log`. |
"""
    summary = told(text, "DiskAlmostFull")
    assert (meaning(summary), impact(summary)) == ("The disk is over 90 % full.", "Writes fail soon.")
    assert steps(summary) == ["Delete old logs under `/var/log`."]
    assert summary.of(Section.STEP)[0].destructive


def test_a_table_of_symptoms_gives_its_condition_beside_the_action() -> None:
    text = """# QueueBacklog

## Troubleshooting

| Symptom | Likely cause | Fix |
|---|---|---|
| Workers are idle | Lost connection | Restart the workers. |
| Workers are busy | Slow SMTP host | Switch to the second SMTP host. |
"""
    claims = told(text).of(Section.STEP)
    assert [(claim.label, claim.text) for claim in claims] == [
        ("Workers are idle", "Restart the workers."),
        ("Workers are busy", "Switch to the second SMTP host."),
    ]


def test_prose_without_any_title_still_gives_meaning_and_orders() -> None:
    summary = told(PROSE_ONLY)
    assert meaning(summary).startswith("The cache answers fewer than half of the requests.")
    assert steps(summary) == [
        "Check the release notes of the last deploy for changed prefixes.",
        "Compare the hit rate per prefix on the dashboard.",
        "Roll back the deploy if a prefix was changed by mistake.",
    ]


def test_numbered_headings_that_are_orders_carry_their_commands() -> None:
    text = """# Runbook: API latency

## Overview

The API answers slowly.

## Diagnosis

### 1. Check pod health

```bash
kubectl get pods -n api
```

### Step 2: Look at the logs

Run the following command:

```bash
kubectl logs -n api deploy/api --tail=100
```
"""
    summary = told(text, "ApiLatency")
    assert commands(summary) == ["kubectl get pods -n api", "kubectl logs -n api deploy/api --tail=100"]
    first, second = summary.of(Section.STEP)
    assert first.text == "Check pod health"
    assert (second.label, second.text) == ("Look at the logs", "Run the following command:")


def test_a_heading_that_names_a_cause_is_the_condition_of_its_steps() -> None:
    text = "# X\n\n## Mitigation\n\n### High network latency\n\n1. Move the pods to the same zone.\n"
    (claim,) = told(text).of(Section.STEP)
    assert (claim.label, claim.text) == ("High network latency", "Move the pods to the same zone.")


def test_a_parent_item_takes_its_children_along_or_is_left_out() -> None:
    children = "".join(f"  - parameter number {number} of the pod\n" for number in range(40))
    text = f"# X\n\n## Diagnosis\n\n- Check the template, such as:\n{children}- Check the events.\n"
    first, second = steps(told(text))
    assert first.startswith("Check the template, such as: - parameter number 0 of the pod - parameter number 1")
    assert first.endswith("of the pod")
    assert second == "Check the events."


def test_a_sentence_that_leads_into_nothing_showable_is_left_out() -> None:
    text = "# X\n\n## Resolution\n\nApply this configuration:\n\n```yaml\nreplicas: 4\n```\n\nRestart the broker.\n"
    assert steps(told(text)) == ["Restart the broker."]


def test_a_step_whose_command_is_too_long_is_left_out_whole() -> None:
    script = "\n".join(f"kubectl get pods -n team-{number}" for number in range(30))
    text = f"# X\n\n## Steps\n\nList all pods:\n\n```bash\n{script}\n```\n\nCheck the events.\n"
    assert steps(told(text)) == ["Check the events."]


def test_an_order_keeps_the_description_it_depends_on() -> None:
    text = "# X\n\n## Mitigation\n\nIn the worst case the data is corrupted. Restore from backup.\n"
    assert steps(told(text)) == ["In the worst case the data is corrupted. Restore from backup."]


def test_bare_links_are_shown_only_where_there_is_nothing_to_do() -> None:
    link = "See [the handbook](https://wiki.example.com/queues)"
    assert steps(told(f"# X\n\nIt hurts.\n\n## Mitigation\n\n{link}\n")) == [link]
    assert steps(told(f"# X\n\nIt hurts.\n\n## Mitigation\n\n{link}\n\nRestart the broker.\n")) == [
        "Restart the broker."
    ]


def test_template_text_badges_and_contents_lists_are_never_quoted() -> None:
    text = """# X

<!-- describe the alert here -->

- [Meaning](#meaning)
- [Steps](#steps)

## Meaning

*Describe what the alert means*

## Steps

TBD

{{< hint warning >}}
"""
    summary = told(text)
    assert summary.of(Section.MEANING) == ()
    assert [text for text in steps(summary) if "TBD" in text or "hint" in text or "Describe" in text] == []
    assert [meta.id for meta in summary.sources] == ["wiki/runbook.md"]


def test_the_runbook_that_the_alert_names_goes_before_a_better_hit() -> None:
    best, named = page("# A\n\nOne thing is broken.\n", name="best"), page("# B\n\nAnother is broken.\n", name="named")
    summary = extract(incident(), Evidence(runbooks=(best, pinned(named))))
    assert meaning(summary) == "Another is broken."
    assert [meta.path for meta in summary.sources] == ["named.md"]


def test_without_a_runbook_it_says_so_and_still_shows_the_last_time() -> None:
    near = DocumentMeta("wiki/near.md", "wiki", "near.md", Kind.RUNBOOK, "Near", frozenset({"everyone"}))
    past = page("# Outage\n\n## Root cause\n\nA full disk.\n", name="past", kind=Kind.POSTMORTEM)
    summary = extract(incident(), Evidence(postmortems=(past,), nearest=(near,)))
    assert summary.nearest == (near,)
    assert [claim.section for claim in summary.claims] == [Section.PAST]
    assert [meta.path for meta in summary.sources] == ["past.md"]


def test_without_any_evidence_nothing_is_said() -> None:
    summary = extract(incident(), Evidence())
    assert (summary.claims, summary.sources, summary.nearest) == ((), (), ())


def test_what_is_most_needed_stays_when_the_budget_is_small() -> None:
    past = page("# Outage\n\n## Root cause\n\nA full disk.\n", name="past", kind=Kind.POSTMORTEM)
    evidence = Evidence(runbooks=(page(FOUR_HEADINGS),), postmortems=(past,))
    summary = extract(incident(), evidence, Budget(lines=5, characters=400, steps=6))
    assert [claim.section for claim in summary.claims] == [Section.MEANING, Section.STEP, Section.STEP, Section.PAST]


def test_lines_that_end_in_carriage_return_keep_their_spans() -> None:
    summary = told(FOUR_HEADINGS.replace("\n", "\r\n"))
    assert impact(summary) == "Mails are late. Password resets time out."
    assert "rabbitmqctl list_queues name messages" in commands(summary)


HOSTILE = {
    "a line of a million characters": "# X\n\n## Steps\n\n- " + "a" * 1_000_000,
    "deep lists": "".join("  " * depth + "- check it\n" for depth in range(3_000)),
    "deep quotes": ">" * 20_000 + " check it\n",
    "ten thousand items": "## Steps\n\n" + "- Check the pods of the team.\n" * 10_000,
    "open brackets": "## Steps\n\n" + "[" * 50_000,
    "backticks": "## Steps\n\n" + "`" * 50_000 + "\n\n" + "` " * 50_000,
    "stars": "## Steps\n\n" + "* " * 30_000 + "\n\n" + "**a" * 20_000,
    "sentences without end": "## Meaning\n\n" + "word " * 100_000,
    "control and direction marks": "## Meaning\n\nIt \u202eis\u0007 \u2066broken\u2069.\n\n## Steps\n\n- Stop.\n",
    "pipes": "|a|b|\n|-|-|\n" + "|c" * 20_000 + "|\n",
    "quotes in code": "## Steps\n\nRun it:\n\n```sh\n" + "echo '\n" * 5_000 + "```\n",
    "headings": "# a\n" * 5_000 + "## Meaning\n\nx y z\n" * 2_000,
    "conditions": "## Steps\n\n" + "if not, " * 20_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_document_neither_breaks_nor_delays_it(kind: str) -> None:
    text = HOSTILE[kind]
    before = time.process_time()
    summary = told(text)
    assert time.process_time() - before < 10, "work must grow with the length of a document, not faster"
    assert sum(size(claim)[1] for claim in summary.claims) <= MAX_CLAIM_CHARACTERS


def test_control_characters_stay_as_they_are_in_the_quote() -> None:
    assert "\u202e" in told(HOSTILE["control and direction marks"]).claims[0].text


_MARKUP = """# QueueBacklog
## Meaning
## Impact
## Mitigation
**Impact:** it hurts.
### If it is slow
- Check it.
  - kubectl get pods
1. Restart the pods:
```sh
```
$ rm -rf /tmp/x
out  put   here
Label: text
> quote
TODO
a\u2028b. C d.
See [x](y)

	do it
* * *
`x
Run it:
~~~ promql
Describe it: **now**
<!-- x -->
--
![i](j)
Drain it. Then reboot it.
+ *Action*: `df -h`
| a | Fix |
|---|---|
| b | Restart it. |"""
_LINES = st.sampled_from(_MARKUP.split("\n"))


@settings(max_examples=150, deadline=None)
@given(st.lists(_LINES, max_size=40), st.sampled_from(("\n", "\r\n", "\r")))
def test_whatever_the_markdown_every_quote_is_exact_and_within_the_budget(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    summary = extract(incident(), Evidence(runbooks=(page(text),), postmortems=(page(text, kind=Kind.POSTMORTEM),)))
    verbatim(summary, text)
    sizes = [size(claim) for claim in summary.claims]
    assert sum(lines for lines, _ in sizes) <= MAX_CLAIM_LINES
    assert sum(characters for _, characters in sizes) <= MAX_CLAIM_CHARACTERS
    assert all(
        flat(claim.text) and not flat(claim.text).endswith(":") for claim in summary.claims if not claim.commands
    )


def test_a_sentence_that_leans_on_another_takes_it_along() -> None:
    text = "# X\n\nJobs should start within a minute. If they are taking longer, this alert will fire.\n"
    assert meaning(told(text)) == "Jobs should start within a minute. If they are taking longer, this alert will fire."


def test_an_order_that_orders_nothing_is_no_step() -> None:
    text = "# X\n\n## Steps\n\nFollow the following steps in order to fix it. Restart the broker.\n"
    assert steps(told(text)) == ["Restart the broker."]
