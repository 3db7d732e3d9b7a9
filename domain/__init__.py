"""The nouns of Middlewatch: standard library only, frozen values, no I/O."""
