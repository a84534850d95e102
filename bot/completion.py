"""What a shell completes beside commands and options. Whatever goes wrong completes nothing and is not told here."""


def languages_that_begin(incomplete: str) -> list[str]:
    from bot.words import LANGUAGES

    return [language for language in LANGUAGES if language.startswith(incomplete)]


def clusters_that_begin(incomplete: str) -> list[str]:
    """Names from the inventory's files or from KUBECONFIG. An inventory behind a URL is not asked: somebody waits."""
    # Here and not above: every call of the program imports this module, and few complete anything.
    from bot.settings import SettingsError, load
    from integrations.errors import IntegrationError
    from integrations.fleet import KubeFleet
    from integrations.inventory import is_url

    try:
        settings = load()
        if is_url(settings.inventory):
            return []
        entries = KubeFleet(settings.kubeconfig, settings.inventory).clusters()
    except (SettingsError, IntegrationError):
        return []
    return [entry.name for entry in entries if entry.name.startswith(incomplete)]
