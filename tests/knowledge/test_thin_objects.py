"""Objects as old or careless servers write them: whatever field is missing or null, no detector fails.

The demo worlds are thinned at random: keys are dropped, set to null, lists emptied. Kinds and names stay.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import integrations.sandbox
from integrations.decode import decode_object
from integrations.sandbox.world import ClusterWorld, load
from knowledge.catalogue import detectors
from knowledge.diagnosis import examine
from knowledge.objects import KINDS, Deployment, Pod
from knowledge.snapshot import Log, LogKey, Snapshot
from tests.seen import NOW

DEMO = load(Path(integrations.sandbox.__file__).parent / "worlds" / "demo", NOW)


def thinned(value: Any, chance: random.Random, share: float) -> Any:
    """A tree with some of its keys dropped or null and some of its lists empty."""
    if isinstance(value, dict):
        kept = {}
        for key, held in value.items():
            fate = chance.random()
            if fate >= share or key in ("kind", "name", "metadata"):
                kept[key] = thinned(held, chance, share)
            elif fate < share / 2:
                kept[key] = None
        return kept
    if isinstance(value, list):
        return [] if chance.random() < share / 2 else [thinned(held, chance, share) for held in value]
    return value


def snapshot(world: ClusterWorld, objects: list[Any]) -> Snapshot:
    read = tuple(decode_object(KINDS[o["kind"]], json.dumps(o).encode()) for o in objects if o["kind"] in KINDS)
    pods = {(p.metadata.namespace, p.metadata.name): p.metadata.uid for p in read if isinstance(p, Pod)}
    logs = {
        LogKey(pods.get((log.namespace, log.pod), ""), log.container, log.previous): Log(tuple(log.lines.splitlines()))
        for log in world.logs
    }
    whole = frozenset((kind, "*") for kind in KINDS)
    return Snapshot(world.name, NOW, NOW, read, complete=whole, logs=logs, version=(1, 34))


def failed(seen: Snapshot) -> list[str]:
    """The detectors that broke, of all that there are."""
    return [u.detector for u in examine(detectors().values(), seen).unclear if "failed inside" in u.says.template]


@pytest.mark.parametrize("cluster", sorted(DEMO))
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**9), share=st.sampled_from((0.02, 0.1, 0.3)))
def test_no_detector_fails_on_objects_with_fields_missing(cluster: str, seed: int, share: float) -> None:
    chance, world = random.Random(seed), DEMO[cluster]
    assert failed(snapshot(world, [thinned(thing, chance, share) for thing in world.objects])) == []


@pytest.mark.parametrize("field", ["spec", "status", "metadata.labels", "metadata.creationTimestamp", "spec.template"])
def test_no_detector_fails_when_one_part_is_missing_everywhere(field: str) -> None:
    for world in DEMO.values():
        objects = json.loads(json.dumps(world.objects))
        for thing in objects:
            *path, last = field.split(".")
            part: Any = thing
            for key in path:
                part = part.get(key) or {}
            part.pop(last, None)
        assert failed(snapshot(world, objects)) == []


def test_a_deployment_without_defaults_means_what_the_api_server_fills_in() -> None:
    bare = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": None}}
    seen = decode_object(Deployment, json.dumps(bare).encode())
    assert seen.spec.replicas is None
    assert seen.spec.template.spec.containers == ()
