"""Pieces of worlds as YAML text, for tests that need several nodes or pods which differ in one line."""

import textwrap
from datetime import UTC

from bot.words import Words
from knowledge.diagnosis import Diagnosis
from knowledge.finding import Finding
from tests.seen import NOW, judge

KO, EN = Words("ko", UTC, NOW), Words("en", UTC, NOW)


def only(world: str, detector: str) -> Finding:
    """The one finding of a detector in a world, whose words exist in both languages."""
    (cause,) = judged(world, detector)
    assert KO.say(cause.says) != EN.say(cause.says)
    for said in (cause.why, *(r.says for r in cause.remedies)):
        assert said is None or KO.say(said)
    return cause


def judged(world: str, detector: str) -> list[Finding]:
    """All findings of a detector, hygiene among them."""
    told: Diagnosis = judge(world, detector)
    return [f for cause in (*told.causes, *told.asides) for f in (cause.finding, *cause.explains)]


def words(finding: Finding) -> str:
    return EN.say(finding.says)


def unclear(world: str, detector: str) -> bool:
    """Whether the diagnosis says that this could not be told."""
    return [u.detector for u in judge(world, detector).unclear] == [detector]


def denied(resource: str) -> str:
    return f"---\napiVersion: rehearsal\nkind: Denied\nresource: {resource}\n"


def node(name: str, spec: str = "", labels: str = "{}", cpu: str = "8", ready: str = "True", more: str = "") -> str:
    return f"""---
apiVersion: v1
kind: Node
metadata: {{name: {name}, labels: {labels}}}
spec: {{{spec}}}
status:
  allocatable: {{cpu: "{cpu}", memory: 32Gi, pods: "110"}}
  conditions:
  - {{type: Ready, status: "{ready}", reason: KubeletReady, lastTransitionTime: 9d ago}}
{textwrap.indent(more, "  ")}
"""


def deployment(name: str, more: str = "", replicas: int = 1, status: str = "{}", spec: str = "") -> str:
    return f"""---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop{more}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: app}}]}}}}
{textwrap.indent(spec, "  ")}
status: {status}
"""


def pod(
    name: str,
    spec: str = "",
    status: str = "phase: Running",
    on: str = "",
    owner: str = "kind: ReplicaSet, name: {app}-5d9c",
    meta: str = "",
    cpu: str = "100m",
) -> str:
    """A pod of the workload before the last dash, owned through ReplicaSet ``NAME-5d9c`` unless said otherwise."""
    app = name.rpartition("-")[0] or name
    owners = f"[{{{owner.format(app=app)}}}]" if owner else "[]"
    return f"""---
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: shop
  labels: {{app: {app}, pod-template-hash: 5d9c}}
  ownerReferences: {owners}
{textwrap.indent(meta, "  ")}
spec:
  nodeName: "{on}"
  containers: [{{name: app, resources: {{requests: {{cpu: {cpu}}}}}}}]
{textwrap.indent(spec, "  ")}
status:
{textwrap.indent(status, "  ")}
"""


def pending(name: str, message: str, spec: str = "", cpu: str = "100m", since: str = "10m ago") -> str:
    told = message.replace("'", "''")
    return pod(
        name,
        spec,
        f"""phase: Pending
conditions:
- type: PodScheduled
  status: "False"
  reason: Unschedulable
  message: '{told}'
  lastTransitionTime: {since}""",
        cpu=cpu,
    )


def event(about: str, reason: str, message: str, when: str = "2m ago", namespace: str = "shop", count: int = 1) -> str:
    kind, _, name = about.partition("/")
    told = message.replace("'", "''")
    return f"""---
apiVersion: v1
kind: Event
metadata: {{namespace: {namespace}}}
involvedObject: {{kind: {kind}, name: {name}, namespace: "{"" if kind == "Node" else namespace}"}}
type: Warning
reason: {reason}
message: '{told}'
count: {count}
firstTimestamp: {when}
lastTimestamp: {when}
"""
