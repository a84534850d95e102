"""Pieces of worlds that several specs share: a Deployment with its ReplicaSet and one pod, as YAML text."""


def deployment(
    name: str = "checkout",
    namespace: str = "shop",
    *,
    container: str = "",
    status: str = "",
    phase: str = "Running",
    ready: bool = False,
    replicas: int = 1,
    node: str = "node-1",
    revision_age: str = "9d ago",
) -> str:
    """``container``: more fields of its container; ``status``: the fields of its containerStatus. In flow style."""
    hashed = "7d9f8b6c54"
    containers = f'containers: [{{name: app, image: "registry.example.com/{name}:1.4.2"{_more(container)}}}]'
    template = f"{{metadata: {{labels: {{app: {name}}}}}, spec: {{{containers}}}}}"
    available = replicas if ready else 0
    state = status or "ready: true, restartCount: 0, state: {running: {startedAt: 9d ago}}"
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
  creationTimestamp: 30d ago
  annotations: {{deployment.kubernetes.io/revision: "3"}}
spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: {name}}}}}, template: {template}}}
status:
  {{replicas: {replicas}, updatedReplicas: {replicas}, readyReplicas: {available}, availableReplicas: {available}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: {name}-{hashed}
  namespace: {namespace}
  creationTimestamp: {revision_age}
  labels: {{app: {name}, pod-template-hash: {hashed}}}
  annotations: {{deployment.kubernetes.io/revision: "3"}}
  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: {name}}}]
spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: {name}}}}}, template: {template}}}
status: {{replicas: {replicas}, readyReplicas: {available}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: {name}-{hashed}-x2x7k
  namespace: {namespace}
  creationTimestamp: {revision_age}
  labels: {{app: {name}, pod-template-hash: {hashed}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: {name}-{hashed}}}]
spec: {{nodeName: {node}, {containers}}}
status:
  phase: {phase}
  startTime: {revision_age}
  conditions: [{{type: Ready, status: "{"True" if ready else "False"}", lastTransitionTime: 5m ago}}]
  containerStatuses: [{{name: app, {state}}}]
---
apiVersion: v1
kind: Namespace
metadata: {{name: {namespace}}}
status: {{phase: Active}}
---
apiVersion: v1
kind: Node
metadata: {{name: {node}}}
status: {{conditions: [{{type: Ready, status: "True"}}], allocatable: {{cpu: "4", memory: 16Gi, pods: "110"}}}}
---
"""


def _more(container: str) -> str:
    return f", {container}" if container else ""


OOM = (
    "ready: false, restartCount: 7, state: {waiting: {reason: CrashLoopBackOff}}, "
    "lastState: {terminated: {reason: OOMKilled, exitCode: 137, startedAt: 6m ago, finishedAt: 5m ago}}"
)
LIMITED = "resources: {limits: {memory: 128Mi}}"


def noise(namespace: str = "shop", deployments: int = 30, node: str = "node-1") -> str:
    quiet = f"{{apiVersion: rehearsal, kind: Noise, namespace: {namespace}, deployments: {deployments}, node: {node}}}"
    return f"---\n{quiet}\n---\n"
