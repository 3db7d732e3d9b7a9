from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import BadSettings
from retrieval.embed import BUNDLED, CachedEmbedder, Embedder, VectorCache, embedding_model
from tests.library import WordEmbedder


def never() -> Embedder:
    raise AssertionError("the model was loaded")


def test_a_text_is_embedded_once_and_then_comes_from_disk_without_a_model(tmp_path: Path) -> None:
    model = WordEmbedder()
    first = CachedEmbedder("m1", lambda: model, VectorCache(tmp_path / "v.db"))
    vector = first.passage("the disk is full")
    first.passage("the disk is full")
    first.close()
    assert model.embedded == ["the disk is full"]
    second = CachedEmbedder("m1", never, VectorCache(tmp_path / "v.db"))
    assert second.passage("the disk is full").tobytes() == vector.tobytes()
    assert not second.loaded
    second.close()


def test_another_model_has_other_vectors(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "v.db")
    CachedEmbedder("m1", WordEmbedder, cache).passage("text")
    with pytest.raises(AssertionError, match="loaded"):
        CachedEmbedder("m2", never, cache).passage("text")
    cache.close()


def test_a_query_is_embedded_once_and_never_written_down(tmp_path: Path) -> None:
    loads: list[WordEmbedder] = []

    def load() -> Embedder:
        loads.append(WordEmbedder())
        return loads[-1]

    cache = VectorCache(tmp_path / "v.db")
    embedder = CachedEmbedder("m1", load, cache)
    assert embedder.query("who am i") is embedder.query("who am i")
    assert len(loads) == 1
    assert cache.get("m1", "who am i") is None
    embedder.close()


def test_text_that_is_not_valid_unicode_is_cached_like_any_other(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "v.db")
    cache.put("m1", "\ud800", WordEmbedder().query("x"))
    assert cache.get("m1", "\ud800") is not None
    cache.close()


def test_the_bundled_model_has_a_fingerprint_of_its_weights(tmp_path: Path) -> None:
    bundled = embedding_model(BUNDLED)
    assert bundled.local
    assert bundled.fingerprint == embedding_model(BUNDLED).fingerprint
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"0" * 3_000_000)
    before = embedding_model(str(folder)).fingerprint
    (folder / "model.safetensors").write_bytes(b"0" * 2_999_999 + b"1")
    assert embedding_model(str(folder)).fingerprint != before


def test_a_folder_that_is_not_there_is_a_setting_to_correct() -> None:
    with pytest.raises(BadSettings, match=r"\[embedding\] model"):
        embedding_model("./no-such-folder")


def test_an_id_is_left_to_sentence_transformers() -> None:
    model = embedding_model("ibm-granite/granite-embedding-small-english-r2")
    assert not model.local
    assert model.location in model.fingerprint


def test_nothing_that_searches_imports_torch() -> None:
    code = "import retrieval.search, retrieval.edge, retrieval.indexer, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
