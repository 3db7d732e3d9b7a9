"""Who reads a channel, who may read a document, and what follows when either changes."""
