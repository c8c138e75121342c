"""Policies over symbolic endpoints, for Z3: what holds for every pod that could exist, not only for those that do."""
