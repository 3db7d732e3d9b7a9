"""What keeps secrets in: one function that takes them out of text, and the rules it follows."""

from worker.redaction.redactor import MAX_CHARACTERS, RULES_VERSION, RedactionError, Redactor, redact

__all__ = ["MAX_CHARACTERS", "RULES_VERSION", "RedactionError", "Redactor", "redact"]
