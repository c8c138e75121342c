"""Figures that can be repeated: sizes, seeds and the machine are printed with each."""
