"""``python -m tests.cli.as_netsim`` is the command, also where it is not installed."""

from netsim.cli.main import run

if __name__ == "__main__":
    run()
