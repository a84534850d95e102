"""The ``gurumi`` program: picks a face or a job."""

import os
import sys
from typing import Annotated

import typer

from bot import terminal
from bot.terminal import Format

app = typer.Typer(
    name="gurumi",
    help="Gurumi looks into Kubernetes for you and says what is wrong, with proof. "
    'Begin with: gurumi demo (no cluster needed), or: gurumi ask "why does checkout keep restarting?"',
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json for programs.")]
ClusterOption = Annotated[str, typer.Option("--cluster", help="Ask this cluster only.")]
NamespaceOption = Annotated[str, typer.Option("--namespace", "-n", help="Look in this namespace only.")]
AtOption = Annotated[
    str, typer.Option("--at", help="The instant asked about, ISO 8601 with zone: 2026-01-15T05:12:00+09:00.")
]
LanguageOption = Annotated[str, typer.Option("--lang", help="en or ko; the language of the question unless set.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gurumi {version('gurumi')}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that stand before a command."""


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="Your words; - reads them from standard input.")],
    cluster: ClusterOption = "",
    namespace: NamespaceOption = "",
    at: AtOption = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """One question, one answer. Clusters come from GURUMI_INVENTORY, else from every context of KUBECONFIG."""
    _language(lang)
    words = sys.stdin.read() if question == "-" else question
    if not words.strip():
        terminal.stop('the question is empty; try: gurumi ask "why does checkout keep restarting?"')
    settings = terminal.settings_or_exit()
    status = terminal.ask(
        f"ask {words}", settings, cluster=cluster, namespace=namespace, at=at, language=lang, form=form
    )
    raise typer.Exit(status)


@app.command()
def diagnose(
    cluster: Annotated[str, typer.Argument(help="The cluster, as `gurumi clusters` lists it.")],
    namespace: NamespaceOption = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """Every detector on one cluster, or on one namespace of it."""
    _language(lang)
    words = f"diagnose {cluster} {namespace}".strip()
    raise typer.Exit(terminal.ask(words, terminal.settings_or_exit(), namespace=namespace, language=lang, form=form))


@app.command()
def clusters(
    check: Annotated[bool, typer.Option("--check", help="Also ask each whether it answers.")] = False,
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """The clusters that may be asked about."""
    _language(lang)
    words = "clusters check" if check else "clusters"
    raise typer.Exit(terminal.ask(words, terminal.settings_or_exit(), language=lang, form=form))


@app.command()
def doctor(
    cluster: Annotated[str, typer.Argument(help="One cluster; everything when none is named.")] = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """Check every connection and right, and say exactly what is missing and how to grant it."""
    _language(lang)
    raise typer.Exit(terminal.ask(f"doctor {cluster}".strip(), terminal.settings_or_exit(), language=lang, form=form))


@app.command()
def run(
    http: Annotated[
        str, typer.Option("--http", metavar="HOST:PORT", help="Listen here instead of opening a socket to Slack.")
    ] = "",
) -> None:
    """The bot for a real Slack workspace, over Socket Mode; needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN.

    With --http Slack is served at /slack/events; that needs SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET.
    """
    import logging
    import os

    from bot.run import configure_logging
    from bot.run import run as work

    settings = terminal.settings_or_exit()
    configure_logging(settings)
    with terminal.complaints():
        work(settings, http)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(0)  # a thread that waits for a dead cluster must not hold up the end


@app.command()
def demo(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="The page's port; the next free one if taken.")
    ] = 8765,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """The rehearsal room in a browser: the whole bot, a make-believe Slack and three clusters. Needs nothing else."""
    import time

    began = time.monotonic()
    from bot.rehearsal import rehearse

    try:
        rehearse(port, not no_browser, began)
    except (OSError, RuntimeError) as error:
        terminal.stop(f"the rehearsal room cannot open: {error}", status=1)


@app.command()
def ticket(
    read: Annotated[str, typer.Option("--read", help="The file with the ticket's text; - reads standard input.")],
    at: Annotated[str, typer.Option("--at", help="When it was written, ISO 8601; now unless set.")] = "",
    tz: Annotated[str, typer.Option("--tz", help="The writer's time zone, Asia/Seoul; TZ unless set.")] = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """What a ticket's text is understood to say. Asks no cluster; GURUMI_INVENTORY names those that exist."""
    from bot import reading

    raise typer.Exit(reading.ticket(read, terminal.settings_or_exit(), at=at, tz=tz, form=form))


journal = typer.Typer(help="What Kubernetes forgets within the hour, remembered.", no_args_is_help=True)
app.add_typer(journal, name="journal")


@journal.command()
def visit(
    cluster: ClusterOption = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """One visit to every cluster now; needs GURUMI_DATABASE_URL. `ask` then answers from the journal too."""
    _language(lang)
    settings = terminal.settings_or_exit()
    raise typer.Exit(terminal.ask("journal visit", settings, cluster=cluster, language=lang, form=form))


@app.command()
def known(
    words: Annotated[
        list[str],
        typer.Argument(help='The text; - reads it from standard input. "lint [PATH]" checks a shelf instead.'),
    ],
    issues: Annotated[str, typer.Option("--issues", help="Another shelf: a YAML file or a folder of them.")] = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """The known issues that match a text, the best first; none when nothing is known."""
    from bot import reading

    _language(lang)
    raise typer.Exit(reading.known(words, issues, language=lang, form=form))


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from integrations.store import Store

    settings = terminal.settings_or_exit()
    with terminal.complaints():
        store = Store(settings.database)
        store.migrate()
        store.check()
        store.close()
    typer.echo("The database is up to date.")


@app.command()
def manifest(
    name: Annotated[str, typer.Option("--name", help="The app's name in the workspace.")] = "Gurumi",
    http: Annotated[
        str,
        typer.Option("--http", metavar="URL", help="For HTTP: where Slack reaches the bot, https://…/slack/events."),
    ] = "",
) -> None:
    """The Slack app manifest: paste it under "Create an app from a manifest"."""
    import json

    from bot.slack.manifest import manifest as app_manifest
    from commands.registry import registry

    if http and not http.startswith("https://"):
        terminal.stop(f"--http wants an address that begins with https://, not {http!r}")
    settings = terminal.settings_or_exit()
    forms = [registered.command for registered in registry().values()]
    typer.echo(json.dumps(app_manifest(name, settings.slash_command, forms, http), indent=2, ensure_ascii=False))


def _language(lang: str) -> None:
    if lang and lang not in ("en", "ko"):
        terminal.stop(f"--lang knows en and ko, not {lang!r}")


def main() -> None:
    """Entry point of the installed program. Ends at once: a cluster that hangs must not hold up the exit too."""
    status = 0
    try:
        app()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # whoever read our output has gone
        status = status or terminal.NOT_DONE
    os._exit(status)


if __name__ == "__main__":
    main()
