"""What the writer of a ticket wants: something is broken, something shall be changed, or something is to be known."""

import re
from enum import StrEnum

from knowledge.reading.late import late


class Kind(StrEnum):
    """PROBLEM: broken or unexplained. QUESTION: how, whether, what is the policy. REQUEST: do or change something."""

    PROBLEM = "problem"
    QUESTION = "question"
    REQUEST = "request"


_SENTENCE = late(r"(?<=[.!?~])\s+|\n+|(?<=[요다])[.!~]+\s*")
_CHANGES = (
    r"늘려|늘리|올려|올리|줄여|내려|추가|삭제|제거|지워|만들어|생성|열어|오픈|허용|변경|바꿔|수정|등록|반영|적용|설치|업그레이드|업데이트|업|재시작|재기동|재부팅|"
    r"회수|옮겨|이관|이전|해제|풀어|발급|초기화|연장|복구|롤백|증설|확장|부여|할당|배정|설정|켜|꺼|교체|드레인|uncordon|cordon|drain|restart|반납|정리|예외\s?처리|백업|"
    r"활성화|비활성화|제외|포함|실행|돌려|넣어|빼|맡겨|신청|갱신|재발급|리셋|reset"
)
_REQUEST = late(
    rf"(?:{_CHANGES})\s?(?:좀\s?)?(?:을|를|도|만)?\s?(?:좀\s?)?(?:해|하여|시켜|처리|처리해)?\s?(?:주|달라|부탁|요청|드립니다|바랍니다|주시|줄\s?수)|"
    rf"(?:{_CHANGES})[가-힣\s]{{0,6}}(?:부탁|요청|바랍|싶습니다|필요합니다)|"
    r"\b(?:please|pls|kindly|could\s+you|can\s+you|would\s+you|can\s+someone|could\s+somebody|"
    r"we\s+(?:would\s+)?(?:need|like|want)\s+(?:you\s+)?to(?:\s+have)?|request(?:ing)?\s+to|"
    r"(?:i|we)(?:'d|\s+would)\s+like\s+(?:you\s+)?to(?:\s+have)?)\s+(?:please\s+|also\s+|kindly\s+)?"
    r"(?:increase|raise|add|delete|remove|create|grant|open|allow|change|update|upgrade|restart|reboot|uncordon|"
    r"cordon|drain|install|enable|disable|extend|"
    r"expand|resize|scale|move|migrate|give|set|bump|lower|reset|renew|rotate|restore|replace|provision|register|"
    r"turn|put|make|assign|hand|transfer|clean|run|switch|double|reduce)\b|"
    r"\b(?:requesting|need|request(?:\s+for)?)\s+(?:\w+\s+){0,3}(?:more|additional|another|access|permissions?|"
    r"quota|nodes?|a\s+new)\b",
    re.IGNORECASE,
)
_CAUSE = late(
    r"\bwhy\b|\bwhat\s+(?:happened|went\s+wrong|caused?|is\s+(?:going\s+on|wrong))|\b(?:root\s+)?cause\b|reason|왜|"
    r"원인|이유|무슨\s?일",
    re.IGNORECASE,
)
_WONDER = late(
    r"궁금|어떻게\s?(?:하|해|되|쓰|설정|신청|받|올|만)|어디서|어디에|가능한가|가능할까|가능합니까|되나요|돼나요|되는지|해야\s?(?:하|할|되)|있나요|있을까요|있는지|인가요|인지|"
    r"하나요|할까요|한가요|해도\s?되|써도\s?되|괜찮(?:은|나|을)|정책|기준|절차|방법|가이드|문서|제공하|지원(?:하|되)|얼마나|며칠|언제\s?(?:까지|부터|쯤)|누구|"
    r"\bhow\s+(?:do|can|to|should|would|long|many|much|often|far)\b|\b(?:is|are|am|was)\s+(?:it|there|we|"
    r"i)\s+(?:\w+\s+)?(?:ok|okay|possible|allowed|supposed|any|a)\b|"
    r"\bwhat(?:'s|\s+is|\s+are)\s+(?:the|your)\b|\bpolic(?:y|ies)\b|\bwhether\b|\bdo\s+(?:we|you|i)\b|"
    r"\bdoes\s+the\b|\bshould\s+(?:we|i)\b|\bmay\s+we\b|\bcan\s+(?:we|i)\b|"
    r"\bwhom?\s+do|\bwhere\s+(?:do|can)\b|\bwhich\b|\bwonder|\brecommend|\bbest\s+practice|\bguideline|\bcurious\b",
    re.IGNORECASE,
)
_SUPPOSED = late(
    r"\b(?:if|in\s+case|would|whenever)\b|\bwhen\s+(?:the|a|we|you|our)\b|\bbefore\s+(?:we|the)\b|\b(?:avoid|"
    r"prevent|plan(?:ning)?|going)\s|\bany\s+downtime|"
    r"[가-힣](?:면|경우|려면|려고|다면|하려|예정|계획)(?:\s|에|에는|이|인|,|$)|할\s?때|될\s?때|막으|피하|예방",
    re.IGNORECASE,
)
_BROKEN = late(
    r"restart(?:ed|s|ing)?\b|crash|\boom|out of memory|\bkill(?:ed|s)|\bfail(?:s|ed|ing|ure)?\b|\berrors?\b|"
    r"\bexception|time[sd]?\s?-?out|\bslow|latency|throttl|"
    r"\bstuck\b|pending\b|\bevict|not\s?ready|unreachable|refused|\b50\d s?\b|\b50[0-9]s?\b|\b4(?:0[0-9]|1[0-9]|"
    r"29)s?\b|broken|\bdown\b|lost\b|disappear|missing\b|(?:n't|not|never|cannot)\s+(?:\w+\s+)?"
    r"(?:start|work|connect|reach|resolve|schedul|come|pull|mount|respond|run|finish|complete|load|open|create|"
    r"see|get|scale|find|log\s?in|delete|deploy|access|attach|update)|"
    r"doubled|spik(?:e|ed|ing)|dropp(?:ed|ing|s)\b|reset\b|hang(?:s|ing)?\b|\bdied?\b|dying|rejected|denied|"
    r"forbidden|unauthori[sz]ed|wrong\b|weird|strange|unhealthy|expired|"
    r"rebooted|terminat(?:ed|ing)|imagepull|backoff|schedulingdisabled|trouble|unstable|flapping|outage|leak|"
    r"no\s+longer(?!\s+(?:need|use|require|want))|high\s+(?:cpu|load|memory)|stopped|gone\b|"
    r"재시작|재기동|재부팅|죽[었는습음어고네]|죽은|내려갔|실패|에러|오류|타임\s?아웃|느[려리립린]|느려|지연|안\s?(?:됩|돼|되|뜨|뜹|떠|받|끝|넘어|먹|붙|보이|보여|올라|나와|나가|"
    r"나옵|풀|지워|늘|줄|돌|열|잡|맞|켜|나|들어|옵|와|옴|움직|생)|"
    r"못\s?(?:하|합|해|붙|받|찾|쓰|읽|올|뜨|잡|가|하)|지\s?(?:않|못)|끊[겨기김긴어]|튀|멈[춤췄춰추]|이상[하합해한]|문제(?:가|인|\s?있)|장애|거절|거부|차단|"
    r"막[혀혔히힌힙]|사라[졌지집]|없어[졌지집]|"
    r"발생|떨어[졌지집]|터[졌지집]|꽉|부족|초과|만료|밀[려리립]|쌓[여이입]|유실|누락|비정상|불안정|간헐|증가|급증|찍[힙히혀혔]|걸[려립리렸]|다운|끊김|충돌|깨[졌지집]",
    re.IGNORECASE,
)
_FINE = late(
    r"nothing\s+is\s+broken|no\s+(?:errors?|problems?|issues?)\b|not\s+(?:an?\s+)?(?:urgent|incident|outage)|"
    r"works?\s+fine|문제(?:는|가)?\s?없|장애(?:는|가)?\s?아니|이상(?:은|이)?\s?없",
    re.IGNORECASE,
)


_HANGUL = late(r"[가-힣]")
_FACT = late(
    r"[았었했됐졌났렸왔갔겼혔섰]|는데|ㅂ니다|습니다|입니다|합니다|됩니다|뜹니다|립니다|고\s?있|어요|아요|네요|중인|계속|자꾸|갑자기|째\b|부터"
)
"""Endings of what has happened, where a question only supposes it."""


def kind_of(own: str, *, errors: bool) -> Kind:
    """The kind of a ticket from the writer's own words. ``errors``: lines that say what failed were pasted."""
    asked: set[Kind] = set()
    for sentence in filter(str.strip, _SENTENCE.split(own)):
        kind = _of_sentence(sentence)
        if kind:
            asked.add(kind)
    if Kind.PROBLEM in asked or errors:
        return Kind.PROBLEM
    if Kind.REQUEST in asked:
        return Kind.REQUEST
    return Kind.QUESTION if Kind.QUESTION in asked or "?" in own else Kind.PROBLEM


def _of_sentence(sentence: str) -> Kind | None:
    words = _FINE.sub(" ", sentence)
    broken = bool(_BROKEN.search(_REQUEST.sub(" ", words)))
    wonders = bool(_WONDER.search(words)) or words.rstrip().endswith("?")
    if broken and _CAUSE.search(words) and not (_SUPPOSED.search(words) and wonders):
        return Kind.PROBLEM
    if _REQUEST.search(words):
        return Kind.REQUEST
    if broken and wonders and _HANGUL.search(words) and not _FACT.search(words):
        return Kind.QUESTION
    if broken and not (wonders and (_SUPPOSED.search(words) or _asks_only(words))):
        return Kind.PROBLEM
    return Kind.QUESTION if wonders else None


def _asks_only(words: str) -> bool:
    """Whether a sentence begins with its question and tells of nothing that has happened."""
    return bool(
        re.match(
            r"\W*(?:\w+[:,]?\s+)?(?:how|is|are|do|does|can|could|should|may|what|which|who|where|"
            r"whether)\b(?!.{0,40}\b(?:since|yesterday|today|last\s+night)\b)",
            words,
            re.IGNORECASE,
        )
    )
