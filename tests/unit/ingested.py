"""Manifests, as texts, to what netsim reads of them."""

from io import StringIO
from textwrap import dedent

from netsim.errors import Problem
from netsim.ingest import snapshot
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Snapshot


def ingested(*texts: str) -> Snapshot:
    """Return what the texts say, each an input; nothing may be wrong with them."""
    found, problems = snapshot([StringIO(dedent(text)) for text in texts], keep_going=True)
    assert not problems, "\n".join(map(str, problems))
    return found


def kept(*texts: str) -> Snapshot:
    """Return what is left of the texts where something is wrong with them."""
    found, problems = snapshot([StringIO(dedent(text)) for text in texts], keep_going=True)
    assert problems
    return found


def refused(*texts: str) -> list[tuple[str, str]]:
    """Return the code and the field of each thing that is wrong, sorted."""
    return sorted((problem.code, problem.field) for problem in problems(*texts))


def problems(*texts: str) -> tuple[Problem, ...]:
    """Return what is wrong with the texts, each an input."""
    return snapshot([StringIO(dedent(text)) for text in texts], keep_going=True)[1]


def policy(spec: str) -> Policy:
    """Return the one policy ``shop/p`` with this spec, written in one line of YAML."""
    (found,) = ingested(policy_text(spec)).policies
    return found


def policy_text(spec: str) -> str:
    """Return a manifest of the policy ``shop/p``."""
    return (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: shop}}\nspec: {spec}\n"
    )


def deployment(name: str, labels: str, *, namespace: str = "shop", pod: str = "{containers: [{name: c}]}") -> str:
    """Return a manifest of a Deployment of pods with these labels, written ``{app: web}``."""
    return (
        f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec: {{selector: {{matchLabels: {labels}}}, template: {{metadata: {{labels: {labels}}}, spec: {pod}}}}}\n"
    )


def pod(name: str, *, metadata: str = "", spec: str = "containers: [{name: c}]", status: str = "") -> str:
    """Return a manifest of the pod ``shop/NAME``; the rest is written as the inside of a mapping."""
    return (
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, {metadata}}}\n"
        f"spec: {{{spec}}}\nstatus: {{{status}}}\n"
    )
