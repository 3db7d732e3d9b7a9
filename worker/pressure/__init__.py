"""What is done when there is too much of it, or when a part does not answer."""
