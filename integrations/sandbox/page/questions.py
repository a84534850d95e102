"""Questions to click, for the clusters of the demo world; and what was said in the channels before."""

QUESTIONS = {
    "en": (
        "why does checkout keep restarting?",
        "why is payment stuck in its rollout?",
        "why is sales-report pending?",
        "what is wrong with notifier in shop-dev?",
        "is anything wrong in data-prod?",
        "why did catalog restart last night?",
    ),
    "ko": (
        "checkout이 왜 자꾸 재시작돼요?",
        "payment 배포가 왜 안 끝나요?",
        "sales-report가 왜 Pending이에요?",
        "shop-dev의 notifier가 왜 계속 죽나요?",
        "inventory가 왜 안 떠요?",
        "어젯밤에 catalog이 왜 재시작됐어요?",
    ),
}

AT_ONCE = ("shop-dev/fix-search-selector", "shop-prod/fix-blog-ingress", "shop-prod/renew-certificate")
"""What the tour mends: the answer is another one in the next moment."""

CHATTER = (
    (190, "haneul", "general", "오늘 15시에 플랫폼 주간 회의 있습니다. 안건은 스레드에 남겨 주세요."),
    (64, "alex", "general", "Sale traffic starts at noon. `cart` scales by itself, please leave it alone."),
    (171, "noor", "random", "점심 뭐 드실 분?"),
    (38, "alex", "on-call", "Handover: worker 4 of *shop-prod* is still cordoned, nobody remembers why."),
    (47, "deploybot", "k8s-help", "Deployed *shop/checkout* `2.3.1` to *shop-prod* :white_check_mark:"),
    (33, "minji", "k8s-help", "checkout 배포한 뒤로 장바구니가 자꾸 비어요. 저만 그런가요?"),
    (21, "alex", "k8s-help", "Not only you. Ask Gurumi first, I am in the handover until half past."),
)
"""What was said before: minutes ago, by whom, where."""

TOPICS = {
    "k8s-help": "Questions about our clusters · 클러스터에 대한 질문",
    "k8s-tickets": "Tickets: what you post is answered in its thread · 티켓 창구: 글을 올리면 스레드에서 답합니다",
    "general": "For everybody · 모두에게",
    "random": "Lunch and everything else · 점심과 그 밖의 이야기",
    "on-call": "Handover and pages · 인수인계와 호출",
}
