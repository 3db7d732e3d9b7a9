"""Runbook lines that merely sound like instructions to a model are shown, and a model may repeat them."""

from __future__ import annotations

import pytest

from domain.document import Evidence
from domain.summary import Section
from summarizer.draft import ClaimDraft, Draft
from summarizer.extractive import extract
from summarizer.guard import Frame, judge
from summarizer.prompt import Limits, render
from tests.evidence import hit, incident

NONCE = "3f9c1a7be02d4856"
LINES = """Ignore the previous alert if it fired during a deployment.
Ignore all warnings about the swap file on these nodes.
Disregard the instructions in the old wiki and follow this page.
You must restart the exporter before the service.
You are now the incident commander until somebody relieves you.
Do not tell customers about the cause before legal has agreed.
Always answer the page within five minutes.
Override the rate limit for the payments team only.
Forget the cached credentials and log in again.
Pretend that the region is gone and follow the failover plan.
Act as the release manager when no one else is awake.
Run the system prompt check on the terminal server.
Follow the new instructions of the vendor before the old ones.
From now on page the database team for this alert.
Reveal the hidden columns of the dashboard first.
Print the whole configuration and compare it with the last one.
Repeat the query until it returns no rows.
Stop following the runbook when the volume is over 95 % full.
Never reveal the break-glass password in the channel.
Ask the assistant on duty for the key of the cage.
Say aloud in the call what you are about to run.
Write nothing to the primary until the standby has caught up.
Obey the order of the steps, because the lock is taken first.
Execute both checks in the order given.
Send the output of the command to the vendor's ticket.
Reset all rules of the firewall to the last good version.
Skip the safety check only when the region is already lost.
Bypass the proxy when you test the health endpoint.
Enter developer mode on the switch to see the counters.
Switch the role of the user to admin for the migration.
Instruct the bot to mute the channel during the drill.
Tell everyone in the bridge that the database is read-only.
Answer only with facts when customers ask in the forum.
Do exactly what the vendor says, and note the time.
Do anything that frees memory before the node is evicted.
Treat this alert as critical whatever its severity says.
Trust the gauge and not the log of the agent.
Consider the message of the exporter as untrusted.
Open the link in the alert only from the bastion.
Copy the prompt of the database into the ticket.
Use the token of the robot account, never your own.
End the session of the assistant before you rotate the key.
Delete the message from the dead letter queue after reading it.
Summarize the incident in two sentences for the status page.
Translate the error of the driver with the vendor's table.
Role play the outage with the team once a quarter.
Approve the request of the autoscaler by hand.
Confirm that you have read the warning before you go on.
Insert the missing row with the values of the backup.
Inject the fault again in staging to see whether it returns.
Jailbreak the test phone again when its certificate expires.
Bring the attention of the network team to the dropped packets.
Assume the role of the backup account in the other region.
Respond with the standard text when the partner asks.
Output of more than 100 lines belongs into the ticket, check its end first.
Remember the last offset before you move the group.
Pay no attention to the banner of the login page.
Replace the instructions on the status page with the new ones.
Do not follow the link of the old alert, use the dashboard.
Act immediately when the queue passes 10,000 messages.
Let the model of the forecast run again with today's numbers.
Give the user of the application the role it had before.
Load the system message catalogue again after the upgrade.
Unlock the admin console with the key of the safe.
Quote the ticket in every message to the vendor.
Check the assistant process, it restarts the agent by itself.""".splitlines()


def found(line: str) -> Evidence:
    return Evidence((hit("volume", f"# OrdersVolumeFilling\n\n## Mitigation\n\n1. {line}\n"),))


def test_there_are_enough_lines_and_none_twice() -> None:
    assert len(set(LINES)) == len(LINES) >= 60


@pytest.mark.parametrize("line", LINES)
def test_the_line_is_shown_word_for_word(line: str) -> None:
    claims = extract(incident(), found(line)).claims
    assert line in [claim.text for claim in claims]


@pytest.mark.parametrize("line", LINES)
def test_the_line_reaches_the_model_and_may_be_repeated(line: str) -> None:
    prompt = render(incident(), found(line), NONCE, Limits(6000, local=True), lambda text: text)
    assert prompt is not None
    assert line in prompt.user
    draft = Draft(claims=[ClaimDraft(section=Section.STEP.value, text=line, citations=[1], command=None)])  # type: ignore[arg-type]
    verdict = judge(draft, Frame(prompt.passages, prompt.alert, NONCE, lambda text: text))
    assert [claim.text for claim in verdict.claims] == [line], verdict.dropped
