"""Logs of many languages and servers are read as facts; the cause is told from what followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.facts.log_facts import LogFact, facts, lead, plain
from knowledge.facts.log_patterns import FactKind
from knowledge.snapshot import Log


def cause(text: str) -> LogFact:
    found = lead(facts(Log(tuple(text.strip("\n").splitlines()))))
    assert found, text
    return found


@pytest.mark.parametrize(
    ("line", "kind", "host", "port"),
    [
        ("dial tcp 10.96.3.2:7070: connect: connection refused", FactKind.REFUSED, "10.96.3.2", 7070),
        (
            'Post "http://payments:8080/charge": dial tcp 10.1.2.3:8080: connect: connection refused',
            FactKind.REFUSED,
            "payments",
            8080,
        ),
        ("dial tcp: lookup orders-db on 10.96.0.10:53: no such host", FactKind.NO_SUCH_HOST, "orders-db", 0),
        ("Error: connect ECONNREFUSED 10.96.1.9:5432", FactKind.REFUSED, "10.96.1.9", 5432),
        ("Error: getaddrinfo ENOTFOUND orders-db", FactKind.NO_SUCH_HOST, "orders-db", 0),
        ("java.net.UnknownHostException: orders-db", FactKind.NO_SUCH_HOST, "orders-db", 0),
        (
            "org.postgresql.util.PSQLException: Connection to orders-db:5432 refused. Check that the hostname",
            FactKind.REFUSED,
            "orders-db",
            5432,
        ),
        (
            'OperationalError: connection to server at "orders-db" (10.0.0.1), port 5432 failed: Connection refused',
            FactKind.REFUSED,
            "orders-db",
            5432,
        ),
        (
            'OperationalError: could not translate host name "orders-db" to address: Name or service not known',
            FactKind.NO_SUCH_HOST,
            "orders-db",
            0,
        ),
        (
            "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.",
            FactKind.REFUSED,
            "cache",
            6379,
        ),
        (
            "HTTPConnectionPool(host='prices', port=7071): Max retries exceeded with url: / (Caused by "
            "NewConnectionError('x: Failed to establish a new connection: [Errno 111] Connection refused'))",
            FactKind.REFUSED,
            "prices",
            7071,
        ),
        (
            "System.Net.Http.HttpRequestException: Connection refused (orders:8080)",
            FactKind.REFUSED,
            "orders",
            8080,
        ),
        (
            "pymongo.errors.ServerSelectionTimeoutError: mongo:27017: [Errno 111] Connection refused",
            FactKind.REFUSED,
            "mongo",
            27017,
        ),
        (
            "2026/01/15 05:12:00 [error] 7#7: *1 connect() failed (111: Connection refused) while connecting, "
            'upstream: "http://10.0.0.9:8080/"',
            FactKind.REFUSED,
            "10.0.0.9",
            8080,
        ),
        (
            'nginx: [emerg] host not found in upstream "orders" in /etc/nginx/x.conf:3',
            FactKind.NO_SUCH_HOST,
            "orders",
            0,
        ),
        (
            "Connection to node -1 (kafka/10.0.0.1:9092) could not be established. Broker may not be available.",
            FactKind.REFUSED,
            "kafka",
            9092,
        ),
        ("dial tcp 10.1.1.1:443: i/o timeout", FactKind.TIMED_OUT, "10.1.1.1", 443),
        ("connecting to mysql://app:x@orders-db:3306: connection timed out", FactKind.TIMED_OUT, "orders-db", 3306),
    ],
)
def test_a_dependency_is_named_by_host_and_port(line: str, kind: FactKind, host: str, port: int) -> None:
    fact = cause(line)
    assert (fact.kind, fact.host, fact.port) == (kind, host, port)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Access denied for user 'app'@'10.0.0.1' (using password: YES)", FactKind.AUTH_REFUSED),
        ('FATAL: password authentication failed for user "app"', FactKind.AUTH_REFUSED),
        ("WRONGPASS invalid username-password pair or user is disabled.", FactKind.AUTH_REFUSED),
        ("The MySQL server is running with the --read-only option so it cannot execute this", FactKind.READ_ONLY),
        ("READONLY You can't write against a read only replica.", FactKind.READ_ONLY),
        ("ERROR: cannot execute INSERT in a read-only transaction", FactKind.READ_ONLY),
        ("FATAL: sorry, too many clients already", FactKind.EXHAUSTED),
        ("ERROR 1040 (HY000): Too many connections", FactKind.EXHAUSTED),
        ("x509: certificate has expired or is not yet valid", FactKind.CERTIFICATE),
        ("x509: certificate signed by unknown authority", FactKind.CERTIFICATE),
        ("listen tcp :8080: bind: address already in use", FactKind.ADDRESS_IN_USE),
        ("open /data/x: permission denied", FactKind.PERMISSION),
        ("mkdir: cannot create directory '/data/x': Permission denied", FactKind.PERMISSION),
        ("OSError: [Errno 30] Read-only file system: '/app/tmp'", FactKind.READ_ONLY_FS),
        ("write /data/wal: no space left on device", FactKind.NO_SPACE),
        ("java.lang.OutOfMemoryError: Java heap space", FactKind.OUT_OF_MEMORY),
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", FactKind.OUT_OF_MEMORY),
        ("exec /app/server: exec format error", FactKind.EXEC_FORMAT),
        ("Error: unknown flag: --listen-addr", FactKind.BAD_FLAG),
        ("flag provided but not defined: -listen", FactKind.BAD_FLAG),
        ("panic: yaml: line 3: mapping values are not allowed in this context", FactKind.BAD_CONFIG),
        ('nginx: [emerg] unknown directive "lisen" in /etc/nginx/nginx.conf:3', FactKind.BAD_CONFIG),
        ("error: Dirty database version 12. Fix and force version.", FactKind.MIGRATION),
        ("license expired on 2026-01-01", FactKind.LICENSE),
        ("fatal error: all goroutines are asleep - deadlock!", FactKind.DEADLOCK),
        ("sh: 1: gunicorn: not found", FactKind.MISSING_FILE),
        ("can't open file '/app/main.py': [Errno 2] No such file or directory", FactKind.MISSING_FILE),
        ('strconv.Atoi: parsing "80a": invalid syntax', FactKind.BAD_SETTING),
    ],
)
def test_a_line_says_what_kind_of_thing_went_wrong(line: str, kind: FactKind) -> None:
    assert cause(line).kind is kind


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("KeyError: 'DB_URL'", "DB_URL"),
        ("environment variable DB_URL is not set", "DB_URL"),
        ("Error: DB_URL is required", "DB_URL"),
        ('env: required environment variable "DB_URL" is not set', "DB_URL"),
        ("required key DB_URL missing value", "DB_URL"),
        ("missing required environment variable: DB_URL", "DB_URL"),
        ("Could not resolve placeholder 'db.url' in value \"${db.url}\"", "db.url"),
        ("환경 변수 DB_URL이 설정되지 않았습니다", "DB_URL"),
    ],
)
def test_a_missing_setting_is_named(line: str, name: str) -> None:
    fact = cause(line)
    assert (fact.kind, fact.name) == (FactKind.MISSING_SETTING, name)


def test_what_the_api_server_forbids_is_told_with_user_verb_and_resource() -> None:
    fact = cause(
        'pods is forbidden: User "system:serviceaccount:shop:web" cannot list resource "pods" in API group "" in the '
        'namespace "shop"'
    )
    assert (fact.user, fact.verb, fact.resource, fact.namespace) == (
        "system:serviceaccount:shop:web",
        "list",
        "pods",
        "shop",
    )


def test_of_chained_python_exceptions_the_first_is_the_cause() -> None:
    fact = cause(
        """
2026-01-15T05:12:00Z starting
Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    url = os.environ["DB_URL"]
KeyError: 'DB_URL'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 9, in <module>
    raise RuntimeError("cannot start")
RuntimeError: cannot start
"""
    )
    assert (fact.kind, fact.line, fact.index) == (FactKind.MISSING_SETTING, "KeyError: 'DB_URL'", 4)


def test_of_a_java_exception_the_deepest_cause_counts_and_the_outer_ones_name_the_host() -> None:
    fact = cause(
        """
Exception in thread "main" java.lang.IllegalStateException: cannot reach http://orders:8080/health
\tat com.example.Main.main(Main.java:5)
Caused by: java.io.IOException: request failed
\tat com.example.Client.get(Client.java:5)
\t... 12 more
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.connect(Net.java:1)
"""
    )
    assert (fact.kind, fact.host, fact.port) == (FactKind.REFUSED, "orders", 8080)
    assert fact.line == "java.net.ConnectException: Connection refused"


def test_the_first_error_wins_over_the_panic_that_it_leads_to() -> None:
    fact = cause(
        """
level=info msg="starting"
level=error msg="ping database" err="dial tcp: lookup orders-db: no such host"
panic: could not start

goroutine 1 [running]:
main.main()
\t/src/main.go:12 +0x1d
exit status 2
"""
    )
    assert (fact.kind, fact.host) == (FactKind.NO_SUCH_HOST, "orders-db")


def test_a_fault_of_the_code_wins_over_an_earlier_error_that_was_survived() -> None:
    fact = cause(
        """
ERROR failed to send metrics: dial tcp 10.0.0.1:4317: connect: connection refused
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]
"""
    )
    assert (fact.kind, fact.fatal) == (FactKind.CRASH, True)


def test_a_warning_that_was_retried_is_no_cause_when_an_error_follows() -> None:
    fact = cause(
        """
WARN cache: dial tcp 10.0.0.7:6379: connect: connection refused, retrying
ERROR environment variable TOKEN_FILE is not set
"""
    )
    assert fact.kind is FactKind.MISSING_SETTING


def test_json_colours_and_stamps_do_not_hide_a_fact() -> None:
    fact = cause(
        '{"level":"error","ts":1768453920,"msg":"boot failed","error":"listen tcp :9090: bind: address already in use"}'
    )
    assert (fact.kind, fact.port) == (FactKind.ADDRESS_IN_USE, 9090)
    fact = cause("\x1b[31m2026-01-15T05:12:00.1Z ERROR\x1b[0m listen EADDRINUSE: address already in use :::3000")
    assert (fact.kind, fact.port) == (FactKind.ADDRESS_IN_USE, 3000)
    assert plain('2026-01-15T05:12:00Z {"level":"info","msg":"안녕"}') == "안녕"


def test_rust_dotnet_and_settings_classes_are_understood() -> None:
    assert cause("thread 'main' panicked at src/main.rs:4:5:\nconfig key PORT is not set").name == "PORT"
    dotnet = cause(
        "Unhandled exception. System.AggregateException: One or more errors ---> "
        "System.Net.Sockets.SocketException: Connection refused (orders:8080)"
    )
    assert (dotnet.kind, dotnet.host) == (FactKind.REFUSED, "orders")
    pydantic = cause("1 validation error for Settings\nDB_URL\n  Field required [type=missing]")
    assert (pydantic.kind, pydantic.name) == (FactKind.MISSING_SETTING, "DB_URL")


def test_a_healthy_log_holds_no_fact() -> None:
    log = Log(("2026-01-15T05:12:00Z INFO listening on :8080", "INFO GET /health 200", "connected to orders-db:5432"))
    assert facts(log) == ()


@given(st.lists(st.text(max_size=80), max_size=30))
def test_no_log_breaks_it(lines: list[str]) -> None:
    lead(facts(Log(tuple(lines))))


_PIECES = st.sampled_from(
    [
        "Traceback (most recent call last):",
        "  File x",
        "Caused by: java.net.ConnectException: Connection refused",
        "\tat a.b.C",
        "panic: ",
        "java.lang.IllegalStateException: x",
        "{",
        '{"msg": 1}',
        "thread 'main' panicked at x",
        "3 validation errors for Settings",
        "APPLICATION FAILED TO START",
        "During handling of the above exception, another exception occurred:",
        "",
    ]
)


@given(st.lists(_PIECES, max_size=25))
def test_no_mixture_of_cut_traces_breaks_it(lines: list[str]) -> None:
    lead(facts(Log(tuple(lines))))
