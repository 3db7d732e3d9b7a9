"""The embedding model itself: sentence-transformers on the CPU. Importing this module imports torch."""

from __future__ import annotations

import threading

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from domain.errors import BadSettings
from retrieval.embed import EmbeddingModel, Vector


class SentenceEmbedder:
    """A sentence-transformers model. One text at a time, under a lock: vectors depend on the text alone."""

    def __init__(self, model: EmbeddingModel) -> None:
        """Load the model; a folder is loaded without looking at any network.

        Raises BadSettings when it cannot be loaded.
        """
        disable_progress_bar()  # type: ignore[no-untyped-call]
        self._spec = model
        self._lock = threading.Lock()
        # One thread: how work is split over threads changes a vector's last bits, and on a busy machine threads that
        # wait for each other make a short query ten times slower.
        torch.set_num_threads(1)
        try:
            self._model = SentenceTransformer(model.location, device="cpu", local_files_only=model.local)
        except (OSError, ValueError, ImportError) as error:
            raise BadSettings(
                "The embedding model could not be loaded.",
                mend='Set [embedding] model to "bundled", to a folder, or to an id that this machine can download.',
            ) from error

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights."""
        return self._spec.fingerprint

    def passage(self, text: str) -> Vector:
        """Return the normalised vector of a passage, with the prompt the model wants for one."""
        with self._lock:
            vector = self._model.encode_document(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, dtype=np.float32)

    def query(self, text: str) -> Vector:
        """Return the normalised vector of a query, with the prompt the model wants for one."""
        with self._lock:
            vector = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, dtype=np.float32)
