"""The ``gurumi`` program: picks a face or a job."""

import io
import os
import sys
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot import terminal
from bot.completion import clusters_that_begin, languages_that_begin
from bot.terminal import Format, Memory

_STATUSES = "Exit status: 0 answered, 1 could not be done, 2 wrong usage."


class _Program(TyperGroup):
    """Says what to do when the first word is no command, a question above all."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        first = args[0] if args else ""
        if " " in first.strip() and self.get_command(ctx, first) is None and not ctx.resilient_parsing:
            ctx.fail('No such command. To ask a question, write ask before it: gurumi ask "…"')
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="gurumi",
    cls=_Program,
    help="Gurumi looks into Kubernetes for you and says what is wrong, with proof. "
    'Begin with: gurumi demo (no cluster needed), or: gurumi ask "why does checkout keep restarting?"',
    epilog=f"{_STATUSES} Errors go to standard error. gurumi COMMAND --help shows examples.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _examples(*calls: str) -> str:
    """The end of a command's help: what to type, and what its exit status means."""
    return "\b\nExamples:\n" + "\n".join(f"  {call}" for call in calls) + f"\n\n{_STATUSES}"


FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json for programs.")]
ClusterOption = Annotated[
    str, typer.Option("--cluster", help="Ask this cluster only.", autocompletion=clusters_that_begin)
]
NamespaceOption = Annotated[str, typer.Option("--namespace", "-n", help="Look in this namespace only.")]
AtOption = Annotated[
    str, typer.Option("--at", help="The instant asked about, ISO 8601 with zone: 2026-01-15T05:12:00+09:00.")
]
LanguageOption = Annotated[
    str,
    typer.Option(
        "--lang", help="en or ko; the language of the question unless set.", autocompletion=languages_that_begin
    ),
]


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


@app.command(
    epilog=_examples(
        'gurumi ask "why does checkout keep restarting?"',
        'gurumi ask "결제가 왜 안 떠요?" --cluster shop-prod -n shop',
        'gurumi ask "why did api restart?" --at 2026-01-15T05:12:00+09:00',
        "gurumi ask - < ticket.txt",
        'gurumi ask "is checkout ok?" --format json | jq -r .headline',
    )
)
def ask(
    question: Annotated[str, typer.Argument(help="Your words; - reads them from standard input.")],
    cluster: ClusterOption = "",
    namespace: NamespaceOption = "",
    at: AtOption = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """One question, one answer. The cause first, its proof under it, what to do, and what could not be read.

    Clusters come from GURUMI_INVENTORY, else from every context of KUBECONFIG. Nothing is changed anywhere, and nothing
    is kept unless GURUMI_DATABASE_URL is set.
    """
    _language(lang)
    words = terminal.typed(terminal.text_of("-") if question == "-" else question)
    if not words.strip():
        terminal.stop('the question is empty; try: gurumi ask "why does checkout keep restarting?"')
    settings = terminal.settings_or_exit()
    status = terminal.ask(
        f"ask {words}", settings, cluster=cluster, namespace=namespace, at=at, language=lang, form=form
    )
    raise typer.Exit(status)


@app.command(epilog=_examples("gurumi diagnose shop-prod", "gurumi diagnose shop-prod -n shop --lang ko"))
def diagnose(
    cluster: Annotated[
        str,
        typer.Argument(help="The cluster, as `gurumi clusters` lists it.", autocompletion=clusters_that_begin),
    ],
    namespace: NamespaceOption = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """Look for every known problem in a cluster. With --namespace in that namespace only."""
    _language(lang)
    if len(cluster.split()) != 1:
        terminal.stop("diagnose wants the name of one cluster; gurumi clusters lists them")
    words = f"diagnose {cluster} {namespace}".strip()
    raise typer.Exit(terminal.ask(words, terminal.settings_or_exit(), namespace=namespace, language=lang, form=form))


@app.command(epilog=_examples("gurumi clusters", "gurumi clusters --check --format json"))
def clusters(
    word: Annotated[str, typer.Argument(metavar="[check]", help="The same as --check.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Also ask each whether it answers.")] = False,
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """List the clusters. With --check also whether each answers."""
    _language(lang)
    if word not in ("", "check"):
        terminal.stop(f"clusters takes the word check and no other, not {word!r}")
    words = "clusters check" if check or word else "clusters"
    raise typer.Exit(terminal.ask(words, terminal.settings_or_exit(), language=lang, form=form))


@app.command(epilog=_examples("gurumi doctor", "gurumi doctor shop-prod", "gurumi doctor --format json"))
def doctor(
    cluster: Annotated[
        str,
        typer.Argument(help="One cluster; everything when none is named.", autocompletion=clusters_that_begin),
    ] = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """Check every connection and right.

    It says exactly what is missing and how to grant it: Slack's tokens and scopes, the database and its schema, and for
    each cluster whether it answers and what it lets us read. Exit status 1 when something is missing.
    """
    _language(lang)
    words = f"doctor {cluster}".strip()
    settings = terminal.settings_or_exit()
    raise typer.Exit(terminal.ask(words, settings, language=lang, form=form, memory=Memory.EXAMINED))


@app.command(epilog=_examples("gurumi run", "gurumi run --http 0.0.0.0:8080"))
def run(
    http: Annotated[
        str, typer.Option("--http", metavar="HOST:PORT", help="Listen here instead of opening a socket to Slack.")
    ] = "",
) -> None:
    """The bot for a real Slack workspace.

    Over Socket Mode it needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN. With --http Slack is served at /slack/events; that
    needs SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET.
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


@app.command(epilog=_examples("gurumi demo", "gurumi demo --port 9000 --no-browser"))
def demo(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="The page's port; the next free one if taken.")
    ] = 8765,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """The rehearsal room in a browser.

    The whole bot, a make-believe Slack and three clusters; it needs nothing else.
    """
    import time

    began = time.monotonic()
    from bot.rehearsal import rehearse

    try:
        rehearse(port, not no_browser, began)
    except (OSError, RuntimeError) as error:
        terminal.stop(f"the rehearsal room cannot open: {error}", status=1)


@app.command(
    epilog=_examples(
        'gurumi ticket "checkout in shop-prod restarts since 05:12"',
        "gurumi ticket - < mail.txt",
        "gurumi ticket --read - --tz Asia/Seoul --format json < mail.txt",
    )
)
def ticket(
    text: Annotated[list[str] | None, typer.Argument(help="Open a ticket with this text; - reads it.")] = None,
    read: Annotated[str, typer.Option("--read", help="Open none: read this file's text, - standard input.")] = "",
    at: Annotated[str, typer.Option("--at", help="With --read: when it was written, ISO 8601; now unless set.")] = "",
    tz: Annotated[str, typer.Option("--tz", help="With --read: the writer's zone, Asia/Seoul; TZ unless set.")] = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """Open a ticket and half answer it. With --read: tell what a text is understood to say.

    Reading asks no cluster; GURUMI_INVENTORY names those that exist. Opening keeps it in the database.
    """
    from bot import reading

    _language(lang)
    settings = terminal.settings_or_exit()
    if read and text:
        terminal.stop("ticket opens a text or, with --read, reads a file: not both")
    if read:
        raise typer.Exit(reading.ticket(read, settings, at=at, tz=tz, form=form))
    if not text:
        terminal.stop('a ticket needs a text; try: gurumi ticket "checkout in shop-prod restarts since 05:12"')
    if at or tz:
        terminal.stop("--at and --tz are the clock of --read; a ticket that is opened was written now")
    words = terminal.text_of("-") if text == ["-"] else " ".join(text)
    raise typer.Exit(terminal.ask(f"ticket {words}", settings, language=lang, form=form, memory=Memory.KEPT))


@app.command(epilog=_examples("gurumi tickets queue", "gurumi tickets show 12", "gurumi tickets export csv > all.csv"))
def tickets(
    words: Annotated[list[str] | None, typer.Argument(help="A list, or a move of one; help lists them.")] = None,
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """The board of tickets, one of them, and its moves.

    [mine|queue|open|done|all] [cluster NAME] [late] lists; show, take, return, done, reopen, helped, notyet, call,
    watch, unwatch N, merge N into M, transfer N to WHO and priority N HOW move; export csv|json writes all.
    """
    _language(lang)
    said = " ".join(("tickets", *(words or ())))
    if (words or [""])[0] == "export" and "json" in (words or ()):
        form = Format.JSON
    settings = terminal.settings_or_exit()
    raise typer.Exit(terminal.ask(said, settings, language=lang, form=form, memory=Memory.KEPT, only="csv"))


@app.command(epilog=_examples('gurumi correct 12 "cluster shop-dev, since yesterday at 5 pm"'))
def correct(
    number: Annotated[str, typer.Argument(help="The ticket's number.")],
    words: Annotated[list[str], typer.Argument(help="What was meant: another cluster, workload or time.")],
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """Correct what a ticket was understood to say. It is looked at again."""
    _language(lang)
    said = " ".join(("correct", number, *words))
    settings = terminal.settings_or_exit()
    raise typer.Exit(terminal.ask(said, settings, language=lang, form=form, memory=Memory.KEPT))


@app.command(epilog=_examples("gurumi report", "gurumi report --week last --csv", "gurumi report --week 2026-W47"))
def report(
    week: Annotated[str, typer.Option("--week", help="2026-W47, one of its days, or last; this week unless set.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="The table as CSV and nothing else.")] = False,
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """A week's tickets in numbers. By topic, and how they were counted."""
    _language(lang)
    said = f"report {week}".strip()
    settings = terminal.settings_or_exit()
    only = "csv" if csv else ""
    raise typer.Exit(terminal.ask(said, settings, language=lang, form=form, memory=Memory.KEPT, only=only))


journal = typer.Typer(help="What Kubernetes forgets within the hour, remembered.", no_args_is_help=True)
app.add_typer(journal, name="journal")


@journal.command(epilog=_examples("gurumi journal visit", "gurumi journal visit --cluster shop-prod"))
def visit(
    cluster: ClusterOption = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """One visit to every cluster now. It needs GURUMI_DATABASE_URL. `ask` then answers from the journal too."""
    _language(lang)
    settings = terminal.settings_or_exit()
    raise typer.Exit(
        terminal.ask("journal visit", settings, cluster=cluster, language=lang, form=form, memory=Memory.NEEDED)
    )


@app.command(
    epilog=_examples(
        'gurumi known "ImagePullBackOff no basic auth credentials"',
        "kubectl logs checkout-7d9f8b6c54-x2x7k | gurumi known - --cluster shop-prod",
        "gurumi known lint our-issues/",
    )
)
def known(
    words: Annotated[
        list[str],
        typer.Argument(help='The text; - reads it from standard input. "lint [PATH]" checks a shelf instead.'),
    ],
    issues: Annotated[str, typer.Option("--issues", help="Another shelf: a YAML file or a folder of them.")] = "",
    cluster: ClusterOption = "",
    namespace: NamespaceOption = "",
    lang: LanguageOption = "",
    form: FormatOption = Format.TEXT,
) -> None:
    """The known issues that match a text. The best first; none when nothing is known.

    With --cluster each match is judged there: what its check does not find, and what is bound to other versions, comes
    last and says so.
    """
    _language(lang)
    if words[0] == "lint" and len(words) < 3:
        from bot import reading

        raise typer.Exit(reading.lint(words[1] if len(words) > 1 else issues, language=lang, form=form))
    text = terminal.text_of("-") if words == ["-"] else terminal.typed(" ".join(words))
    if not text.strip():
        terminal.stop('the text is empty; try: gurumi known "ImagePullBackOff no basic auth credentials"')
    if issues:
        from bot import reading

        raise typer.Exit(reading.known(text, issues, language=lang, form=form))
    settings = terminal.settings_or_exit()
    asked = f"known {text}"
    raise typer.Exit(terminal.ask(asked, settings, cluster=cluster, namespace=namespace, language=lang, form=form))


@app.command(epilog=_examples("gurumi migrate"))
def migrate() -> None:
    """Bring the database's schema up to date.

    Of the database at GURUMI_DATABASE_URL, else of the SQLite file in the user's data directory. A second run changes
    nothing.
    """
    from integrations.store import Store

    settings = terminal.settings_or_exit()
    with terminal.complaints():
        store = Store(settings.database)
        store.migrate()
        store.check()
        store.close()
    typer.echo("The database is up to date.")


@app.command(epilog=_examples("gurumi manifest", "gurumi manifest --http https://gurumi.example.com/slack/events"))
def manifest(
    name: Annotated[str, typer.Option("--name", help="The app's name in the workspace.")] = "Gurumi",
    http: Annotated[
        str,
        typer.Option("--http", metavar="URL", help="For HTTP: where Slack reaches the bot, https://…/slack/events."),
    ] = "",
) -> None:
    """The Slack app's manifest. Paste it under "Create an app from a manifest"."""
    import json

    from bot.slack.manifest import manifest as app_manifest
    from bot.wiring import ticket_desk
    from commands.registry import registry

    if not name.strip():
        terminal.stop("--name wants the app's name in the workspace, which is not empty")
    if http and not http.startswith("https://"):
        terminal.stop(f"--http wants an address that begins with https://, not {http!r}")
    settings = terminal.settings_or_exit()
    forms = [registered.command for registered in registry().values()]
    with terminal.complaints():
        hears_posts = bool(ticket_desk(settings).channels)
    made = app_manifest(name, settings.slash_command, forms, http, hears_posts)
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _language(lang: str) -> None:
    if lang and lang not in ("en", "ko"):
        terminal.stop(f"--lang knows en and ko, not {lang!r}")


def main() -> None:
    """Entry point of the installed program. Ends at once: a cluster that hangs must not hold up the exit too."""
    status = 0
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a library's warning is for whoever writes programs
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # where a terminal cannot show a sign, the rest is shown all the same
    try:
        app(prog_name="gurumi")
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
