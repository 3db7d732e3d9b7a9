from __future__ import annotations

import pytest

from retrieval.sparse import K1, Frequencies, TermWeights, best_possible, coverage, name_parts, share, words

TERMS = TermWeights(average_length=10)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("KubePodCrashLooping", ["Kube", "Pod", "Crash", "Looping"]),
        ("KubeCPUOvercommit", ["Kube", "CPU", "Overcommit"]),
        ("etcdGRPCRequestsSlow", ["etcd", "GRPC", "Requests", "Slow"]),
        ("node_disk-full", ["node", "disk", "full"]),
        ("Überlauf", ["Ü", "berlauf"]),
        ("HTTP5xx", ["HTTP", "5", "xx"]),
        ("", []),
    ],
)
def test_it_splits_names_at_case_digits_and_joints(name: str, parts: list[str]) -> None:
    assert name_parts(name) == parts


def test_a_compound_name_is_found_by_its_parts_and_as_a_whole() -> None:
    assert words("KubePodCrashLooping") == ["Kube", "Pod", "Crash", "Looping", "KubePodCrashLooping"]
    joined = set(TERMS.query("kube-state-metrics"))
    assert joined == set(TERMS.query("KubeStateMetrics"))
    assert set(TERMS.query("kubestatemetrics")) < joined


def test_words_are_stemmed_and_stop_words_left_out() -> None:
    assert TERMS.query("the failing reloads") == TERMS.query("failed reload")


def test_a_document_weighs_a_term_by_its_own_text_alone() -> None:
    once, twice = TERMS.document("disk alpha"), TERMS.document("disk disk alpha")
    (disk,) = TERMS.query("disk")
    assert once[disk] < twice[disk] < K1 + 1


def test_rare_words_weigh_more() -> None:
    common, rare = 1, 2
    seen = Frequencies.over([{common, rare}, {common}, {common}])
    weights = seen.weigh({common: 1.0, rare: 1.0, 3: 1.0})
    assert 0 < weights[common] < weights[rare] < weights[3]
    assert seen.weigh({rare: 0.5})[rare] == pytest.approx(weights[rare] / 2)


def test_coverage_is_a_share() -> None:
    query = {1: 2.0, 2: 1.0}
    best = best_possible(query)
    assert coverage(query, best, {}) == 0
    assert coverage(query, best, {1: K1 + 1, 2: K1 + 1}) == pytest.approx(1)
    assert coverage({}, 0.0, {1: 1.0}) == 0
    assert coverage(query, best, {1: 1.0}) > coverage(query, best, {2: 1.0})


def test_a_share_counts_weight_and_not_how_often_a_word_stands() -> None:
    assert share({1: 3.0, 2: 1.0}, {1}) == 0.75
    assert share({1: 3.0, 2: 1.0}, {1: 2.0, 2: 0.1}) == 1
    assert share({}, {1}) == 0
