"""Admission webhooks as far as the API server itself can fail them: nobody answers, or the certificate is over."""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.refusals import internal
from integrations.sandbox.kubernetes.selectors import selects
from integrations.sandbox.kubernetes.store import Store

Json = dict[str, Any]

_CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_EXPIRED = "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"


@dataclass(frozen=True)
class Webhooks:
    """A webhook that can be called admits everything; one that cannot refuses, unless its failures are ignored."""

    store: Store
    now: Callable[[], datetime]

    def admit(self, kind: Kind, thing: Json, operation: str) -> None:
        for hook in self._hooks(kind, thing, operation):
            fault = self._fault(hook)
            if fault:
                raise internal(f'failed calling webhook "{hook["name"]}": failed to call webhook: {fault}')

    def _hooks(self, kind: Kind, thing: Json, operation: str) -> Iterator[Json]:
        for name in _CONFIGURATIONS:
            found = self.store.kinds.named(name)
            for kept in self.store.all(found)[1] if found else ():
                for hook in kept.thing.get("webhooks") or []:
                    must = hook.get("failurePolicy", "Fail") == "Fail"
                    if must and self._about(hook, kind, thing, operation):
                        yield hook

    def _about(self, hook: Json, kind: Kind, thing: Json, operation: str) -> bool:
        resource, meta = kind.resource, thing["metadata"]
        meant = any(
            {operation, "*"} & set(rule.get("operations") or [])
            and {resource.group, "*"} & set(rule.get("apiGroups") or [])
            and {resource.plural, "*"} & set(rule.get("resources") or [])
            for rule in hook.get("rules") or []
        )
        return (
            meant
            and selects(hook.get("objectSelector") or {}, meta.get("labels") or {})
            and selects(hook.get("namespaceSelector") or {}, self._labels_of(meta.get("namespace", "")))
        )

    def _labels_of(self, namespace: str) -> Json:
        kind = self.store.kinds.named("Namespace")
        kept = self.store.get(kind, "", namespace) if kind else None
        return {"kubernetes.io/metadata.name": namespace, **((kept.meta.get("labels") or {}) if kept else {})}

    def _fault(self, hook: Json) -> str:
        config = hook.get("clientConfig") or {}
        service = config.get("service")
        if not service:
            return ""
        host = f"{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}"
        post = f'Post "https://{host}{service.get("path", "")}?timeout={hook.get("timeoutSeconds", 10)}s": '
        if not self._answers(service):
            return f'{post}no endpoints available for service "{service["name"]}"'
        return f"{post}{_EXPIRED}" if self._over(config.get("caBundle", "")) else ""

    def _answers(self, service: Json) -> bool:
        kind = self.store.kinds.named("EndpointSlice")
        for kept in self.store.all(kind, service["namespace"])[1] if kind else ():
            if (kept.meta.get("labels") or {}).get("kubernetes.io/service-name") == service["name"]:
                return any(one["conditions"].get("ready") for one in kept.thing.get("endpoints") or [])
        return False

    def _over(self, bundle: str) -> bool:
        try:
            found = x509.load_pem_x509_certificate(base64.b64decode(bundle))
        except (ValueError, binascii.Error):
            return False
        return not found.not_valid_before_utc <= self.now() <= found.not_valid_after_utc
