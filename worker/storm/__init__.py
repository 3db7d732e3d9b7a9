"""Many incidents that begin at once: told together, in one message for each channel."""
