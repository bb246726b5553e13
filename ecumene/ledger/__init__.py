"""Nothing but its name."""
