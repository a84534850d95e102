"""A pager behind a webhook: one line of text as JSON, as Slack, Mattermost and most pagers take it."""

from integrations.errors import Denied, Malformed, NotFound, Overloaded, TimedOut, Unreachable
from knowledge.said import Said

_SYSTEM = "webhook"
_TIMEOUT_S = 8


def tell(url: str, text: str) -> None:
    """Post it. Raises an IntegrationError; the URL, which may hold a secret, is in none of its sentences."""
    import httpx

    try:
        answer = httpx.post(url, json={"text": text}, timeout=_TIMEOUT_S)
    except httpx.TimeoutException as error:
        raise TimedOut(_SYSTEM, Said("The webhook did not answer in time.")) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(_SYSTEM, Said("The webhook cannot be reached.")) from error
    status = answer.status_code
    if status < 400:
        return
    says = Said("The webhook answers with HTTP {status}.", status=status)
    if status in (401, 403):
        raise Denied(_SYSTEM, says)
    if status in (404, 410):
        raise NotFound(_SYSTEM, says)
    raise Overloaded(_SYSTEM, says) if status == 429 or status >= 500 else Malformed(_SYSTEM, says)
