"""Words: what is an order, what destroys, what silences, what only stands in for text."""

from __future__ import annotations

import pytest

from summarizer.phrases import destroys, is_action, is_order, is_placeholder, is_pointer, is_template, silences


@pytest.mark.parametrize(
    "text",
    [
        "kubectl delete pod x",
        "Run `rm -rf /data/tmp`.",
        "Drop the slot.",
        "TRUNCATE jobs;",
        "Drain the node.",
        "Cordon and drain it.",
        "Restart the service.",
        "systemctl restart nginx",
        "kubectl rollout restart deploy/x",
        "Reboot the host.",
        "Kill the process.",
        "kill -9 1234",
        "Use --force.",
        "Wipe the disk.",
        "Reset the cache.",
        "Scale the deployment to 0.",
        "kubectl scale --replicas=0 deploy/x",
        "Fail over to the replica.",
        "Trigger a failover.",
        "Roll back the release.",
        "kubectl rollout undo deploy/x",
        "Terminate the instance.",
        "Purge the queue.",
        "Evict the pods.",
        "Flush the cache.",
        "dd if=/dev/zero of=/dev/sdb",
        "mkfs.ext4 /dev/sdb",
        "DELETE FROM jobs;",
        "curl -X DELETE http://x",
        "Deleting the endpoint should help.",
        "The instance should be terminated.",
        "The pod needs to be restarted.",
        "Shut down the node.",
        "Stop the writer.",
        "Recreate the cluster.",
        "Remove the volume.",
        "Revert the change.",
        "Clear the queue.",
    ],
)
def test_what_deletes_restarts_or_overwrites_is_marked(text: str) -> None:
    assert destroys(text)


@pytest.mark.parametrize(
    "text",
    [
        "Check whether the pod was OOMKilled.",
        "Check why the pods were evicted.",
        "Look at the restart count.",
        "Uncordon the node.",
        "Check the termination grace period.",
        "Open the dashboard.",
        "kubectl get pods",
        "See if the pod is constantly restarting.",
        "Check `restart_lsn` of the slot",
        "The data is kept across node reboots",
    ],
)
def test_a_plain_look_is_not_marked(text: str) -> None:
    assert not destroys(text)


@pytest.mark.parametrize(
    "text", ["Silence the alert.", "Mute it in PagerDuty.", "Disable the alert.", "Acknowledge the page."]
)
def test_what_only_quiets_the_alert_is_told_apart(text: str) -> None:
    assert silences(text)
    assert not silences("Check the logs.")


@pytest.mark.parametrize(
    "text", ["Check it.", "**Check** it.", "1. Then restart it.", "First, please open it.", "Do not restart."]
)
def test_an_order_is_known_by_its_verb(text: str) -> None:
    assert is_order(text)


@pytest.mark.parametrize(
    "text",
    [
        "If it hangs, restart it.",
        "You may need more memory.",
        "The secret must be rotated.",
        "In case of doubt contact the team.",
    ],
)
def test_an_advice_is_something_to_do(text: str) -> None:
    assert is_action(text)


@pytest.mark.parametrize("text", ["The queue is full.", "Note that it is slow.", "Depending on the load, it may vary."])
def test_a_description_is_nothing_to_do(text: str) -> None:
    assert not is_action(text)


@pytest.mark.parametrize("text", ["TODO", "TBD.", "n/a", "FIXME: write this", "Coming soon", "To be written", "..."])
def test_what_stands_in_for_text_is_known(text: str) -> None:
    assert is_placeholder(text)


def test_a_step_that_names_a_to_do_list_is_no_placeholder() -> None:
    assert not is_placeholder("Check what the job still has to do.")


@pytest.mark.parametrize(
    "text", ["*Describe the impact here*", "_What happened?_", "<describe the alert>", "[insert title]"]
)
def test_the_instructions_of_a_template_are_known(text: str) -> None:
    assert is_template(text)
    assert not is_template("*Critical*: it is down.")


def test_a_bare_link_is_told_from_a_step_with_a_link() -> None:
    assert is_pointer("See [the docs](https://example.com/a_(b)) for more details")
    assert is_pointer("For more information visit https://example.com")
    assert not is_pointer("Check the queue on [the dashboard](https://example.com)")
