"""Reach, rights and pods as attack steps: what follows from what, and by which proof."""
