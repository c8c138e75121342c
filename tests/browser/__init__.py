"""The report in a real browser, as a person opens it."""
