from __future__ import annotations

from datetime import UTC, datetime

from domain.alert import Alert, Status
from retrieval.query import Query, from_alert, from_parts, from_text


def words(query: Query) -> str:
    return " ".join(text for text, _ in query.words)


def test_it_splits_the_alert_name_and_keeps_what_the_sender_says() -> None:
    query = from_parts({"alertname": "KubePodCrashLooping"}, {"summary": "Pod is crash looping."})
    assert query.meaning == "Kube Pod Crash Looping. Pod is crash looping"
    assert query.words == (("KubePodCrashLooping", 1.0), ("Pod is crash looping", 1.0))
    assert query.named


def test_it_leaves_out_the_names_of_this_one_instance() -> None:
    labels = {"pod": "orders-7c9f8b6d5-x2x9z", "namespace": "shop", "instance": "10.1.2.3:9100", "job": "node-exporter"}
    description = "Pod shop/orders-7c9f8b6d5-x2x9z on 10.1.2.3:9100 (node-exporter) restarts 5.2 times, 80% of late."
    query = from_parts(labels, {"description": description})
    for noise in ("shop", "x2x9z", "10.1", "node-exporter", "5.2", "80"):
        assert noise not in query.meaning
        assert noise not in words(query)
    assert "restarts" in query.meaning


def test_it_keeps_a_plain_word_that_is_also_a_label() -> None:
    query = from_parts({"job": "kubelet", "reason": "evicted"}, {"summary": "The kubelet is gone, pods are evicted"})
    assert "kubelet" in query.meaning
    assert "evicted" in query.meaning


def test_it_leaves_out_hashes_and_addresses_that_no_label_names() -> None:
    query = from_parts({}, {"summary": "Image 3f2a9bc01d77 from 192.168.0.7:5000 cannot be pulled"})
    assert query.meaning == "Image from cannot be pulled"


def test_a_long_description_counts_half_beside_a_summary_and_whole_without_one() -> None:
    both = from_parts({}, {"summary": "Disk full", "description": "The disk is full"})
    assert both.words == (("Disk full", 1.0), ("The disk is full", 0.5))
    assert from_parts({}, {"description": "The disk is full"}).words == (("The disk is full", 1.0),)


def test_the_service_counts_a_little_and_is_not_embedded() -> None:
    query = from_parts({"service": "payments-gateway"}, {"summary": "Errors"})
    assert ("payments-gateway", 0.3) in query.words
    assert "payments" not in query.meaning


def test_the_runbook_url_is_kept_apart_and_never_searched_for() -> None:
    query = from_parts({}, {"summary": "Errors", "runbook_url": "https://wiki.example.com/disk.md"})
    assert query.runbook == "https://wiki.example.com/disk.md"
    assert "wiki" not in query.meaning + words(query)


def test_an_alert_gives_the_query_of_its_labels_and_annotations() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    alert = Alert("f", Status.FIRING, {"alertname": "DiskFull"}, {"summary": "Disk full"}, at)
    assert from_alert(alert) == from_parts(alert.labels, alert.annotations)


def test_an_alert_that_says_nothing_gives_an_empty_query() -> None:
    assert from_parts({"severity": "critical"}, {}) == Query("", ())


def test_a_very_long_text_is_cut() -> None:
    assert len(from_text("word " * 10_000).meaning) == 2000
    assert len(from_parts({}, {"description": "word " * 10_000}).meaning) <= 2000


def test_every_text_is_redacted() -> None:
    query = from_parts({"alertname": "A"}, {"summary": "key hunter2", "description": "again hunter2"})
    hidden = query.redacted(lambda text: text.replace("hunter2", "[redacted]"))
    assert "hunter2" not in hidden.meaning + words(hidden)
    assert hidden.named


def test_a_long_description_is_embedded_from_its_beginning_and_matched_whole() -> None:
    description = " ".join(f"word{letter}" for letter in "abcdefghij" * 9) + " needle"
    query = from_parts({"alertname": "DiskFull"}, {"summary": "The disk is full", "description": description})
    assert query.meaning.startswith("Disk Full. The disk is full. worda")
    assert len(query.meaning.split()) < 40
    assert any("needle" in text for text, _ in query.words)
