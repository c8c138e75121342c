"""Knowledge as data: tables that netsim reads through `netsim.knowledge` and users may argue with."""
