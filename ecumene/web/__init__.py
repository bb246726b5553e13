"""The laboratory as a local service."""
