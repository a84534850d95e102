"""Questions that lean on the one before in their thread; and what only something can be asked: its log, its node."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from commands.dialogue import Answer, Bullets, Code, Context, Part, Request, Text, Tone
from commands.telling import Look, as_data
from knowledge.finding import Ref
from knowledge.objects import Pod
from knowledge.reading.question import Question, Scope, Topic
from knowledge.relations import subject_pods
from knowledge.said import Said
from knowledge.secrets.redaction import redact
from knowledge.snapshot import Log, LogKey

_WHICH_NODE = re.compile(
    r"(?:\b(?:which|what)\s+nodes?\b(?!.*\b(?:not\s?ready|down|bad|sick|unhealthy|wrong|full|pressure)\b)|"
    r"(?:어느|어떤|무슨)\s?노드(?!.*(?:이상|문제|죽|장애|not\s?ready))|\bwhere\s+(?:is|are|does|do)\b.*\brun(?:s|ning)?\b)",
    re.IGNORECASE,
)
_LINES = 200


def lean(request: Request, question: Question) -> tuple[Request, Question]:
    """The question with what its thread last talked about, when it names nothing itself and points back."""
    before = request.context
    named = question.names or question.pods or question.hosts or question.scope is Scope.FLEET
    if not before or named or not (question.follow_up or _asks_node(request)):
        return request, question
    moved = question.clusters or question.cluster_candidates or question.unknown_clusters or request.cluster
    cluster = "" if moved else before.get("cluster", "")
    namespace = "" if question.namespaces else before.get("namespace", "")
    asked = replace(request, cluster=request.cluster or cluster, namespace=request.namespace or namespace)
    name = before.get("name", "")
    if not name:
        return asked, question
    return asked, replace(question, names=(name,), kinds=(), scope=Scope.WORKLOAD)


def about(look: Look) -> Mapping[str, str]:
    """What a thread talks about after this look."""
    subject = look.subject
    if subject is None:
        return {"cluster": look.cluster}
    return {
        "cluster": look.cluster,
        "namespace": subject.namespace,
        "kind": subject.kind,
        "name": subject.name,
    }


def special(request: Request, question: Question, look: Look) -> Answer | None:
    """The answer to "show me the log" and "which node?", where there is one; else the diagnosis answers."""
    if look.subject is None:
        return None
    pods = subject_pods(look.seen, look.subject)
    if question.topic is Topic.LOG:
        return _log(look, pods)
    if _asks_node(request):
        return _node(look, pods)
    return None


def _asks_node(request: Request) -> bool:
    return bool(_WHICH_NODE.search(request.args.get("question", "")))


def _log(look: Look, pods: tuple[Pod, ...]) -> Answer | None:
    """The end of the log of the container that is worst off, of its last run where that ended."""
    held = [found for pod in pods for found in _logs(look, pod)]
    if not held:
        return None
    _, pod, key, log = min(held, key=lambda found: found[0])
    lines = log.lines[-_LINES:]
    place = {"container": key.container, "pod": str(Ref.to(pod))}
    headline = Said("The end of the log of {container} in {pod}:", **place)
    if key.previous:
        headline = Said("The end of the log of {container} in {pod}, from its run before:", **place)
    parts: list[Part] = [Text(look.headline.finding.says)] if look.headline else []
    parts.append(Code(redact("\n".join(lines)), f"{pod.metadata.name}-{key.container}.log"))
    parts.append(Context((look.cluster, Said("{n:|line|lines}", n=len(lines)))))
    return Answer(headline, Tone.INFO, tuple(parts), data=as_data(look))


def _logs(look: Look, pod: Pod) -> Iterator[tuple[tuple[bool, int, bool], Pod, LogKey, Log]]:
    """The logs of a pod that were read and say something, each with how soon it is shown."""
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        for previous in (True, False):
            key = LogKey(pod.metadata.uid, status.name, previous)
            log = look.seen.logs.get(key)
            if log and log.lines:
                yield (status.ready, -status.restart_count, not previous), pod, key, log


def _node(look: Look, pods: tuple[Pod, ...]) -> Answer | None:
    nodes: dict[str, list[str]] = {}
    for pod in pods:
        nodes.setdefault(pod.spec.node_name, []).append(pod.metadata.name)
    if not nodes:
        return None
    subject = str(look.subject)
    lines = [
        Said("{node}: {pods}", node=node, pods=", ".join(sorted(names)))
        if node
        else Said("on no node yet: {pods}", pods=", ".join(sorted(names)))
        for node, names in sorted(nodes.items())
    ]
    placed = sorted(node for node in nodes if node)
    if not placed:
        headline = Said("{subject} runs on no node yet.", subject=subject)
    elif len(placed) == 1:
        headline = Said("{subject} runs on {node}.", subject=subject, node=placed[0])
    else:
        headline = Said("{subject} runs on {n} nodes: {nodes}", subject=subject, n=len(placed), nodes=", ".join(placed))
    parts: list[Part] = [Bullets(tuple(lines)), Context((look.cluster,))]
    if look.headline:
        parts.insert(1, Text(look.headline.finding.says))
    return Answer(headline, Tone.INFO, tuple(parts), data=as_data(look))
