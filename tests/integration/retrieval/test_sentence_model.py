"""The bundled model, loaded for real."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from domain.errors import BadSettings
from retrieval.embed import BUNDLED, EmbeddingModel, embedding_model
from retrieval.rescore import cosines
from retrieval.sentence_model import SentenceEmbedder

TEXTS = ["The disk is full.", "A pod restarts in a loop, again and again.", "Card payments fail."] * 4


@pytest.fixture(scope="module")
def model() -> SentenceEmbedder:
    return SentenceEmbedder(embedding_model(BUNDLED))


def test_vectors_are_normalised_single_precision(model: SentenceEmbedder) -> None:
    vector = model.passage("The disk is full.")
    assert vector.dtype == np.float32
    assert vector.shape == (384,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-6)


def test_what_means_the_same_is_nearer(model: SentenceEmbedder) -> None:
    query = model.query("no space left on device")
    disk, cards = (cosines(model.passage(text)[None, :].astype(np.float64), query)[0] for text in (TEXTS[0], TEXTS[2]))
    assert disk > cards


def test_threads_and_neighbours_change_no_bit(model: SentenceEmbedder) -> None:
    alone = [model.passage(text).tobytes() for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        together = [vector.tobytes() for vector in pool.map(model.passage, TEXTS)]
    assert together == alone


def test_a_folder_without_a_model_is_a_setting_to_correct(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"\[embedding\] model"):
        SentenceEmbedder(EmbeddingModel(str(tmp_path), "x", local=True))
