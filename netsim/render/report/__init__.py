"""The report: one page that holds all it shows, and asks nobody for anything."""
