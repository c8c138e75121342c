"""The options that commands share, each said once."""

from typing import Annotated, Literal

import typer

# Hidden, for typer would show its type, `list[str]`: INPUTS tells what it is.
Inputs = Annotated[list[str] | None, typer.Argument(metavar="INPUT", hidden=True)]
From = Annotated[str, typer.Option("--from", metavar="PEER", help="Who opens the connection.")]
To = Annotated[str, typer.Option("--to", metavar="PEER", help="Who accepts it.")]
OnlyFrom = Annotated[
    list[str] | None, typer.Option("--from", metavar="PEER", help="Only what this peer opens; may be repeated.")
]
OnlyTo = Annotated[
    list[str] | None, typer.Option("--to", metavar="PEER", help="Only what this peer accepts; may be repeated.")
]
Workload = Annotated[
    list[str] | None,
    typer.Option("--workload", metavar="PEER", help="Only what this peer opens or accepts; may be repeated."),
]
_PORTS = "80, 80/UDP, 8000-8080, or the name of a container port"
OnlyPort = Annotated[str | None, typer.Option("--port", metavar="PORT", help=f"Only this traffic: {_PORTS}.")]
Port = Annotated[str | None, typer.Option("--port", metavar="PORT", help=f"To which port: {_PORTS}.")]
Pods = Annotated[bool, typer.Option("--pods", help="Pod by pod instead of workload by workload.")]
File = Annotated[str | None, typer.Option("-f", "--file", metavar="FILE", help="Write here, whole or not at all.")]
Cni = Annotated[
    str | None,
    typer.Option("--cni", metavar="NAME", help="Whose reading, where the standard leaves a choice. Default: upstream."),
]
Dns = Annotated[
    str | None,
    typer.Option(
        "--dns", metavar="FILE", help="What domain names resolve to: a mapping of names to lists of addresses."
    ),
]
KeepGoing = Annotated[
    bool, typer.Option("--keep-going", help="Analyse what can be read in spite of problems; the exit code stays 2.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Every warning, and what was read but not modelled.")]
By = Annotated[
    Literal["workload", "namespace"] | None,
    typer.Option("--by", help="Of dot, svg and png: what to draw. Default: workloads; in a large picture, namespaces."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No assumptions, no warnings, no progress.")]

Kubernetes = Annotated[
    str | None,
    typer.Option(
        "--kubernetes",
        metavar="VERSION",
        help="The release that the cluster runs. Default: that of its newest kubelet, or the newest known.",
    ),
]
Defaults = Annotated[
    Literal["none", "named", "all"],
    typer.Option(
        "--defaults",
        help="Which roles of every API server count where no input holds them: those that a binding names, ...",
    ),
]

FleetFormat = Literal["text", "jsonl", "parquet"]
ReachFormat = Literal["text", "json", "csv", "md", "dot", "svg", "png", "matrix"]
DiffFormat = Literal["text", "json", "csv", "md", "dot", "svg", "png", "sarif", "github", "junit", "gitlab"]
RowsFormat = Literal["text", "json", "csv"]
CheckFormat = Literal["text", "json", "md", "sarif", "github", "junit", "gitlab"]
VerdictFormat = Literal["text", "json"]
AttackFormat = Literal["text", "json", "md", "dot", "svg", "png"]
WhatIfFormat = Literal["text", "json", "md"]
FixFormat = Literal["text", "json", "md", "yaml", "patch"]
Level = Literal["certain", "likely", "exploit"]
FailOn = Literal["added", "removed", "any", "none", "critical", "high", "medium", "low"]
Severity = Literal["critical", "high", "medium", "low", "info"]

OUTPUT = typer.Option("-o", "--output", help="The format; text, unless the suffix of FILE says another.")

INPUTS = """\b
An INPUT is one of (this folder where none is named; a later one overrides an earlier one's objects)
  FILE, FOLDER                 YAML or JSON; below a folder, what ends in .yaml, .yml or .json
  -                            standard input
  git:REV:PATH                 a file or folder as it stood at a revision
  kustomize:PATH               what your own kustomize or kubectl renders of an overlay
  helm:PATH?values=FILE&set=KEY=VALUE&namespace=NAME&release=NAME
                               what your own helm renders of a chart; the options may be left out
"""

PEERS = """\b
A PEER is one of
  namespace/name or name       a pod or a workload; namespace/name[Kind] where both exist
  prod/*                       a glob over them
  ns:team=a,pod:app=web        label selectors, either or both
  10.0.0.0/8, 10.1.2.3         addresses; an address of a pod means the pod
  internet                     every address that the input does not name
  node:NAME                    a node
  svc:namespace/name           a Service: the pods behind it; --port is then the Service's
  {ingress-controller}         what Ingress and Route objects let in, where the input does not hold the controller
"""
