"""Take the library that draws the report's map out of its package: ``python .ci/vendor.py``, or ``make vendor``.

``netsim/render/assets/vendored.json`` says which version, and what its files hash to. To move to another version,
change both there, and read what the new one does.
"""

import json
import subprocess
import sys
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "netsim" / "render" / "assets"


def main() -> None:
    """Fetch, compare, write."""
    pinned = json.loads((ASSETS / "vendored.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, pinned["package"]]
        packed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        with tarfile.open(Path(folder) / packed) as archive:
            for name, (source, expected) in pinned["files"].items():
                inside = archive.extractfile(f"package/{source}")
                assert inside is not None, f"{pinned['package']} holds no {source}"
                content = inside.read()
                found = sha256(content).hexdigest()
                if found != expected:
                    sys.exit(f"{source} of {pinned['package']} hashes to {found}, not to {expected}")
                (ASSETS / name).write_bytes(content)
    print(f"{pinned['package']}: {', '.join(pinned['files'])}")


if __name__ == "__main__":
    main()
