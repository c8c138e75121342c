"""Clusters are read in several threads at once, as a fleet does."""

import subprocess
import sys

import pytest

#: In a fresh interpreter, each kind is read for the first time by threads that start together on it.
CODE = """
import io, sys, threading
from netsim.ingest import read_documents
from netsim.ingest.kinds import KINDS
from netsim.ingest.reader import read_object

sys.setswitchinterval(1e-6)
FORM = sys.argv[1]
ready, found = threading.Barrier(8), []

def read():
    for kind in KINDS:
        text = FORM.replace("VERSION", kind.api_versions[0]).replace("KIND", kind.name)
        (document,) = read_documents([io.StringIO(text)], [])
        ready.wait()
        found.append(read_object(document, kind, 0, {})[0].name)

threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found) == 8 * len(KINDS), set(found))
"""
FORMS = {
    "json": '{"apiVersion": "VERSION", "kind": "KIND", "metadata": {"name": "x"}}',
    "yaml": "apiVersion: VERSION\nkind: KIND\nmetadata: {name: x}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_threads_that_read_a_kind_for_the_first_time_at_once_read_it_alike(form: str) -> None:
    command = [sys.executable, "-X", "faulthandler", "-c", CODE, FORMS[form]]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True {'x'}\n", "")
