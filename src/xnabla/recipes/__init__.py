"""Room recipes."""
