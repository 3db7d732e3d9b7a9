"""The index as people keep it: synced, judged by golden queries, published, rolled back."""
