"""Room operators."""
