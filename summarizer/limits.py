"""How much a message may hold. A message is read at 3 AM on a telephone, so it has a hard size."""

from __future__ import annotations

from dataclasses import dataclass

MAX_MESSAGE_LINES = 25
MAX_MESSAGE_CHARACTERS = 2_500
MAX_CLAIM_LINES = 15
"""Lines for claims; the rest of the message (header, context, changes, sources, footer) takes about ten."""
MAX_CLAIM_CHARACTERS = 1_600
CLAIM_OVERHEAD = 12
"""Characters that a claim's bullet, mark and source number take beside its text."""
COMMAND_OVERHEAD = 8
"""Characters that the code marks around a command take."""

MAX_QUOTE = 300
"""A quote grows sentence by sentence up to this many characters."""
MAX_SENTENCE = 420
"""A single sentence longer than this is not quoted at all."""
MAX_CONDITION = 90
"""A condition longer than this is not repeated before each of its steps."""
MAX_COMMAND_LINES = 7
"""A step whose commands take more lines is left out whole."""
MAX_PARAGRAPH = 6_000
"""Only so many characters of one paragraph are looked at."""
MAX_FENCE = 6_000
"""A code block longer than this is not a command for a message."""
MAX_DOCUMENT = 400_000
"""Only so many characters of one document are parsed."""
MAX_CANDIDATES = 60
"""Steps are gathered up to this many; what stands further down cannot win a place."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the claims of one summary may take together: `steps` counts steps."""

    lines: int = MAX_CLAIM_LINES
    characters: int = MAX_CLAIM_CHARACTERS
    steps: int = 6
