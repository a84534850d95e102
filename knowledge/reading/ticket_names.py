"""The names in a ticket: pods, workloads, nodes and namespaces, each taken only where the text tells which it is.

Where a question may guess and ask the cluster, a ticket's reading is shown to its writer: a wrong name costs more than
a missing one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.reading.late import late
from knowledge.reading.mentions import blank, mentions_in
from knowledge.reading.names import has_an_ordinal, looks_like_a_pod
from knowledge.reading.question_words import ENVIRONMENTS, is_stop_word
from knowledge.reading.ticket_paste import Pasted, workloads_of

_NAME = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_Q = r"[\"'`*]{0,3}"
_POD = r"(?<![a-z가-힣])(?:pods?|파드들?|팟|포드)"
_NODE = r"(?<![a-z가-힣-])(?:nodes?|노드들?|worker\s?nodes?|워커\s?노드|워커|머신|호스트|host)"
_OTHER = (
    r"(?<![a-z가-힣-])(?:deployments?|deploy|디플로이먼트|디플로이|statefulsets?|sts|스테이트풀\s?셋|daemonsets?|데몬\s?셋|"
    r"cron\s?jobs?|크론\s?잡|jobs?|잡|배치|services?|"
    r"svc|서비스|app(?:lication)?s?|앱|애플리케이션|workloads?|워크로드|replicasets?|rollouts?|consumer|컨슈머|hpas?)"
)
_IS = rf"(?:\s*(?:affected|이름|명|named?|called|name\s+is|is|are))?\s*(?:은|는|이|가|인)?\s*(?:[:=→]|->)?\s*{_Q}"
_ITEM = rf"(?:[a-z]+/)?{_NAME}"
_LIST = (
    rf"(?P<list>{_ITEM}(?:{_Q}\s*(?:,|、|/|및|와|과|이랑|랑|\band\b|&|·)\s*(?:and\s+)?{_Q}{_ITEM})*)(?![\w.]*[:(]|\.\w)"
)
_AFTER = r"{q}(?:의|라는|이라는|란)?\s?(?:{kind})(?![a-z가-힣]*(?:name|이름))"
_COMPOUND_BEGINS = frozenset(
    [
        "multi",
        "self",
        "cross",
        "non",
        "pre",
        "post",
        "re",
        "semi",
        "auto",
        "anti",
        "co",
        "ex",
        "inter",
        "intra",
        "mid",
        "off",
        "on",
        "out",
        "over",
        "up",
        "well",
        "so",
        "full",
        "half",
        "high",
        "low",
        "long",
        "short",
        "one",
        "two",
        "three",
        "in",
        "re-",
        "end",
        "day",
        "back",
        "best",
        "cold",
        "hot",
        "e",
        "real",
        "run",
        "read",
        "write",
        "left",
        "right",
        "top",
        "x",
        "two-phase",
        "thank",
        "first",
        "last",
        "all",
        "no",
        "de",
        "bare",
        "white",
        "black",
        "open",
        "follow",
    ]
)
_COMPOUND_ENDS = frozenset(
    [
        "up",
        "in",
        "off",
        "out",
        "on",
        "time",
        "times",
        "level",
        "side",
        "based",
        "wide",
        "only",
        "free",
        "like",
        "ready",
        "aware",
        "you",
        "to",
        "day",
        "term",
        "end",
        "hand",
        "metal",
        "arch",
        "by",
        "down",
        "over",
        "step",
        "way",
        "fold",
        "through",
        "signed",
        "proof",
        "safe",
        "specific",
        "related",
        "friendly",
        "call",
        "house",
        "wise",
        "time-out",
        "old",
        "new",
        "long",
        "minute",
        "hour",
        "second",
    ]
)
_TOOLS = frozenset(
    [
        "kubeconfig",
        "kubectl",
        "helm",
        "terraform",
        "ansible",
        "grafana",
        "kibana",
        "dashboard",
        "console",
        "jenkins",
        "argocd",
        "argo",
        "curl",
        "psql",
        "redis-cli",
        "slack",
        "jira",
        "github",
        "gitlab",
        "istioctl",
        "k9s",
        "lens",
        "telnet",
        "ping",
        "dig",
        "nslookup",
        "nc",
        "wget",
        "ssh",
        "vpn",
        "proxy",
        "dns",
        "lb",
        "swagger",
        "postman",
        "chrome",
        "laptop",
        "localhost",
        "kubelet",
        "containerd",
        "docker",
        "cilium",
        "hubble",
    ]
)
_PEER = late(
    r"(?:image|이미지|tag|태그|branch|브랜치|version|버전|secret|시크릿|configmap|컨피그맵|pvc|volume|볼륨|storageclass|registry|"
    r"host|domain|도메인|label|annotation)\s*(?:is|은|는|이|가)?\s*[:=]?\s*[\"'`]?\Z",
    re.I,
)
_OBJECT_AFTER = late(
    r"[\"'`]?\s?(?:pvc|secret|시크릿|configmap|컨피그맵|volume|볼륨|이미지|image|브랜치|branch|storage\s?class|스토리지\s?클래스|정책|"
    r"policy)(?![a-z])",
    re.IGNORECASE,
)
_NODE_FIELD = late(
    rf"(?:\"(?:host|node|nodeName|hostname)\"\s*:\s*\"|\b(?:node|nodeName|node_name|host|kubernetes_node)=\"?|"
    rf"/nodes/|\bkubelet,\s+|[?&](?:var-)?node=)(?P<name>{_NAME})(?![\w.:])"
)
_NODE_LOOKS = late(
    r"(?:.*-)?(?:node|worker|wk|nodepool|np|minion)s?-?(?:[a-z]{1,2}-?)?(?:0\d+|\d{3,})\Z|(?:.*-)?node-?\d+\Z"
)
_FIELD_POD = late(
    rf"(?:\"(?:pod|podName|pod_name)\"\s*:\s*\"|\b(?:pod|pod_name|kubernetes_pod_name)=\"?|/pods/|\bpods? \"|"
    rf"[?&](?:var-)?pod=)(?P<name>{_NAME})(?![\w.])"
)
_FIELD_WORKLOAD = late(
    rf"(?:\"(?:deployment|workload|app|statefulset|daemonset|cronjob)\"\s*:\s*\"|\b(?:deployment|statefulset|"
    rf"daemonset|cronjob|workload)=\"?|/(?:deployments|statefulsets|daemonsets|workloads|cronjobs)/|"
    rf"(?:deployment|statefulset|daemonset|cronjob|job)(?:\.apps|\.batch)?(?:/|\s+\")|[?&](?:var-)?(?:workload|"
    rf"deployment|app)=)(?P<name>{_NAME})(?![\w.])",
)
_FIELD_SPACE = late(
    rf"(?:\"(?:namespace|ns|kubernetes_namespace|namespace_name)\"\s*:\s*\"|\b(?:namespace|ns|kubernetes_namespace|"
    rf"pod_namespace)[=:]\s?\"?|/namespaces/|[?&](?:var-)?(?:namespace|ns)=|\bin namespace \"|(?<![\w-])ns |"
    rf"\b(?:in|of|from|for|the) namespace )(?P<name>{_NAME})(?![\w.])"
)
_RELEASE = late(
    rf"\bhelm\s+(?:upgrade|install|rollback|uninstall|status|"
    rf"history)\s+(?:-{{1,2}}[a-z-]+\s+)*(?P<name>{_NAME})(?![\w./=])"
)
_MESSAGE = late(r"`[^`\n]* [^`\n]*`|\"[^\"\n]* [^\"\n]*\"")
"""Quoted words: a message, where a quoted name is one word."""

_NO_SPACE = frozenset(
    ("is", "and", "in", "for", "on", "of", "the", "are", "was", "has", "that", "with", "to", "quota", "name")
)
_SPACE_APART = late(
    rf"(?:네임스페이스|namespace|\bns\b)[^\n]{{0,60}}?(?:이름은|name\s+is|called|named)\s*{_Q}(?P<name>{_NAME})(?![\w.])",
    re.IGNORECASE | re.DOTALL,
)
_WORD = late(rf"(?<![\w./@%+=&#\\:-])(?P<name>{_NAME})(?![\w/(\\=@:-]|\.[A-Za-z0-9])", re.IGNORECASE)
_VERBS = late(
    r"[\"'`]?\s+(?:keeps?|crash(?:es|ed|ing)|restart(?:s|ed|ing)|died|dies|got\s+(?:oom|kill|evict)|is\s+(?:crash|"
    r"oom|down|pending|stuck|slow|in\s+crash|not\s+(?:ready|start))|"
    r"(?:can(?:'t|not)|couldn't)\s+(?:connect|reach|start|resolve)|(?:fails|failed)\s+to|returns|oomkilled)",
    re.IGNORECASE,
)
_KO_VERBS = late(
    r"[\"'`]?\s?(?:이|가|은|는|도|만)\s+(?:계속|자꾸|또|갑자기|왜|안\s|죽|재시작|느|못|crash|oom|pending|정상)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Names:
    """Names in order of mention."""

    namespaces: tuple[str, ...]
    workloads: tuple[str, ...]
    pods: tuple[str, ...]
    nodes: tuple[str, ...]


def names_in(
    text: str,
    pasted: Pasted,
    clusters: Sequence[tuple[int, int]],
    when: Sequence[tuple[int, int]],
    places: Sequence[str] = (),
) -> Names:
    """The names in a tidy text. ``clusters`` and ``when``: the spans of clusters and times, which name nothing else;
    ``places``: clusters that may be meant, whose beginnings are no workloads."""
    seen = blank(text, pasted.healthy).replace("\x00", " ")
    whole = mentions_in(seen, clusters, when)
    left = blank(seen, clusters).replace("\x00", " ")
    own = _MESSAGE.sub(" ", blank(left, pasted.spans).replace("\x00", " "))
    nodes = _unique(
        (*_listed(_NODE, own, _is_node), *(m["name"] for m in _NODE_FIELD.finditer(seen)), *pasted.nodes,
         *(name for name in whole.nodes if _is_node(name)), *_looking_like_nodes(own))
    )  # fmt: skip
    spaces = _unique(
        (
            *(name for name in whole.namespaces if _told_a_space(name, seen)),
            *(m["name"] for m in _FIELD_SPACE.finditer(seen) if m["name"] not in _NO_SPACE),
            *pasted.namespaces,
        )
    ) or _unique(m["name"] for m in _SPACE_APART.finditer(own) if not is_stop_word(m["name"]))
    pods = _unique(
        name
        for name in (
            *(pod.name for pod in whole.pods), *pasted.pods, *_listed(_POD, own, _is_pod), *_quoted_pods(own),
            *(m["name"] for m in _FIELD_POD.finditer(seen) if _is_pod(m["name"])), *_anywhere(left),
        )
        if name not in nodes
    )  # fmt: skip
    jobs = set(_listed(r"(?<!cron)(?<!cron\s)(?<!크론)(?<!크론\s)(?:jobs?|잡)", own, _workload))
    pods = tuple(name for name in pods if name not in jobs)
    taken = {*nodes, *spaces, *pods}
    told = (
        *pasted.workloads, *workloads_of(pods),
        *(m["name"] for m in _FIELD_WORKLOAD.finditer(left) if _workload(m["name"])),
        *_listed(_POD, own, _workload), *_listed(_OTHER, own, _workload),
        *(name for name in _on_their_own(own) if not _names_a_place(name, places)), *_of_commands(left),
    )  # fmt: skip
    workloads = _unique(name for name in told if name not in taken and not looks_like_a_pod(name))
    return Names(spaces, workloads, pods, nodes)


def _names_a_place(name: str, places: Sequence[str]) -> bool:
    return any(place == name or place.startswith(f"{name}-") for place in places)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _told_a_space(name: str, text: str) -> bool:
    """Whether the text says that it is a namespace, not only that something is in it."""
    name = re.escape(name)
    marker = r"(?:(?<![a-z-])(?:ns|namespaces?)(?![a-z])|네임스페이스|\s-n|--namespace)"
    alone = rf"(?<![\w-]){name}(?![\w-])"
    told = rf"{marker}[^\n]{{0,40}}{alone}|{alone}[^\n]{{0,12}}?{marker}|(?<![\w-]){name}/|_{name}\(|-system"
    return bool(re.search(told, text, re.IGNORECASE))


def _listed(kind: str, text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Names that stand behind a word for their kind, alone or listed, or before it."""
    for match in re.finditer(rf"{kind}(?![a-z]){_IS}(?<![A-Za-z0-9]){_LIST}", text, re.IGNORECASE):
        for name in re.findall(_ITEM, match["list"], re.IGNORECASE):
            if fits(name):
                yield name
    for match in re.finditer(rf"(?<![\w./@:-])(?P<name>{_NAME}){_AFTER.format(q=_Q, kind=kind)}", text, re.IGNORECASE):
        if fits(match["name"]):
            yield match["name"]


def _is_node(name: str) -> bool:
    return (
        not is_stop_word(name)
        and "-" in name
        and bool(re.search(r"\d", name))
        and name == name.lower()
        and not looks_like_a_pod(name)
    )


def _is_pod(name: str) -> bool:
    return looks_like_a_pod(name) or (has_an_ordinal(name) and not name[0].isdigit())


def _workload(name: str) -> bool:
    """Whether a name beside a word for its kind can be one: not a word of the language, not a number."""
    if is_stop_word(name) or name in ENVIRONMENTS or len(name) < 2 or not name[0].isalpha() or name != name.lower():
        return False
    return not _compound(name)


def _compound(name: str) -> bool:
    """Whether parts joined by a hyphen are words of the language: multi-arch, follow-up, cross-zone."""
    parts = name.split("-")
    if len(parts) == 1:
        return False
    return all(map(is_stop_word, parts)) or parts[0] in _COMPOUND_BEGINS or parts[-1] in _COMPOUND_ENDS


def _looking_like_nodes(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        if _NODE_LOOKS.fullmatch(match["name"]) and not re.match(rf"{_Q}\s?{_POD}", text[match.end() :], re.IGNORECASE):
            yield match["name"]


def _quoted_pods(text: str) -> Iterator[str]:
    """A quoted name behind the word pod is a pod's own, also where its hash is not whole."""
    for match in re.finditer(
        rf"{_POD}{_IS.removesuffix(_Q)}[\"'`](?P<name>{_NAME}-[a-z0-9]{{4,5}})[\"'`]", text, re.IGNORECASE
    ):
        yield match["name"]


def _anywhere(text: str) -> Iterator[str]:
    for match in re.finditer(rf"(?<![\w.@%-])(?:pods?/)?(?P<name>{_NAME})(?![\w.-])", text):
        if looks_like_a_pod(match["name"]) and re.search(
            r"-[a-z0-9]{8,10}-[a-z0-9]{5}\Z|-\d{8}-[a-z0-9]{5}\Z", match["name"]
        ):
            yield match["name"]


def _on_their_own(text: str) -> Iterator[str]:
    """Names that no word explains: written with hyphens, or one of which something is told that programs do."""
    for match in _WORD.finditer(text):
        name, before, after = match["name"], text[max(0, match.start() - 30) : match.start()], text[match.end() :][:40]
        if not _workload(name) or _PEER.search(before) or _OBJECT_AFTER.match(after):
            continue
        if (
            "-" in name
            and len(name) > 4
            and not re.fullmatch(r"[\d-]+|[a-z]{1,2}-\d+", name)
            and not name.endswith("-system")
        ) or (len(name) > 2 and name not in _TOOLS and (_VERBS.match(after) or _KO_VERBS.match(after))):
            yield name


def _of_commands(text: str) -> Iterator[str]:
    """What kubectl was asked about."""
    form = (
        r"\bkubectl\b[^\n|]*?\b(?:logs|exec|describe|get|delete|rollout\s+\w+|top|scale|edit|"
        r"set\s+\w+)\s+(?:-\S+\s+)*"
        rf"(?:deploy(?:ments?)?|sts|statefulsets?|ds|daemonsets?|cronjobs?|cj|jobs?|svc|services?|endpoints|ep|hpa|"
        rf"ing(?:ress)?)[\s/]+(?P<name>{_NAME})(?![\w./=])"
    )
    for match in (*re.finditer(form, text, re.IGNORECASE), *_RELEASE.finditer(text)):
        if _workload(match["name"]):
            yield match["name"]
