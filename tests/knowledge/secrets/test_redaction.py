"""No secret is shown, logged or kept; what only looks like one stays readable."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.secrets.redaction import MARK, redact

WORD = "NotReal0Fake1Secret2Value3"
HEX32 = "0123456789abcdef" * 2
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub3QtcmVhbCJ9.c2lnLW5vdC1yZWFsLWF0LWFsbA"
PEM_BODY = f"MIIEpAIBAAKCAQEAnotarealkey{'0' * 40}\nAbCdNotARealKeyEither{'1' * 40}\nZZ9="
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"
SSH_BODY = "b3BlbnNzaC1rZXktdjEAAAAAbm90YXJlYWxrZXkAAAAA"
ACCOUNT = json.dumps({"type": "service_account", "project_id": "shop", "private_key": PEM.replace("RSA ", "")})


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SECRETS = {
    "aws access key id": ("using AKIAIOSFODNN7EXAMPLE now", "AKIAIOSFODNN7EXAMPLE"),
    "aws temporary key id": ("id ASIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"),
    "aws secret key by name": (
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    "aws secret key beside its id": (
        "keys: AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    "aws credentials file": ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"),
    "google api key": (f"key AIzaSy{WORD}0123456", f"AIzaSy{WORD}0123456"),
    "google oauth token": (f"ya29.{WORD}", WORD),
    "google service account": (ACCOUNT, "MIIEpAIBAAKCAQEAnotarealkey"),
    "azure storage connection": (
        f"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={b64(WORD * 2)}==;EndpointSuffix=core.windows.net",
        b64(WORD * 2),
    ),
    "azure service bus": (
        f"Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey={WORD}=",
        WORD,
    ),
    "azure sas": (f"https://shop.blob.core.windows.net/c/b?sv=2022-11-02&sig={WORD}%3D&se=2026", WORD),
    "slack bot token": (f"xoxb-1234-5678-{WORD}", WORD),
    "slack user token": (f"xoxp-1234-{WORD}", WORD),
    "slack app token": (f"xapp-1-A1-2-{WORD}", WORD),
    "slack webhook": (f"https://hooks.slack.com/services/T000/B000/{WORD}", WORD),
    "github token": (f"ghp_{WORD}{WORD}", WORD),
    "github server token": (f"ghs_{WORD}{WORD}", WORD),
    "github fine-grained token": (f"github_pat_{WORD}_{WORD}", WORD),
    "gitlab token": (f"git clone with glpat-{WORD}", WORD),
    "npm token": (f"npm_{WORD}{WORD}", WORD),
    "npmrc": (f"//registry.example.com/:_authToken={WORD}", WORD),
    "pypi token": (f"pypi-AgEIcHlwaS5vcmc{WORD}", WORD),
    "stripe key": (f"sk_live_{WORD}", WORD),
    "sendgrid key": (f"SG.{WORD}.{WORD}", WORD),
    "twilio key": (f"sid AC1 key SK{HEX32}", HEX32),
    "model vendor key": (f"sk-proj-{WORD}", WORD),
    "vault token": (f"hvs.{WORD}", WORD),
    "fernet token": (f"token issued gAAAAAB{WORD}{WORD}", WORD),
    "jwt": (f"got {JWT} from peer", "c2lnLW5vdC1yZWFsLWF0LWFsbA"),
    "jwt without a signature yet": (f"cut {JWT.rpartition('.')[0]}", "eyJzdWIiOiJub3QtcmVhbCJ9"),
    "private key": (PEM, "MIIEpAIBAAKCAQEAnotarealkey"),
    "private key on one line": (json.dumps({"k": PEM}), "AbCdNotARealKeyEither"),
    "private key cut short": (PEM[:120] + "\nthanks for looking", "MIIEpAIBAAKCAQEAnotarealkey"),
    "private key without its head": ("log:\n" + PEM.partition("-\n")[2], "AbCdNotARealKeyEither"),
    "ssh private key": (
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SSH_BODY}\n-----END OPENSSH PRIVATE KEY-----",
        SSH_BODY,
    ),
    "address with a password": ("postgres://shop:hunter2@db:5432/shop", "hunter2"),
    "password with an at sign": ("postgres://shop:hun@ter2@db:5432/shop", "hun@ter2"),
    "password with a slash": ("amqp://shop:hun/ter2@mq:5672/", "hun/ter2"),
    "redis without a user": ("redis://:hunter2@cache:6379/0", "hunter2"),
    "mongodb with several hosts": ("mongodb+srv://shop:hunter2@a:27017,b:27017/?w=majority", "hunter2"),
    "token as a user": (f"https://{WORD}@git.example.com/shop.git", WORD),
    "jdbc": ("jdbc:postgresql://db:5432/shop?user=shop&password=hunter2&ssl=true", "hunter2"),
    "jdbc oracle": ("jdbc:oracle:thin:shop/hunter2@//db:1521/ORCL", "hunter2"),
    "odbc": ("Driver={ODBC 18};Server=db;Uid=shop;Pwd=hunter2;Encrypt=yes", "hunter2"),
    "flag with a space": ("app --user shop --password hunter2 --port 80", "hunter2"),
    "flag with an equals sign": ("app --password=hunter2 --port 80", "hunter2"),
    "flag in quotes": ("app --db-password 'hunter 2 three' --port 80", "hunter 2 three"),
    "token flag": (f"kubectl --token {WORD} get pods", WORD),
    "mysql flag": ("mysql -h db -u shop -phunter2 shop", "hunter2"),
    "mysql flag in quotes": ("mysqldump -u shop -p'hunter2' shop", "hunter2"),
    "curl user": ("curl -s -u shop:hunter2 https://api.example.com", "hunter2"),
    "sshpass": ("sshpass -p hunter2 ssh shop@host", "hunter2"),
    "redis cli": ("redis-cli -h cache -a hunter2 ping", "hunter2"),
    "literal of a secret": ("kubectl create secret generic x --from-literal=password=hunter2", "hunter2"),
    "bearer": (f"Authorization: Bearer {WORD}", WORD),
    "bearer in curl": (f"curl -H 'Authorization: Bearer {WORD}' https://x", WORD),
    "bearer alone": (f"sent bearer {WORD}", WORD),
    "basic": (f"Authorization: Basic {b64('shop:hunter2')}", b64("shop:hunter2")),
    "signed request": (f"Authorization: AWS4-HMAC-SHA256 Credential=A/b, Signature={HEX32}", HEX32),
    "api key header": (f"X-Api-Key: {WORD}", WORD),
    "auth token header": (f'-H "X-Auth-Token: {WORD}"', WORD),
    "cookie": ("Cookie: session=hunter2; theme=dark", "hunter2"),
    "set-cookie": ("Set-Cookie: JSESSIONID=hunter2hunter2; Path=/; HttpOnly", "hunter2hunter2"),
    "kubeconfig key": (f"    client-key-data: {b64(PEM)}", b64(PEM)[:40]),
    "kubeconfig token": ("users:\n- user:\n    token: notrealtoken", "notrealtoken"),
    "docker config": (json.dumps({"auths": {"r": {"auth": b64("shop:hunter2")}}}), b64("shop:hunter2")),
    "netrc": ("machine git.example.com login shop password hunter2", "hunter2"),
    "netrc over lines": ("machine git.example.com\nlogin shop\npassword hunter2", "hunter2"),
    "pgpass": ("db:5432:shop:shop:hunter2", "hunter2"),
    "yaml": ('password: "hunter2"', "hunter2"),
    "yaml block": ("password: |\n  hunter2", "hunter2"),
    "properties": ("spring.datasource.password=hunter2", "hunter2"),
    "passwd": ("passwd=hunter2", "hunter2"),
    "secret key": ("secret_key=hunter2", "hunter2"),
    "api key": ("api_key: hunter2", "hunter2"),
    "camel case": ('{"apiKey": "hunter2", "port": 80}', "hunter2"),
    "json": ('{"user":"shop","password":"hunter2"}', "hunter2"),
    "json in json": (json.dumps(json.dumps({"password": "hunter2", "port": 80})), "hunter2"),
    "json with quotes inside": (json.dumps({"password": 'hun"ter2'}), "ter2"),
    "json in a log line": ('level=info msg="{\\"password\\":\\"hunter2\\"}"', "hunter2"),
    "env": ("DB_PASSWORD=hunter2", "hunter2"),
    "env with signs": ("export DB_PASSWORD=hun&ter2;x,y", "ter2;x,y"),
    "env of a digit password": ("PGPASSWORD=20261124", "20261124"),
    "env of a numbered name": ("DB_PASSWORD_2=hunter2", "hunter2"),
    "env in a manifest": ("- name: DB_PASSWORD\n  value: hunter2\n- name: PORT\n  value: '80'", "hunter2"),
    "env in json": ('{"name":"API_TOKEN","value":"hunter2"}', "hunter2"),
    "env in describe": ("      DB_PASSWORD:  hunter2\n      PORT: 80", "hunter2"),
    "random value of a key": (f"SIGNATURE_KEY={WORD}", WORD),
    "short name": ("DB_PASS=hunter2", "hunter2"),
    "value of a secret manifest": ("apiVersion: v1\nkind: Secret\ndata:\n  colour: Ymx1ZQ==\n", "Ymx1ZQ=="),
    "value before the kind": ("apiVersion: v1\nstringData:\n  colour: blue\nkind: Secret\n", "blue"),
    "secret manifest in json": ('{"kind":"Secret","data":{"colour":"Ymx1ZQ=="}}', "Ymx1ZQ=="),
    "openstack application credential": ("OS_APPLICATION_CREDENTIAL_SECRET=hunter2-x", "hunter2-x"),
    "openstack clouds.yaml": ("      application_credential_secret: hunter2-x", "hunter2-x"),
    "vault approle": ("secret_id: 8f14e45f-ceea-467f-9575-1b6f0d1d0000", "8f14e45f-ceea-467f-9575-1b6f0d1d0000"),
    "bootstrap token": ("kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef", "abcdef.0123456789abcdef"),
    "service account token": (f"cat /var/run/secrets/token\n{JWT}", JWT),
    "password hash": ("shop:$2y$10$notarealhashnotarealhashnotarealhash", "notarealhash"),
    "base64 of a setting": (f"data {b64('password=hunter2')}", b64("password=hunter2")),
    "base64 of a key": (f"data {b64(PEM)}", b64(PEM)[:40]),
    "base64 of a service account": (b64(ACCOUNT), b64(ACCOUNT)[:40]),
    "korean label": ("비밀번호: hunter2", "hunter2"),
    "korean short label": ("비번 hunter2! 입니다", "hunter2!"),
    "korean sentence": ("DB 암호는 hunter2입니다.", "hunter2"),
    "korean loan word": ("패스워드=hunter2", "hunter2"),
    "korean token": ("토큰: notrealtoken", "notrealtoken"),
    "english sentence": ("the password is hunter2, thanks", "hunter2"),
    "label in prose": ("my password: swordfish", "swordfish"),
    "chat formatting": ("`password`: `swordfish`", "swordfish"),
    "resident registration number": ("주민번호 900101-1234567 입니다", "900101-1234567"),
    "resident number of this century": ("id 051231-4234567", "051231-4234567"),
    "resident number without a hyphen": ("9001011234568", "9001011234568"),
    "card": ("card 4111 1111 1111 1111", "4111 1111 1111 1111"),
    "card with hyphens": ("5555-5555-5555-4444", "5555-5555-5555-4444"),
    "card of fifteen digits": ("378282246310005", "378282246310005"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_goes_and_the_mark_stands_in_its_place(name: str) -> None:
    text, secret = SECRETS[name]
    assert secret in text
    told = redact(text)
    assert secret not in told
    assert MARK in told


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_goes_from_the_middle_of_a_log_too(name: str) -> None:
    text, secret = SECRETS[name]
    told = redact(f"2026-11-24T05:12:00Z INFO started\n{text}\n2026-11-24T05:12:01Z ERROR OOMKilled exit code 137")
    assert secret not in told
    assert told.startswith("2026-11-24T05:12:00Z INFO started\n")
    assert told.endswith("\n2026-11-24T05:12:01Z ERROR OOMKilled exit code 137")


AROUND = {
    "postgres://shop:hunter2@db:5432/shop": "postgres://shop:[redacted]@db:5432/shop",
    "jdbc:mysql://db/shop?user=shop&password=hunter2&ssl=true": "jdbc:mysql://db/shop?user=shop&password=[redacted]&ssl=true",
    "Server=db;Uid=shop;Pwd=hunter2;Encrypt=yes": "Server=db;Uid=shop;Pwd=[redacted];Encrypt=yes",
    'connect(user="shop", password="hunter2", host="db")': 'connect(user="shop", password="[redacted]", host="db")',
    "dsn (password=hunter2) refused": "dsn (password=[redacted]) refused",
    "password=hunter2, host=db": "password=[redacted], host=db",
    '{"password":"hunter2","host":"db"}': '{"password":"[redacted]","host":"db"}',
    "DB_PASSWORD=hunter2\nDB_HOST=db": "DB_PASSWORD=[redacted]\nDB_HOST=db",
    "curl -H 'Authorization: Bearer 0123456789abc' https://x/y": "curl -H 'Authorization: Bearer [redacted]' https://x/y",
    "암호는 hunter2입니다": "암호는 [redacted]입니다",
    "mysql -u shop -phunter2 shop": "mysql -u shop -p[redacted] shop",
    "redis://:hunter2@cache:6379/0 timed out": "redis://:[redacted]@cache:6379/0 timed out",
}


@pytest.mark.parametrize("text", AROUND)
def test_only_the_value_goes(text: str) -> None:
    assert redact(text) == AROUND[text]


READABLE = f"""
uid 0d9f5b1e-6c2a-4b7e-9a51-3f0c8d2e7b64
image registry.example.com/shop/cart@sha256:{HEX32}{HEX32}
imageID: docker-pullable://shop/cart@sha256:{HEX32}{HEX32}
commit {HEX32}01234567
pod cart-7d9f8b6c5d-x2x4z, StatefulSet db-0, Job report-28934520-k7x2p
pod sk-broker-7d9f8b6c5d-x2x4z-northeast
FATAL: password authentication failed for user "shop"
FATAL: password authentication failed for user: shop
Access denied for user 'shop'@'10.0.0.7' (using password: YES)
WRONGPASS invalid username-password pair or user is disabled.
MountVolume.SetUp failed for volume "c": secret "db-auth" not found
couldn't find key token in Secret shop/db-auth
Error: secret "db-auth" not found
DB_PASSWORD:  <set to the key 'password' in secret 'db-auth'>  Optional: false
token expired
token: expired
invalid token: token is expired by 5m
failed to refresh token: oauth2: cannot fetch token: 401 Unauthorized
verifying token: signature is invalid
the password is wrong
the password is required
password: required
resourceVersion: "4111111111111112"
resourceVersion=184467440737
generation=4 observedGeneration=4
log id bG9nIGlkIG9mIG5vdGhpbmcgc3BlY2lhbA==
2026-11-24T05:12:00.123456789Z
2026-11-24 05:12:00,123 +0900
epoch 1763961120123
10.12.40.7:5432 and fd00::1
v1.34.2-eks-1234567
kubectl create secret generic x
kubectl get secret db-auth -o yaml
exit code 137
-Xmx512m -Xms512m
limits.memory=2Gi requests.cpu=250m
containerd://{HEX32}{HEX32}
MAC 0a:58:0a:f4:01:1b
010-1234-5678
02-123-4567
https://docs.example.com/path?page=2&sort=key#token
http://cart.shop.svc.cluster.local:8080/healthz
http://localhost:8080/users/a@example.com
passwordless login is on
--token-file=/var/run/secrets/token
--password-stdin
token-auth-file: /etc/kubernetes/tokens.csv
GOOGLE_APPLICATION_CREDENTIALS=/etc/gcp/key.json
DB_PASSWORD_FILE=/run/secrets/db
secretName: db-auth
secretKeyRef
valueFrom: secretKeyRef: name: db-auth
secretKeyRef: {{name: db-auth, key: password}}
key: password
name: DB_PASSWORD
existingSecret: db-auth
imagePullSecrets: [regcred]
secret: shop/db-auth
automountServiceAccountToken: false
serviceAccountToken: {{expirationSeconds: 3607}}
tokenExpirationSeconds: 3600
max_tokens=4096
PARTITION_KEY=user_id
password: ${{DB_PASSWORD}}
--password=$(DB_PASSWORD)
postgres://shop:$(DB_PASSWORD)@db:5432/shop
token: {{{{ .Values.token }}}}
key="shop/cart-7d9f8b6c5d-x2x4z" err="pods is forbidden"
비밀번호 오류
비밀번호 오류로 DB 접속이 안 됩니다
비밀번호를 바꾼 뒤부터 안 됩니다
비밀번호는 맞는데 인증 실패합니다
비밀번호: 확인 부탁드립니다
비밀번호는 db-auth Secret에 있습니다
토큰 만료로 401 이 납니다
암호화 방식은 TLS 입니다
password_hash_rounds = 4
Type: kubernetes.io/service-account-token
User "system:serviceaccount:shop:cart" cannot list resource "secrets" in API group ""
error: You must be logged in to the server (Unauthorized)
authorization: RBAC: access denied
basic authentication is off
bearer authentication failed
certificate-authority-data: {b64("-----BEGIN CERTIFICATE-----" + chr(10) + "MIIC" + "A" * 40)}
kubectl.kubernetes.io/restartedAt: "2026-11-24T05:12:00+09:00"
mysql -h db -u shop -p shop-db < dump.sql
spec.template.spec.containers[0].env[3]
""".strip().splitlines()


@pytest.mark.parametrize("line", READABLE)
def test_what_only_looks_like_a_secret_stays_readable(line: str) -> None:
    assert redact(line) == line


def test_the_data_of_a_config_map_stays_readable_beside_a_secret() -> None:
    text = "kind: ConfigMap\ndata:\n  colour: blue\n---\nkind: Secret\ndata:\n  colour: cmVk\n---\nkind: Pod\n"
    assert redact(text) == text.replace("cmVk", MARK)


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from([text for text, _ in SECRETS.values()] + READABLE + [MARK]),
    st.sampled_from(
        ["password", "token", "=", ": ", '"', "'", "\\", "\n", " ", "--", "://", "@", ";", "&", "비밀번호", "İ", "ß"]
    ),
)
texts = st.lists(pieces, max_size=12).map("".join)


@given(texts)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(redact(text), str)


@given(
    st.sampled_from(sorted(SECRETS)),
    st.text(alphabet="가나다 .,\n", max_size=20),
    st.text(alphabet="가나다 .,\n", max_size=20),
)
def test_a_secret_goes_whatever_prose_surrounds_its_line(name: str, before: str, after: str) -> None:
    text, secret = SECRETS[name]
    assert secret not in redact(f"{before}\n{text}\n{after}")


NASTY = (
    *("password=", "PASSWORD=", "token: ", "key=", "=", "cookie: a=", "password is ", "비밀번호 ", "name: a value: "),
    *("a" * 64, "A1" * 32 + "-", "eyJ", "AKIA", "-----BEGIN PRIVATE KEY-----\n", "MIIE\n", "0", "1234-"),
    *("://a:", "curl ", "mysql -", "\\" * 8, '"', " ", "\n", "kind: Secret\ndata:\n a: b\n"),
)


@pytest.mark.parametrize("piece", NASTY)
def test_the_time_grows_with_the_length_and_not_faster(piece: str) -> None:
    """Sixteen times the text takes about sixteen times as long; with a quadratic expression it were 256 times."""

    def seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        taken = []
        for _ in range(3):
            start = time.process_time()
            redact(text)
            taken.append(time.process_time() - start)
        return min(taken)

    short, long = seconds(8_192), seconds(131_072)
    assert long < 80 * max(short, 0.002), (short, long)
