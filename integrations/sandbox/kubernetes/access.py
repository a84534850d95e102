"""Who asks, and what that person may do: the world's ``User``, ``Denied`` and ``Granted``, told as RBAC tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.kubernetes.refusals import bad_request, no_impersonation, unauthorized
from integrations.sandbox.world import ClusterWorld, Rule, User
from knowledge.objects import Resource

Json = dict[str, Any]

READ = ("get", "list", "watch")
WRITE = ("create", "update", "patch", "delete", "deletecollection")
NOBODY_IN_PARTICULAR = User("rehearsal", ("rehearsal:readers",))
_AUTHENTICATED, _MASTERS = "system:authenticated", "system:masters"
_SELF_REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")


@dataclass(frozen=True)
class Access:
    """The rights of one cluster: all that the world does not deny may be read, only what it grants be written."""

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
        name, groups = headers.get("Impersonate-User", ""), headers.get("Impersonate-Group", "")
        if not name and groups:
            said = f'requested &user.DefaultInfo{{Name:"", UID:"", Groups:[]string{{"{groups}"}}'
            raise bad_request(f"{said}, Extra:map[string][]string(nil)}} without impersonating a user name")
        return self._as(user, name, tuple(filter(None, groups.split(",")))) if name else user

    def _as(self, user: User, name: str, groups: tuple[str, ...]) -> User:
        """Somebody who speaks for somebody else, which a world may deny like anything."""
        for kind, subjects in (("users", (name,)), ("groups", groups)):
            for subject in subjects:
                if not self.may(user, "impersonate", "", kind):
                    raise no_impersonation(user.name, kind, subject)
        known = next((one for one in self.world.users if one.name == name), User(name))
        return User(name, groups or known.groups)

    def may(self, user: User, verb: str, group: str, resource: str, namespace: str = "") -> bool:
        """``resource`` is ``pods`` or ``pods/log``. What one namespace denies is denied cluster-wide, too."""
        if verb == "create" and resource in _SELF_REVIEWS:
            return True
        if _MASTERS in user.groups:
            return True
        asked = _Asked(user, verb, {resource, f"{resource}.{group}" if group else resource, "*"})
        if verb not in (*READ, "impersonate") and not any(
            asked.meant(rule) and rule.namespace in ("", namespace) for rule in self.world.granted
        ):
            return False
        return not any(
            asked.meant(rule) and (not rule.namespace or namespace in ("", rule.namespace))
            for rule in self.world.denied
        )

    def rules(self, user: User, namespace: str, resources: list[Resource]) -> Json:
        """``SelfSubjectRulesReview.status``: what remains when the denied is taken away."""
        granted: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for resource in resources:
            names = [resource.plural, "pods/log", "pods/eviction"] if resource.kind == "Pod" else [resource.plural]
            for name in names:
                verbs = tuple(verb for verb in (*READ, *WRITE) if self.may(user, verb, resource.group, name, namespace))
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


@dataclass(frozen=True)
class _Asked:
    user: User
    verb: str
    names: set[str]

    def meant(self, rule: Rule) -> bool:
        """Whether a rule speaks of this person, verb and resource; its namespace is looked at elsewhere."""
        who = {"", self.user.name, *self.user.groups}
        return rule.resource in self.names and rule.user in who and (not rule.verbs or self.verb in rule.verbs)


def described(user: User) -> Json:
    """``SelfSubjectReview.status.userInfo``."""
    groups = list(dict.fromkeys((*user.groups, _AUTHENTICATED)))
    return {"username": user.name, "groups": groups}
