"""The words of questions about Kubernetes, in Korean and English: kinds, topics, and the words that are no names."""

import re
from collections.abc import Mapping
from functools import lru_cache

KINDS: Mapping[str, str] = {
    "Pod": r"pods?|po|파드|팟|포드",
    "Deployment": r"deployments?|deploy(?=/)|디플로이먼트|디플로이(?!먼트)",
    "StatefulSet": r"statefulsets?|sts|스테이트풀\s?셋",
    "DaemonSet": r"daemonsets?|ds(?=/)|데몬\s?셋",
    "ReplicaSet": r"replicasets?|rs(?=/)|레플리카\s?셋",
    "CronJob": r"cron\s?jobs?|cj|크론\s?잡",
    "Job": r"jobs?|(?<!크론)(?<!크론 )잡(?=[\s은이을도만/]|$)",
    "Service": r"services?|svc|서비스(?!\s?(?:어카운트|메시|메쉬))",
    "Ingress": r"ingress(?:es)?|ing(?=/)|[잉인]그레스",
    "PersistentVolumeClaim": r"pvcs?|persistentvolumeclaims?|volumes?|볼륨|피브이씨",
    "PersistentVolume": r"pvs?|persistentvolumes?",
    "Node": r"nodes?|no(?=/)|노드",
    "Namespace": r"namespaces?|ns|네임스페이스",
    "HorizontalPodAutoscaler": r"hpas?|horizontalpodautoscalers?|autoscalers?|오토\s?스케일러",
    "ConfigMap": r"configmaps?|cm(?=/)|컨피그\s?맵",
    "Secret": r"secrets?|시크릿",
    "NetworkPolicy": r"networkpolic(?:y|ies)|network\s+polic(?:y|ies)|netpol|네트워크\s?(?:정책|폴리시)",
    "PodDisruptionBudget": r"pdbs?|poddisruptionbudgets?",
    "ResourceQuota": r"resourcequotas?|quotas?|쿼터",
    "ServiceAccount": r"serviceaccounts?|sa(?=/)|서비스\s?어카운트",
}

EVERY_KIND = "|".join((*KINDS.values(), "application", "apps?", "애플리케이션", "앱"))
"""Any word for a kind of object, as part of a larger form."""

TOPICS: tuple[tuple[str, str], ...] = (
    (
        "LOG",
        r"\b(?:show|give|get|see|paste|print|tail|fetch|need|want)\b.{0,25}\blogs?\b|kubectl\b[^\n|]*?\slogs?\b|"
        r"\blogs?\s+(?:of|for|from)\b|로그\s*(?:를|은|도|만|좀)?\s*(?:좀\s*)?(?:보여|보고|줘|주세|주실|볼\s|봐|"
        r"확인|알려|가져)|\blogs?\s*(?:please|\?)|^\s*(?:the\s+)?logs?\s*$|^\s*로그\s*$",
    ),
    (
        "CERTIFICATE",
        r"\bcert(?:s|ificates?)?\b(?!-)|x509|\btls\s+(?:handshake|secret|error)|\bssl\b|인증서",
    ),
    (
        "STORAGE",
        r"\bpvcs?\b|\bpvs?\b|\bvolumes?\b|\bmount(?:s|ed|ing)?\b|failedmount|multi-attach|disk\s+(?:is\s+)?full|"
        r"no\s+space\s+left|\bstorage\b|볼륨|마운트|스토리지|디스크\s?(?:가|는|이)?\s?(?:꽉|가득|부족|풀|용량)|"
        r"피브이씨",
    ),
    (
        "SCALING",
        r"\bhpas?\b|autoscal|\bscal(?:e|es|ed|ing)\b|\bmore\s+replicas\b|\breplicas?\b|오토\s?스케일|스케일|"
        r"레플리카(?!\s?셋)|복제본",
    ),
    (
        "NODE",
        r"\bnodes?\b.{0,40}(?:not\s?ready|down|reboot|drain|cordon|unreachable|pressure|schedulingdisabled|gone|"
        r"dead|wrong|ok\b|sick|unhealthy|fail|restart|offline|replaced)|not\s?ready\s+nodes?|\b(?:un)?cordon|"
        r"\bdrain(?:ed|ing)?\b|(?:diskpressure|memorypressure|pidpressure)|(?:what|why|which|is|are|"
        r"unhealthy)\b.{0,25}\bnodes?\b|노드.{0,25}(?:not\s?ready|죽|재부팅|리부팅|다운|내려|이상|문제|상태|괜찮|"
        r"안\s?올라|드레인|압박|교체|왜)|(?:어느|어떤|몇)\s?노드",
    ),
    (
        "ROLLOUT",
        r"\b(?:rollouts?|deploy(?:ment)?)\b.{0,30}\b(?:stuck|hangs?|finish|complete)|롤아웃.{0,20}(?:안|못|멈|"
        r"실패)",
    ),
    (
        "NOT_STARTING",
        r"\bpending\b|imagepull|errimagepull|containercreating|createcontainer(?:config)?error|invalidimagename|"
        r"failedscheduling|nodes\s+are\s+available|podinitializing|unschedulable|(?:n[o']t|not|never|"
        r"refuses?\s+to|fails?\s+to|failed\s+to|unable\s+to|can\s?not)\s+(?:being\s+|be\s+|get\s+)?(?:start|"
        r"schedul|come\s+up|coming\s+up|pull|boot|initiali|run\b|creat)|\bstuck\b(?!.{0,20}(?:terminat|rollout|"
        r"deploy))|(?:안|못)\s?(?:떠|뜨|뜹|뜬|올라오|올라와|켜|생성|띄)|기동(?:이|을)?\s?(?:안|못|실패)|시작(?:이|"
        r"을|도|되지)?\s?(?:안|못|않|실패)|(?:뜨|올라오|시작하|시작되|생성되|스케줄되|스케줄링되)지\s?(?:않|못)|"
        r"펜딩|(?:안|못)\s?돌|스케줄링?(?:이)?\s?(?:안|못|실패)|이미지(?:를|가)?\s?(?:(?:못|안)\s?(?:받|가져|"
        r"당겨)|찾을\s?수)|대기\s?중",
    ),
    (
        "MISSING",
        r"disappear|vanish|\bevict|\bgone\b|\bmissing\b|\bdeleted?\b|preempt|\bremoved?\b|what\s+happened\s+to|"
        r"where\s+(?:is|did|are|has)\b|(?<!oom)(?<!oom )(?<!oom-)\bkilled\b(?!.{0,10}(?:again|over))|\breplaced\b|"
        r"\bterminat(?:ed|ing)\b|no\s+longer\s+(?:there|exists)|사라[졌지진집]|터미네이팅|없어[졌지진집]|축출|"
        r"퇴출|쫓겨|삭제|어디\s?(?:갔|로)|지워|교체[된됐되]|안\s?보[이여]|evicted",
    ),
    (
        "RESTART",
        r"\brestart|\breboot|crash|\boom(?:ed|ing|s)?\b|oomkilled|\boom-?kill|out\s+of\s+memory|exit\s*(?:code|"
        r"ed)|back-?off|\bdie[sd]?\b|\bdying\b|\bdead\b|keeps?\s+(?:getting\s+)?(?:kill|fall|die|dying|stop|"
        r"going\s+down)|\bkilled\b|liveness|segfault|\bretri|sigkill|went\s+down|재시작|재기동|리스타트|"
        r"죽[었어는습음고네을던나인]|죽은|크래시|크래쉬|종료|튕[겨겼기긴김]|내려[갔가간]|재부팅|다시\s?시작|"
        r"뻗[었어는음]",
    ),
    (
        "UNREACHABLE",
        r"unreachable|\b(?:nobody|no\s?one|none)\b.{0,20}\b(?:reach|connect|access|gets?\s+(?:through|in))|"
        r"(?:n[o']t|cannot|unable\s+to|fails?\s+to)\s+(?:be\s+)?(?:reach|connect|access|resolv|talk|"
        r"call|open|find)|\bcan\s?not\s+(?:reach|connect|access|resolve)|connection\s+(?:refused|reset|timed)|refused|"
        r"no\s+route|time[sd]?\s?-?out|\bdns\b|\b50[234]s?\b|bad\s+gateway|service\s+unavailable|"
        r"no\s+(?:ready\s+)?endpoints|unavailable|not\s+(?:reachable|accessible)|no\s+such\s+host|packets?\s+drop|"
        r"\bdropp(?:ed|ing)|\bdown\b|not\s+respond|404s?\b|block(?:s|ed|ing)?\b|talk(?:ing)?\s+to|(?:연결|접속|"
        r"접근|통신|호출)\s?(?:이|을|도|가|할)?\s?(?:계속\s?|자꾸\s?)?(?:안|못|불가|실패|끊|수\s?없|거부|되지)|"
        r"못\s?(?:붙|찾)|안\s?붙|끊[겨겼기긴김어]|타임\s?아웃|(?:접속|연결|접근)되지\s?않|응답(?:이|을)?\s?(?:없|안|못|"
        r"하지\s?않)|안\s?열[려리]|차단|막[혀혔히힌]|다운[됐되된]?",
    ),
    (
        "SLOW",
        r"\bslow|latenc|throttl|\bdegrad|\bqualit|unstable|flak[ye]|intermittent|\blag(?:s|ging|gy)?\b|"
        r"\bp9[0-9]\b|performance|takes?\s+(?:so\s+|too\s+)?(?:long|forever)|sluggish|high\s+cpu|cpu\s+usage|"
        r"느[려리린립]|지연|레이턴시|스로틀|쓰로틀|"
        r"오래\s?걸|버벅|성능|품질|저하|불안정|간헐",
    ),
    (
        "ERRORS",
        r"\berror|\bexceptions?\b|\b5xx|\b500s?\b|\bfail|\bpanic|\b4\d\ds?\b|stack\s?trace|\bbroke|(?:n't|"
        r"\bnot)\s+(?:work|load|run\b|join)|(?:동작|작동|실행)(?:을|이|도)?\s?(?:안|못|하지)|에러|오류|예외|실패|"
        r"5\d\d",
    ),
    (
        "ROLLOUT",
        r"\broll(?:ing)?[\s-]?(?:out|back|update)|rolled|progress\s?deadline|\bold\s+(?:version|image|pods?|code)|"
        r"new\s+(?:version|image|pods?|code|release)|\bdeploy(?:s|ed|ing|ment\s+(?:stuck|is\s+stuck|not|"
        r"hangs?))?\b|\brelease[sd]?\b|\brevision|what\s+changed|who\s+(?:changed|deployed)|롤아웃|롤백|배포|"
        r"(?:이|예)전\s?버전|반영|옛날?\s?버전|구\s?버전|새\s?버전|바뀌|바뀐|변경",
    ),
    (
        "RESTART",
        r"\bmemory\b|\bleak|메모리",
    ),
    (
        "HEALTH",
        r"health|\bok(?:ay)?\b|\bfine\b|\bwrong\b|\bproblems?\b|\bissues?\b|\bstatus\b|\bbroken\b|\bweird\b|"
        r"\btrouble|(?:any|some)thing\b|check\b|look\s+at|\bdoing\b|\balive\b|\bup\b|괜찮|문제|이상|상태|정상|"
        r"점검|살펴|헬스|어때|어떤가|멀쩡|잘\s?(?:돌|떠|있|동작)|봐\s?줘|봐\s?주|확인",
    ),
)
"""Tried in this order."""

ABOUT_CHANGE = re.compile(
    r"\b(?:since|after|following|because\s+of|due\s+to)\s+(?:the\s+|our\s+|my\s+|a\s+|this\s+|today's\s+|"
    r"yesterday's\s+|last\s+|we\s+|i\s+|it\s+was\s+|new\s+|latest\s+|[a-z0-9.-]+\s+){0,3}?(?:deploy|release|roll|"
    r"upgrad|updat|chang|version|merg|migrat|push|config|v\d|patch|scal|bump|revision)|\b(?:we|i|"
    r"they)\s+(?:just\s+)?(?:deployed|released|upgraded|rolled\s+out|changed|updated)|\bwhat\s+changed\b|"
    r"\bjust\s+deployed\b|바꿨|고쳤|(?:배포|롤아웃|업데이트|업그레이드|변경|릴리[즈스]|교체|수정|추가|적용|패치|"
    r"버전|올린|바꾼|바꾸|올리|이미지)\s?(?:를|을|가|이)?\s?(?:한|된|하고|하고\s?나서|했더니|했는데|고|했고|후|"
    r"하자마자|나서|하니까|하니|이후|뒤|다음|직후|때문)",
    re.IGNORECASE | re.ASCII,
)
CHANGE_CLAUSE = re.compile(
    r"\b(?:since|after|following)\s+[^,.?!\n]{0,25}?(?:deploy(?:ment|ed)?|release[sd]?|rollout|upgrade[sd]?|"
    r"update[sd]?|change[sd]?)\b(?:\s+(?:of|on|this|yesterday|last|today)\b)?|(?:배포|롤아웃|업데이트|업그레이드|"
    r"변경|릴리[즈스]|교체)\s?(?:를|을)?\s?(?:한|하고|했더니|이후|후|뒤|직후)",
    re.IGNORECASE | re.ASCII,
)
FLEET = re.compile(
    r"\b(?:all|every|any|other|which|across|how\s+many)\s+(?:of\s+)?(?:the\s+|our\s+|my\s+|other\s+)?clusters?\b|"
    r"\bwho\s+else\b|(?<![\w-])fleet(?![\w-])|\beverywhere\b|\banybody\s+else\b|\bother\s+teams?\b|(?:모든|전체|전|다른|어느|"
    r"어떤|몇\s?개)\s?클러스터(?!\s?(?:상태|에\s?문제))|클러스터\s?(?:전부|모두|들)|플릿|다른\s?팀",
    re.IGNORECASE | re.ASCII,
)
FOLLOWS = re.compile(
    r"^\s*(?:and|then|so|also|ok(?:ay)?|but|what\s+about|how\s+about|same\s+for|now)\b|^\s*(?:그럼|그러면|그리고|"
    r"그런데|근데|그건|그거|이건|이거|거기|그\s|그때|걔|해당|방금\s?그|그래서|아니\s|또\s)|\b(?:that|this|"
    r"the\s+same|those|these)\s+(?:pod|one|node|service|deployment|log|container|error|cluster|time|"
    r"namespace)s?\b|^\s*(?:why|when|where|which\s+(?:one|node|pod|container)s?|since\s+when|how\s+often|"
    r"who(?:\s+did\s+(?:that|it|this))?|how|more|details?|go\s+on|again|왜|언제|언제부터|어느\s?(?:노드|파드|"
    r"컨테이너)|누가|자세히|더\s?자세히|다시|몇\s?번)[\s?요야예에서였어인가죠지]*$|\b(?:it|they|them)\b|(?:그|이|"
    r"저)\s?(?:파드|노드|서비스|컨테이너|로그|에러|클러스터|디플로이먼트)|거기",
    re.IGNORECASE | re.ASCII,
)

ALSO_NAMES = frozenset(
    (
        "account", "check", "client", "config", "delivery", "event", "events", "history", "host", "link",
        "list", "location", "logging", "logs", "message", "messages", "metric", "metrics", "monitor",
        "monitoring", "network", "platform", "query", "record", "report", "reports", "review", "reviews", "scheduler",
        "source", "storage", "support", "target", "task", "tasks", "trace", "traffic",
    )
)  # fmt: skip
"""Everyday words that workloads and namespaces are called by too: names where a word for their kind follows."""

_NEVER = """
a all an and another any anything app application applications apps both but cluster clusters container
containers cpu customers deploy disk each error errors every everybody everyone everything he here i if image
it k8s kubectl kubelet kubernetes log logs memory my nothing one or our people replica replicas requests
rollout she so some someone something that the there these they this those traffic users volume we what which
who workload workloads you your
"""
NEVER_SPELT_APART = frozenset(
    (
        "the", "our", "this", "that", "and", "for", "with", "from", "why", "did", "does", "has", "have", "are", "was",
        "were", "all", "any", "its", "new", "old", "which", "what", "when", "into", "one", "two", "same", "each",
    )
)  # fmt: skip
NEVER_NAMES = frozenset(_NEVER.split())
"""Words that never name an object, also where only a thing that ails can stand."""

_STOP = """
a about above access accessible account across actual add affect after afternoon again against age ago ahead ain alert
alive all almost alone along already also although always am amid among an and annotation another answer any anybody
anymore anyone anything anyway apart apiversion app apparently appear application apply apr april are area aren arent
argument around as asap ask at attach attached aug auto autoscale autoscaler available avoid aware away back backoff
bad badly balance basically be became because become been before began begin behave behind being below best better
between big binding bit block body boot both bottom bound box break bring broke broken browser btw bug build bump but
by bytes call came can cannot cant capacity cares case catch cause cc cd cert certificate cest cet change chart check
choose ci claim class clean clear cli client climb climbing close cluster cm cni code come command compare complain
complaint complete concern condition config configmap configuration confirm connect connection consider constant
consume container containercreating context continue control cool cordon core correct cost could couldn couldnt count
couple course cpu crash crash-loop crashloop crashloopbackoff crd create creation critical cronjob cronjobs csi csr csv
curious current currently customer daemonset daily damn date day dead deadline deal dear death debug dec december
decreased default definitely degrade degraded delay delete denied deny dependency deploy deployment describe
description detach detached detail determine device did didn didnt die diff differ difference different disappear
discover disk diskpressure dns do doc does doesn doesnt doing don done dont double doubled doubt down downtime drain
drift drop dropped ds due during dying each earlier early easy eat eating edit edt effect eight either eleven else
empty enable end endpoint endpoints endpointslice enough ensure entire env environment eof errimagepull error
especially est etc even evening event eventually ever every everybody everyone everything everywhere evict evicted
eviction exact exactly example exceed except exception exec exhaust exist exit exitcode exited exits expect expire
explain expose external extra fact fail failed failedmount failedscheduling failing failure fall false far fast fault
feb fetch few field fifty figure file final find fine first five fix flaky flap flapping fleet flow folk follow for
forbid force forever fork forward found four free fresh fri friday from full function further future fyi gb gbi gc
general generate get gib give given gmt go goes going gone good got gpu grace graceful great green group grow guess guy
guys had hadn half hand handle hang hangs happen hard has hash hasn have haven having he head heal health healthcheck
quality third lookup lookups
healthy heap hear heavy hello help her here hey hi high higher him his history hit hold home hope host hostname hot
hour hourly how however hows hpa hr hrs html http https huge human hundred hung i id idea identify idle if ignore ill
im image imagepullbackoff immediately impact important in in-place inaccessible incident include incorrect increase
increased indeed info information ingress init initial inside instance instead insufficient internal into invalid
investigate involve io ip is isn isnt issue it item its itself ive jan january job join joining json jst jul july
jumped jun june just jvm k8s keep kernel key kill kind kindly know known kst kubectl kubelet kubernetes label lag large
last late lately latency later latest launch lb lead leader least leave left less let lets level life like likely limit
line link list listen little live liveness ll load loading local localhost location lock log logging logs long
long-running longer look lose loss lost lot low lower lunch lunchtime machine made main maintenance major make manage
manual many mar march master match matter max maximum may maybe me mean meant measure mem memory memorypressure mention
merge message metric middle midnight might migrate migration million min mine minor mins minute miss missing mistake
mode moment mon monday monitor month more morning most mostly mount move ms much multi-attach multiple must mustn my
myself name named namespace near nearly need neither netpol network networking networkpolicy never new newly news next
nice night nil nine no nobody node nodes none nonsense noon nope normal normally not note nothing notice notready nov
november now ns null number object obvious occasional occur oct october of off offline often oh ok okay old on once one
ones ongoing only onto oom oomkill oomkilled open operation or orphan os other otherwise ought our ours out
out-of-memory outage output outside over overall overnight overview own owner owners p95 p99 packet page pain panic
part partial particular past paste patch path pattern pause pdb pdt peak pem pending people per percent perform
performance perhaps period permission person phase pick piece ping place plan platform please pleg plenty pls plz pm po
poc pod podinitializing point policy pool poor port possible possibly potential power pr preempt present pressure
pretty prevent previous previously print prior probably probe problem proceed process progress proper properly prove
provide ps pst pull push put pv pvc pvs qps query question quick quickly quiet quite quota ram random randomly range
rare rate rather re reach reachable read read-only readiness ready real really reason reboot receive recent recently
recommend recover recreate red reduce ref refuse refused regard regular reject related release reload remain remember
remote remove repeat replace replica replicafailure replicas replicaset replicate replication report request require
reschedule reset resize resolution resolve resource respond response rest restart restore result retried retry return
review revision right rise rising roll rollback rolled rollingupdate rollout room root rose rps rs rule run running
safe said same sanity sat saturate saturday save saw say scale schedule scheduler schedulingdisabled seal sec second
seconds secret secs section see seem seemingly seen selector send sent sep sept september serve service services set
seven several severe shall shape she short shortly should shouldn show shut shutdown sick side sidecar sigkill sign
signal sigsegv sigterm similar simple simply since single site situation six size sla slack sleep slo slow slowly
sluggish small so some somebody somehow someone something sometime sometimes somewhere soon sorry sort source space
spec specific spike spiked spiking spot ssl stable stack stacktrace stale stall stalled start startup state statefulset
status stay step still stop storage storageclass strange string sts stuck stuff successful such sudden suddenly suffer
suggest summary sun sunday support supposed sure suspect svc system table tag tail taint take talk target task tb tcp
team tell temporary ten tense term terminate terminating than thank thanks that thats the their them themselves then
there theres these they thing things think thirty this those though thousand thread three thrice throttle through
throughout throw thu thursday thus tib till time timed timeout times timestamp tls to today together told tomorrow
tonight too took top total toward tps trace traffic trigger tripled trouble troubleshoot true truth try tue tuesday
turn twelve twenty twice two type typo udp ugh uh uid um unable unavailable uncordon undefined under understand undo
unexpected unfortunately unhappy unhealthy unknown unless unlike unreachable unready unschedulable unstable until
unused unusual up up-to-date update upgrade upon uptime urgent uri url us usage use used useful using usual usually utc
valid value vanish various ve version very via view volume wait waiting wake wanna want warn warning was wasn wasnt
watch way we wed wednesday week weekend weekly weird welcome well went were weren what whatever whats when whenever
where wheres whether which while who whole whom whose why will wish with within without won wonder wondering wont word
work working worried worry worse worst would wouldn write wrong x509 yaml yeah year yep yes yesterday yet you your
youre yours yourself yup zero zone
"""

_IRREGULAR = {"dying": "die", "lying": "lie", "died": "die", "ran": "run", "sent": "send"}

ENVIRONMENTS = frozenset(
    ("prod", "production", "staging", "stage", "stg", "dev", "development", "live", "real", "cbt", "canary")
)
"""Words for a stage of life: part of a cluster's or a namespace's name, seldom the name of a workload."""


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    return frozenset(_STOP.split())


def is_stop_word(word: str) -> bool:
    """Whether a word of Latin letters is an everyday word or a word of Kubernetes, in any of its forms."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    stop = _stop_words()
    return any(form in stop for form in _forms_of(word))


def _forms_of(word: str) -> tuple[str, ...]:
    forms = [word, _IRREGULAR.get(word, word)]
    if word.endswith(("ies", "ied")):
        forms.append(word[:-3] + "y")
    for ending in ("s", "es", "ed", "d", "ing", "ly"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            forms.append(stem)
            if ending in ("ed", "ing"):
                forms.append(stem + "e")
                if stem[-1] == stem[-2]:
                    forms.append(stem[:-1])
    return tuple(forms)
