"""What error lines of common runtimes, databases, brokers and proxies look like: data for ``log_facts``.

The first pattern that fits a line decides. Named groups: host, port, user, verb, resource, namespace, name.
"""

import re
from enum import StrEnum
from functools import cache

from knowledge.facts.sieve import Sieve


class FactKind(StrEnum):
    """What a line of a log says has gone wrong."""

    REFUSED = "connection refused"
    TIMED_OUT = "timed out"
    NO_SUCH_HOST = "no such host"
    AUTH_REFUSED = "authentication refused"
    READ_ONLY = "read-only dependency"
    EXHAUSTED = "dependency exhausted"
    NOT_READY = "dependency not ready"
    UPSTREAM = "upstream error"
    RBAC = "forbidden by RBAC"
    CERTIFICATE = "certificate"
    ADDRESS_IN_USE = "address in use"
    PERMISSION = "permission denied"
    READ_ONLY_FS = "read-only file system"
    NO_SPACE = "no space left"
    OUT_OF_MEMORY = "out of memory"
    EXEC_FORMAT = "exec format error"
    MISSING_SETTING = "missing setting"
    BAD_SETTING = "bad setting"
    BAD_FLAG = "bad flag"
    BAD_CONFIG = "bad configuration"
    MISSING_FILE = "missing file"
    MIGRATION = "migration"
    LICENSE = "license"
    DEADLOCK = "deadlock"
    CRASH = "unhandled exception"
    ERROR = "error"


NETWORK = frozenset(
    {
        FactKind.REFUSED,
        FactKind.TIMED_OUT,
        FactKind.NO_SUCH_HOST,
        FactKind.AUTH_REFUSED,
        FactKind.READ_ONLY,
        FactKind.EXHAUSTED,
        FactKind.NOT_READY,
        FactKind.UPSTREAM,
    }
)
"""Facts about somebody else: a dependency."""

_HOST = r"(?P<host>[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?)"
_PORT = r"(?P<port>\d{2,5})"
_NAME = r"(?P<name>[A-Za-z_][A-Za-z0-9_.:-]{0,119}[A-Za-z0-9_])"
_ENV = r"(?P<name>[A-Z][A-Z0-9_]{2,80})"
_PATH = r"(?P<name>/[^\s'\":,)\]]{1,200})"

_TABLE: tuple[tuple[FactKind, str], ...] = (
    (
        FactKind.RBAC,
        r"is forbidden: User \"(?P<user>[^\"]+)\" cannot (?P<verb>\w+) resource \"(?P<resource>[^\"]+)\""
        r"(?: in API group \"[^\"]*\")?(?: in the namespace \"(?P<namespace>[^\"]+)\")?",
    ),
    (FactKind.EXEC_FORMAT, r"(?i:exec(?:ve)? format error|no match for platform in manifest)"),
    # Authentication, before "refused" in general
    (FactKind.AUTH_REFUSED, r"Access denied for user '(?P<user>[^']*)'(?:@'(?P<name>[^']*)')?"),
    (FactKind.AUTH_REFUSED, r"(?:password|Ident|Peer|SCRAM\S*) authentication failed for user \"(?P<user>[^\"]*)\""),
    (FactKind.AUTH_REFUSED, r"role \"(?P<user>[^\"]+)\" does not exist"),
    (FactKind.AUTH_REFUSED, r"no pg_hba\.conf entry for host \"[^\"]*\", user \"(?P<user>[^\"]+)\""),
    (FactKind.AUTH_REFUSED, r"\b(?:WRONGPASS|NOAUTH|NOPERM)\b"),
    (
        FactKind.AUTH_REFUSED,
        r"ACCESS_REFUSED|SaslAuthentication(?:Failed)?(?:Exception|Error)|(?i:sasl authentication failed)",
    ),
    (FactKind.AUTH_REFUSED, r"Login failed for user '(?P<user>[^']*)'"),
    (FactKind.AUTH_REFUSED, r"AuthenticationFailed|\bORA-01017\b"),
    (
        FactKind.AUTH_REFUSED,
        r"(?i:\bauthentication failed\b|\bauthentication required\b|\binvalid (?:username or password|credentials|"
        r"api[ -]?key|access token)\b|\bbad credentials\b|인증에? 실패)",
    ),
    (
        FactKind.AUTH_REFUSED,
        r"(?:(?i:status(?: ?code)?|response|returned|got|HTTP(?:/[\d.]+)?)[ :=\"]*(?:401|403)\b|"
        r"\b401 Unauthorized\b|\b403 Forbidden\b)",
    ),
    # A dependency that is up and refuses
    (
        FactKind.READ_ONLY,
        r"(?i:--read-only option|--super-read-only|READONLY You can't write|in a read-only transaction|"
        r"database is (?:in )?read[- ]only|not master and slaveOk=false|\bnot primary\b|NotWritablePrimary|"
        r"index read-only|read-only / allow delete|FORBIDDEN/12)",
    ),
    (
        FactKind.EXHAUSTED,
        r"(?i:too many connections|remaining connection slots|too many clients already|max(?:imum)? number of clients|"
        r"(?:connection )?pool (?:is )?(?:timeout|exhausted|timed out)|QueuePool limit|connection is not available, "
        r"request timed out|OOM command not allowed|max_user_connections|too many requests|\b429\b.{0,20}too many)",
    ),
    (
        FactKind.NOT_READY,
        r"(?i:leader[_ ]not[_ ]available|no leader|the database system is (?:starting up|shutting down|in recovery)|"
        r"LOADING Redis is loading|MISCONF Redis|CLUSTERDOWN|not enough (?:in-sync )?replicas|"
        r"NotEnoughReplicas|fewer in-sync replicas|"
        r"NoShardAvailable|vault is sealed|Unknown database '(?P<name>[^']+)'|database \"[^\"]+\" does not exist)",
    ),
    # Names
    (
        FactKind.NO_SUCH_HOST,
        rf"lookup {_HOST}(?::\d+)?(?: on [\d.:\[\]a-f]+)?: (?:no such host|server misbehaving|.*i/o timeout)",
    ),
    (FactKind.NO_SUCH_HOST, rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) {_HOST}(?::{_PORT})?"),
    (FactKind.NO_SUCH_HOST, rf"UnknownHostException: {_HOST}"),
    (FactKind.NO_SUCH_HOST, rf"could not translate host name \"{_HOST}\""),
    (FactKind.NO_SUCH_HOST, rf"Unknown (?:MySQL )?server host '{_HOST}'"),
    (FactKind.NO_SUCH_HOST, rf"host not found in upstream \"{_HOST}(?::{_PORT})?"),
    (FactKind.NO_SUCH_HOST, rf"Couldn't resolve server {_HOST}:{_PORT}"),
    (FactKind.NO_SUCH_HOST, rf"[Ff]ailed to resolve '{_HOST}'"),
    (FactKind.NO_SUCH_HOST, rf"could not resolve host:? '?{_HOST}"),
    (
        FactKind.NO_SUCH_HOST,
        rf"(?:Name or service not known|No such host is known\.?|"
        rf"nodename nor servname provided[^(]*) \({_HOST}:{_PORT}\)",
    ),
    (FactKind.NO_SUCH_HOST, rf"Error -\d+ connecting to {_HOST}:{_PORT}"),
    (
        FactKind.NO_SUCH_HOST,
        rf"(?:bad address|unknown host|(?i:could not resolve(?! placeholder)(?: host(?:name)?)?)|"
        rf"nslookup: can't resolve|ping: |Unable to resolve host) ['\"]?{_HOST}",
    ),
    (
        FactKind.NO_SUCH_HOST,
        r"(?i:no such host|name or service not known|temporary failure in name resolution|name does not resolve|"
        r"No resolvable bootstrap urls|NXDOMAIN|\bENOTFOUND\b|no address associated with hostname)",
    ),
    # Refused
    (FactKind.ADDRESS_IN_USE, rf"(?i:address already in use)[^0-9\n]{{0,24}}?(?::::?|[\d.]+:|port ){_PORT}"),
    (FactKind.ADDRESS_IN_USE, rf"(?i:listen|bind)\S*[^\n]{{0,40}}?:{_PORT}\b[^\n]{{0,40}}(?i:address already in use)"),
    (FactKind.ADDRESS_IN_USE, rf"(?i:port) {_PORT} (?i:was|is) (?i:already (?:in use|allocated|used))"),
    (FactKind.ADDRESS_IN_USE, rf"(?i:bind\S* .{{0,40}}:{_PORT} failed \(98)"),
    (FactKind.ADDRESS_IN_USE, r"(?i:address already in use|EADDRINUSE|Failed to bind to address)"),
    (
        FactKind.REFUSED,
        rf"dial (?:tcp|udp)\d? (?:\[?(?P<name>[\d.a-f:]+)\]?|"
        rf"{_HOST}):{_PORT}: (?:connect: )?(?:connection refused|no route to host|connection reset)",
    ),
    (FactKind.REFUSED, rf"connect ECONNREFUSED {_HOST}:{_PORT}"),
    (FactKind.REFUSED, rf"Connection to {_HOST}:{_PORT} refused"),
    (FactKind.REFUSED, rf"Connection refused: {_HOST}/[\d.]+:{_PORT}"),
    (FactKind.REFUSED, rf"Connect to (?:https?://)?{_HOST}:{_PORT}\S* (?:\[[^\]]*\] )?failed: Connection refused"),
    (FactKind.REFUSED, rf"Connection refused \({_HOST}:{_PORT}\)"),
    (
        FactKind.REFUSED,
        rf"connection to server (?:on socket \"[^\"]+\"|"
        rf"at \"{_HOST}\"(?: \([^)]+\))?, port {_PORT}) failed: Connection refused",
    ),
    (
        FactKind.REFUSED,
        rf"could not connect to server: Connection refused.{{0,80}}?(?:host \"{_HOST}\".{{0,40}}port {_PORT})?",
    ),
    (FactKind.REFUSED, rf"Error 111 connecting to {_HOST}:{_PORT}"),
    (FactKind.REFUSED, rf"Can't connect to MySQL server on '{_HOST}(?::{_PORT})?'(?: \(11[01]\)| \(\[Errno 111\])?"),
    (FactKind.REFUSED, rf"Connection to node -?\d+ \({_HOST}/[\d.]+:{_PORT}\) could not be established"),
    (FactKind.REFUSED, rf"Cannot connect to host {_HOST}:{_PORT}"),
    (FactKind.REFUSED, rf"{_HOST}:{_PORT}: \[Errno 111\] Connection refused"),
    (FactKind.REFUSED, rf"Unable to connect to {_HOST}:{_PORT}"),
    (
        FactKind.REFUSED,
        r"(?i:connection refused|ECONNREFUSED|\[Errno 111\]|connect\(\) failed \(111|"
        r"run out of available brokers|no brokers available|NoBrokersAvailable|AMQPConnectionError|"
        r"It was not possible to connect to the redis server|no route to host|EHOSTUNREACH|"
        r"no live upstreams|연결이? 거부)",
    ),
    # Certificates
    (
        FactKind.CERTIFICATE,
        r"(?i:x509: (?P<name>[^\n]{1,160})|certificate has expired|certificate verify failed|"
        r"CERTIFICATE_VERIFY_FAILED|"
        r"PKIX path (?:building|validation) failed|unable to (?:verify the first|get local issuer) certificate|"
        r"self[- ]signed certificate|CERT_HAS_EXPIRED|CertificateExpiredException|DEPTH_ZERO_SELF_SIGNED_CERT)",
    ),
    # The pod's own world
    (
        FactKind.OUT_OF_MEMORY,
        r"(?i:OutOfMemoryError|heap out of memory|cannot allocate memory|runtime: out of memory|"
        r"std::bad_alloc)|^MemoryError\b",
    ),
    (
        FactKind.NO_SPACE,
        r"(?i:no space left on device|ENOSPC|\[Errno 28\]|disk is full|could not extend file|No disk space)",
    ),
    (FactKind.READ_ONLY_FS, rf"(?i:read-only file ?system|EROFS|\[Errno 30\])[^/\n]{{0,40}}{_PATH}"),
    (FactKind.READ_ONLY_FS, rf"{_PATH}[^\n]{{0,40}}(?i:read-only file ?system)"),
    (FactKind.READ_ONLY_FS, r"(?i:read-only file ?system|EROFS|\[Errno 30\])"),
    (FactKind.PERMISSION, rf"(?i:permission denied|EACCES|\[Errno 13\]|AccessDeniedException:?)[^/\n]{{0,40}}{_PATH}"),
    (FactKind.PERMISSION, rf"{_PATH}[^\n]{{0,30}}(?i:permission denied)"),
    (FactKind.AUTH_REFUSED, r"(?i:permission denied for (?:table|schema|relation|database|sequence) (?P<name>\S+))"),
    (FactKind.PERMISSION, rf"(?i:listen|bind)\S* [^\n]{{0,40}}:{_PORT}[^\n]{{0,20}}(?i:permission denied)"),
    (FactKind.PERMISSION, r"(?i:permission denied|\bEACCES\b|operation not permitted|\bEPERM\b|권한이? (?:없|거부))"),
    # Settings
    (FactKind.MISSING_SETTING, rf"^(?:\w+\.)*KeyError: ['\"]{_ENV}['\"]"),
    (FactKind.MISSING_SETTING, rf"[Cc]ould not resolve placeholder '{_NAME}(?::[^']*)?'"),
    (FactKind.MISSING_SETTING, rf"required key {_NAME} missing value"),
    (
        FactKind.MISSING_SETTING,
        rf"(?i:(?:required )?(?:environment|env) ?(?:variable|var)s?) ?[:'\"`]*\s?{_NAME}['\"`]* "
        rf"(?i:(?:is |was )?(?:required|not (?:set|found|defined|present|specified)|missing|undefined|empty|unset)|"
        rf"should not be empty|must be (?:set|specified|defined)|not set)",
    ),
    (
        FactKind.MISSING_SETTING,
        rf"(?i:missing|undefined|unset|no)(?i: required| mandatory)? (?i:environment|env|"
        rf"config(?:uration)?|setting|option|parameter)"
        rf"(?i: ?(?:variable|var|key|value|setting|option|parameter))?s?:? ?['\"`(]*{_NAME}",
    ),
    (
        FactKind.MISSING_SETTING,
        rf"\b{_ENV}['\"`]*:? (?i:(?:is |was |environment variable |"
        rf"env(?:ironment)? var(?:iable)? )*(?:is )?(?:required|not set|not defined|"
        rf"missing|undefined|empty|unset|must be (?:set|specified|defined|provided)|should not be empty|"
        rf"cannot be (?:empty|blank)|must not be (?:empty|blank)))",
    ),
    (FactKind.MISSING_SETTING, rf"(?i:missing required)[^\n]{{0,60}}?[:'\" ]{_NAME}"),
    (FactKind.MISSING_SETTING, rf"(?i:you (?:must|need to) (?:set|specify|provide|define)) [^\n]{{0,60}}?{_ENV}"),
    (FactKind.MISSING_SETTING, rf"(?i:set|provide|specify)\s+(?:the )?{_ENV} (?i:environment|env)"),
    (FactKind.MISSING_SETTING, r"Database is uninitialized and (?:superuser )?password (?:option )?is not specified"),
    (FactKind.MISSING_SETTING, rf"환경 ?변수 ?['\"`]?{_NAME}['\"`]?[^\n]{{0,20}}(?:없|설정되지|필요|누락)"),
    (FactKind.MISSING_SETTING, rf"{_ENV}[^\n]{{0,20}}(?:설정되지 않|누락|없습니다)"),
    (
        FactKind.BAD_FLAG,
        r"(?i:unknown (?:shorthand )?flag:?|flag provided but not defined:|unrecognized (?:arguments?|option):?|"
        r"unknown (?:option|argument|long flag|command):?|no such option:?|illegal option(?: --)?|"
        r"invalid option(?: --)?|"
        r"unexpected argument|found argument) ?['\"`]?(?P<name>-{0,2}[\w=.-]+)",
    ),
    (FactKind.BAD_SETTING, r"strconv\.\w+: parsing \"(?P<name>[^\"]*)\": (?:invalid syntax|value out of range)"),
    (FactKind.BAD_SETTING, r"invalid literal for int\(\) with base \d+: '(?P<name>[^']*)'"),
    (
        FactKind.BAD_SETTING,
        r"(?:NumberFormatException: For input string: \"(?P<name>[^\"]*)\"|could not convert string to float)",
    ),
    (
        FactKind.BAD_SETTING,
        r"(?i:time: invalid duration|invalid (?:port|url|dsn|connection string|value)\b|"
        r"unsupported (?:driver|scheme))",
    ),
    # Files
    (FactKind.MISSING_FILE, r"(?:ModuleNotFoundError|ImportError): No module named '?(?P<name>[\w.]+)"),
    (FactKind.MISSING_FILE, r"Cannot find (?:module|package) '(?P<name>[^']+)'"),
    (FactKind.MISSING_FILE, r"(?:Could not find or load main class|ClassNotFoundException:) (?P<name>\S+)"),
    (
        FactKind.MISSING_FILE,
        r"(?:Unable to access jarfile|can't open file|Could not open input file:|"
        r"cannot open shared object file:?) '?(?P<name>[^\s':]+)",
    ),
    (FactKind.MISSING_FILE, r"(?P<name>\S+\.so[\d.]*): cannot open shared object file"),
    (
        FactKind.MISSING_FILE,
        rf"(?i:no such file or directory|ENOENT|\[Errno 2\]|FileNotFoundException:|"
        rf"NoSuchFileException:|file not found)[^/\n]{{0,40}}{_PATH}",
    ),
    (FactKind.MISSING_FILE, rf"{_PATH}['\"]?[^\n]{{0,40}}(?i:no such file or directory|does not exist|not found)"),
    (FactKind.MISSING_FILE, r"(?:^|: )(?:\d+: |line \d+: )?(?P<name>[\w./-]+): (?:command )?not found$"),
    (FactKind.MISSING_FILE, r"exec: \"(?P<name>[^\"]+)\": (?:executable file not found|stat)"),
    (FactKind.MISSING_FILE, r"(?i:no such file or directory|\bENOENT\b)"),
    (
        FactKind.MIGRATION,
        r"(?i:dirty database version|migrations?\b[^\n]{0,60}\bfail|fail[^\n]{0,30}\bmigrat|"
        r"migration checksum mismatch|"
        r"FlywayException|relation \"(?P<name>[^\"]+)\" does not exist|column \"?[\w.]+\"? does not exist|"
        r"Table '(?:[^']+)' doesn't exist|change ?log lock|no such table|ProgrammingError|"
        r"UndefinedTable|마이그레이션[^\n]{0,20}실패)",
    ),
    (
        FactKind.BAD_CONFIG,
        r"(?i:yaml: (?:line \d+|unmarshal)|error converting yaml|yaml\.(?:scanner|parser)\.\w+|"
        r"mapping values are not allowed|"
        r"could not find expected ':'|JSONDecodeError|invalid character '.{1,4}' (?:looking|after|in)|"
        r"unexpected end of JSON|"
        r"Unexpected token .{1,6} in JSON|is not valid JSON|toml(?:: |\.decoder|DecodeError)|"
        r"\[emerg\]|cannot unmarshal|"
        r"(?:failed|error|unable|could not) (?:to )?(?:parse|parsing|load|loading|read|reading|decode|"
        r"decoding|validate|validating) (?:the )?"
        r"(?:config\w*|settings?|properties)|invalid config\w*|config\w* (?:is )?invalid|"
        r"bad directive|unknown directive|"
        r"설정[^\n]{0,20}(?:오류|잘못))",
    ),
    (
        FactKind.LICENSE,
        r"(?i:licen[sc]e[^\n]{0,40}(?:expired|invalid|missing|not found|exceeded)|(?:invalid|expired|"
        r"no valid) licen[sc]e)",
    ),
    (FactKind.DEADLOCK, r"(?i:all goroutines are asleep - deadlock|deadlock (?:detected|found)|Deadlock found when)"),
    # Time and upstreams, late: these words also stand in other messages
    (
        FactKind.TIMED_OUT,
        rf"dial (?:tcp|udp)\d? (?:\[?(?P<name>[\d.a-f:]+)\]?|"
        rf"{_HOST}):{_PORT}: (?:connect: connection timed out|i/o timeout|.*deadline)",
    ),
    (FactKind.TIMED_OUT, rf"connect ETIMEDOUT {_HOST}:{_PORT}"),
    (FactKind.TIMED_OUT, rf"(?:connect|connection) timed out: {_HOST}/[\d.]+:{_PORT}"),
    (FactKind.TIMED_OUT, rf"[Tt]imeout (?:connecting|while connecting) to (?:server )?{_HOST}:{_PORT}"),
    (
        FactKind.TIMED_OUT,
        r"(?i:i/o timeout|connection timed out|connect(?:ion)? timeout|connecttimeout|read timed out|"
        r"\bETIMEDOUT\b|upstream timed out|"
        r"context deadline exceeded|SocketTimeoutException|ServerSelectionTimeoutError|"
        r"timeout expired|deadline_?exceeded|"
        r"request timed out|timed out (?:waiting|after|while)|시간 ?초과)",
    ),
    (
        FactKind.UPSTREAM,
        r"(?i:\b(?:502 bad gateway|503 service (?:temporarily )?unavailable|504 gateway time-?out)\b|"
        r"(?:status(?: ?code)?|returned|HTTP)[ :=\"]*50[0234]\b|"
        r"https?://[^\s\"']{3,200}[\"']?[: ,]+(?:\"?HTTP/\d(?:\.\d)? )?50[0234]\b|"
        r"\b50[0234] Server Error: [^\n]{0,60}for url\b)",
    ),
)


@cache
def patterns() -> Sieve[FactKind]:
    """Compiled when a log is first read: it takes longer than all else that a question without logs imports."""
    return Sieve(_TABLE)


PROGRAMMING = re.compile(
    r"(?i:nil pointer|null ?pointer|invalid memory address|index out of range|IndexError|AttributeError|TypeError|"
    r"NameError|SyntaxError|IndentationError|ReferenceError|NullReferenceException|"
    r"NoSuchMethodError|ZeroDivisionError|"
    r"divide by zero|AssertionError|ClassCastException|is not a function|Cannot read propert|undefined method|"
    r"ArrayIndexOutOfBounds|UnboundLocalError|StackOverflow|concurrent map|slice bounds)"
)
"""Faults of the code itself: these end a program whatever was logged before."""
