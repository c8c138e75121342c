"""Inputs that nobody meant to write: each is refused, or means what a second, naive reading of it says."""
