"""Who asks, and what that person may do: the world's ``User`` and ``Denied`` documents, told as RBAC tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.kubernetes.refusals import unauthorized
from integrations.sandbox.world import ClusterWorld, User
from knowledge.objects import Resource

Json = dict[str, Any]

READ = ("get", "list", "watch")
NOBODY_IN_PARTICULAR = User("rehearsal", ("rehearsal:readers",))
_AUTHENTICATED = "system:authenticated"
_SELF_REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")


@dataclass(frozen=True)
class Access:
    """The rights of one cluster: everybody may read all that the world does not deny, and nobody may write."""

    world: ClusterWorld

    def asker(self, headers: Mapping[str, str]) -> User:
        """The person behind a request. A world without users asks for no credentials."""
        user = NOBODY_IN_PARTICULAR
        if self.world.users:
            token = headers.get("Authorization", "").removeprefix("Bearer ").strip()
            found = next((u for u in self.world.users if u.token and u.token == token), None)
            if found is None:
                raise unauthorized()
            user = found
        name = headers.get("Impersonate-User", "")
        if not name:
            return user
        known = next((u for u in self.world.users if u.name == name), User(name))
        groups = headers.get("Impersonate-Group", "")
        return User(name, (groups,) if groups else known.groups)

    def may(self, user: User, verb: str, group: str, resource: str, namespace: str = "") -> bool:
        """``resource`` is ``pods`` or ``pods/log``. What one namespace denies is denied cluster-wide, too."""
        if verb == "create" and resource in _SELF_REVIEWS:
            return True
        if verb not in READ:
            return False
        names = {resource, f"{resource}.{group}" if group else resource, "*"}
        who = {"", user.name, *user.groups}
        return not any(
            denied.resource in names
            and denied.user in who
            and (not denied.verbs or verb in denied.verbs)
            and (not denied.namespace or namespace in ("", denied.namespace))
            for denied in self.world.denied
        )

    def rules(self, user: User, namespace: str, resources: list[Resource]) -> Json:
        """``SelfSubjectRulesReview.status``: what remains when the denied is taken away."""
        granted: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for resource in resources:
            names = [resource.plural, "pods/log"] if resource.plural == "pods" else [resource.plural]
            for name in names:
                verbs = tuple(verb for verb in READ if self.may(user, verb, resource.group, name, namespace))
                if verbs:
                    granted.setdefault((resource.group, verbs), []).append(name)
        rules = [
            {"verbs": list(verbs), "apiGroups": [group], "resources": names}
            for (group, verbs), names in sorted(granted.items())
        ]
        own = [
            {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": list(_SELF_REVIEWS[:2])},
            {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": [_SELF_REVIEWS[2]]},
        ]
        pages = ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/version"]
        return {
            "resourceRules": own + rules,
            "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": pages}],
            "incomplete": False,
        }


def described(user: User) -> Json:
    """``SelfSubjectReview.status.userInfo``."""
    groups = list(dict.fromkeys((*user.groups, _AUTHENTICATED)))
    return {"username": user.name, "groups": groups}
