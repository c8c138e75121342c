"""Small git repositories, made for one test."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PODS = """apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
"""
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [PORTS]
"""
NARROW, WIDE, MOVED = (POLICY.replace("PORTS", p) for p in ("{port: 80}", "{port: 80}, {port: 443}", "{port: 443}"))
WIDENED = "~ shop/web[Pod]  shop/db[Pod]  TCP 80 => TCP 80,443"


class Repository:
    """A repository in a folder, driven by the git of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def git(self, *arguments: str) -> str:
        """Run git; return what it prints."""
        identity = ("-c", "user.name=netsim", "-c", "user.email=netsim@example.invalid")
        # A submodule, and a shallow clone, come from a folder here.
        local = ("-c", "protocol.file.allow=always")
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *identity, *local, *arguments], cwd=self.folder, check=True, capture_output=True, env=environment
        )
        return done.stdout.decode().strip()

    def commit(self, message: str = "change", **files: str | None) -> str:
        """Write files, named ``k8s__policy_yaml``, or delete those that are None; return the new revision."""
        for name, text in files.items():
            self.write(name.replace("__", "/").replace("_yaml", ".yaml"), text)
        self.git("add", "--all")
        self.git("commit", "--message", message)
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, text: str | None) -> None:
        """Write a file, or delete it."""
        path = self.folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def state(self) -> tuple[str, str]:
        """Return all that a command could have changed: the status of the work tree, and every reference."""
        files = sorted(
            str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if ".git" not in path.parts
        )
        return self.git("status", "--porcelain", "--branch") + "\n".join(files), self.git("show-ref")


def new_repository(folder: Path) -> Repository:
    """Return an empty repository with the branch main."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    repository = Repository(folder)
    repository.git("init", "--initial-branch", "main")
    return repository
