"""Which clusters a fleet is made of."""

import io
import os
import pickle
from pathlib import Path

import pytest

from netsim.errors import UsageError
from netsim.fleets.members import members
from netsim.ingest import Fetched, Given, snapshot
from netsim.ingest.rendered import Rendered

SHOP = Path(__file__).resolve().parents[2] / "fixtures" / "online-shop"


def _names(*inputs: str, patches: tuple[str, ...] = ()) -> list[str]:
    return [member.name for member in members(inputs, patches)]


@pytest.mark.usefixtures("clusters")
def test_an_input_is_a_cluster_and_the_order_is_by_name() -> None:
    assert _names("clusters/west.yaml", "clusters/east.yaml", "git:v1:k8s", "clusters") == [
        "clusters",
        "clusters/east.yaml",
        "clusters/west.yaml",
        "git:v1:k8s",
    ]


def test_a_glob_is_each_manifest_and_folder_that_it_matches_once(clusters: Path) -> None:
    (clusters / "folder").mkdir()
    found = _names("clusters/*", "clusters/east.yaml")
    assert "clusters/folder" in found
    assert "clusters/README.md" not in found
    assert found.count("clusters/east.yaml") == 1


def test_a_file_whose_name_looks_like_a_glob_is_itself(clusters: Path) -> None:
    (clusters / "a[1].yaml").touch()
    assert _names("clusters/a[1].yaml") == ["clusters/a[1].yaml"]


@pytest.mark.usefixtures("clusters")
def test_a_glob_that_matches_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match=r"`clusterz/\*` matches no folder and no manifest"):
        _names("clusterz/*")


@pytest.mark.usefixtures("clusters")
def test_a_what_if_is_the_one_cluster_with_a_patch_over_it() -> None:
    found = members(["clusters/east.yaml"], ["clusters/[os]*.yaml"])
    assert [(member.name, len(member.inputs)) for member in found] == [
        ("clusters/east.yaml", 1),
        ("clusters/east.yaml + clusters/open.yaml", 2),
        ("clusters/east.yaml + clusters/shut.yaml", 2),
    ]


@pytest.mark.usefixtures("clusters")
def test_what_ifs_over_several_clusters_are_refused() -> None:
    with pytest.raises(UsageError, match="over one cluster, and there are 2"):
        _names("clusters/east.yaml", "clusters/west.yaml", patches=("clusters/open.yaml",))


def test_a_cluster_of_documents_needs_a_name() -> None:
    with pytest.raises(UsageError, match="need names"):
        members([Given(documents=[])], ())
    assert [member.name for member in members({"b": Given(documents=[]), "a": ["x", "y"]}, ())] == ["a", "b"]


def test_what_can_be_read_once_only_is_read_at_once() -> None:
    (member,) = members(["-"], (), stdin=io.BytesIO(b"kind: Pod"))
    assert member.inputs == (Fetched((Rendered(file="<stdin>", content=b"kind: Pod"),)),)


def test_a_fetched_input_says_elsewhere_what_it_would_have_said_here(tmp_path: Path) -> None:
    (member,) = members([str(SHOP)], ())
    sent = pickle.dumps(member.fetch())
    os.chdir(tmp_path)  # another machine: the names of files are all that is known of them
    assert snapshot(pickle.loads(sent)) == snapshot([str(SHOP)])  # noqa: S301 - our own


def test_what_cannot_be_fetched_is_a_problem_where_it_is_looked_into() -> None:
    (member,) = members(["nowhere"], ())
    _, problems = snapshot(member.fetch(), keep_going=True)
    assert [problem.code for problem in problems] == ["NS101"]


def test_what_helm_renders_lies_where_the_release_is_also_elsewhere() -> None:
    manifest = b"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n"
    fetched = Fetched((Rendered(file="web.yaml", content=manifest, namespace="prod"),))
    found, _ = snapshot([pickle.loads(pickle.dumps(fetched))])  # noqa: S301 - our own
    assert [pod.namespace for pod in found.pods] == ["prod"]


def test_the_options_of_a_chart_are_no_glob() -> None:
    assert _names("helm:charts/web?values=prod.yaml", "kustomize:overlays/[prod]") == [
        "helm:charts/web?values=prod.yaml",
        "kustomize:overlays/[prod]",
    ]
