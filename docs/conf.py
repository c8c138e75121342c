"""How Sphinx builds the pages that .ci/docs.py has laid out."""

project = "netsim"
author = "The netsim authors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "netsim"
html_copy_source = False
html_show_sphinx = False
# Links to a heading are written as GitHub makes them.
myst_heading_anchors = 4
# `console` has no lexer that knows netsim's answers.
highlight_language = "none"
