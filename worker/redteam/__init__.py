"""Attacks on our own pipeline: planted text, models that obey it, and a judge of what the channel would be shown."""
