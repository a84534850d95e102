"""What one asks an API server about oneself: may I, what may I, who am I."""

from dataclasses import dataclass
from typing import Any

from integrations.sandbox.kubernetes.access import Access, described
from integrations.sandbox.kubernetes.bodies import decoded
from integrations.sandbox.kubernetes.kinds import REVIEWS, Kinds
from integrations.sandbox.kubernetes.refusals import bad_request, no_such_resource
from integrations.sandbox.kubernetes.schema import unknown_fields
from integrations.sandbox.kubernetes.wire import Request
from integrations.sandbox.world import User
from knowledge.objects import Resource

Json = dict[str, Any]


@dataclass(frozen=True)
class Reviews:
    access: Access
    kinds: Kinds

    def answer(self, name: str, request: Request, user: User) -> Json:
        asked = decoded(request.body, request.headers, "the object provided is unrecognized: ")
        if not isinstance(asked, dict):
            raise bad_request("the object provided is unrecognized: it is no object")
        kind = next((one for one in REVIEWS if name == f"{one.lower()}s"), "")
        unknown_fields(Resource(kind, "", "v1", name), asked)
        spec = asked.get("spec") or {}
        match name:
            case "selfsubjectaccessreviews":
                return {**asked, "metadata": {}, "status": {"allowed": self._allowed(spec, user)}}
            case "selfsubjectrulesreviews":
                rules = self.access.rules(user, spec.get("namespace", ""), self.kinds.resources())
                return {**asked, "metadata": {}, "spec": {}, "status": rules}
            case "selfsubjectreviews":
                return {**asked, "metadata": {}, "status": {"userInfo": described(user)}}
        raise no_such_resource()

    def _allowed(self, spec: Json, user: User) -> bool:
        asked = spec.get("resourceAttributes")
        if asked is None:
            return str((spec.get("nonResourceAttributes") or {}).get("verb")) == "get"
        sub = asked.get("subresource")
        resource = f"{asked.get('resource', '')}/{sub}" if sub else asked.get("resource", "")
        return self.access.may(
            user, asked.get("verb", ""), asked.get("group", ""), resource, asked.get("namespace", "")
        )
