"""Lines of operators that hold no secret though they look it, for the redactor to leave alone.

`{x40}` is 40 hexadecimal digits, `{U}` a UUID, and so on as in `labelled_secrets`; with them, each line that speaks of
secrets in the public runbooks and postmortems, where those are at hand.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from pathlib import Path

from tests.labelled_secrets import token

TURNS = 3
_SPEAKS = re.compile(
    r"passw|secret|token|\bkey|cred|auth|[0-9a-f]{20}|[A-Za-z0-9+/]{24}|://|\bpw\b|login|cookie|bearer", re.IGNORECASE
)

LINES = r"""
commit {x40}
Merge commit {x7} into release-2024.11
image: registry.example.com/shop/checkout@sha256:{x64}
Pulled docker.io/library/redis:7.2@sha256:{x64}
trace_id={x32} span_id={x16} request_id={U}
traceparent: 00-{x32}-{x16}-01
alert fingerprint {x16} silenced
pod/checkout-{x9}-{l5} restarted 4 times
Back-off restarting failed container app in pod orders-worker-{x10}-{l5}_payments({U})
secret "shop-tls" not found
Error: secret "db-credentials-v2" not found in namespace "payments"
MountVolume.SetUp failed for volume "certs": secret "webhook-server-cert" not found
Failed password for root from 10.0.0.7 port 22 ssh2
Failed password for invalid user admin from 203.0.113.9 port {d5} ssh2
Accepted publickey for deploy from 10.2.3.4 port {d5} ssh2: RSA SHA256:{b43}
token count: {d4}, max_tokens=800, prompt_tokens: {d5}
usage: {"prompt_tokens": {d4}, "completion_tokens": {d3}, "total_tokens": {d5}}
etag: "{x32}"
ETag: W/"{x10}-{x27}"
x-amz-request-id: {u16}
x-amz-id-2: {b75}=
cf-ray: {x16}-FRA
docker://{x64}
containerID: containerd://{x64}
uid: {U}
correlation-id={U} tenant={U}
kafka cluster id {w22}
sha256sum: {x64}  dump.sql.gz
md5 {x32}  backup.tar
checksum/config: {x64}
integrity sha512-{b86}==
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b43} deploy@bastion
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC{b160} ci
certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM{b200}
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{b40}
data:image/png;base64,iVBORw0KGgoAAAANSUhEUg{b120}
serial number: {x2}:{x2}:{x2}:{x2}:{x2}:{x2}:{x2}:{x2}
export PGPASSWORD=$PASSWORD
export VAULT_TOKEN="$(vault print token)"
password: <password>
password: ${DB_PASSWORD}
password: {{ .Values.db.password }}
password: "{{ lookup('env', 'DB_PASSWORD') }}"
DB_PASSWORD=changeme
api_key: YOUR_API_KEY
api_key: your-api-key-here
token: ${{ secrets.GITHUB_TOKEN }}
secretKeyRef: {name: db-credentials, key: password}
    name: db-credentials
    key: password
secretName: shop-tls
imagePullSecrets: [{name: regcred}]
secret: alertmanager-main
existingSecret: redis-auth
passwordSecretRef: grafana-admin
password_file: /run/secrets/db_password
bearer_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token
credentials_file: ~/.aws/credentials
ssl_key_file=/etc/ssl/private/server.key
token expired at 2026-11-21T03:12:44Z
token is expired by 3h12m
token: expired
password: incorrect
auth: failed for user svc-orders
password authentication failed for user "shop"
FATAL: password authentication failed for user "postgres"
WRONGPASS invalid username-password pair or user is disabled.
NOAUTH Authentication required.
ERR AUTH <password> called without any password configured
Access denied for user 'root'@'10.0.3.7' (using password: YES)
Login failed for user 'sa'. Reason: Password did not match
PasswordAuthentication no
PermitRootLogin prohibit-password
passwordless sudo is on
password-reset emails are delayed by 15m
password policy: minLength=12, rotation=90d
password_hash_algorithm: argon2id
Set the password with `passwd` and store it in the vault.
The password is in 1Password under "orders-db".
ask the on-call for the token
the token is rotated every 24h
rotate the secret, then restart the pods
The secret is mounted at /etc/orders/secret.
the api key is missing
the credentials are valid until Friday
The root password was changed on monday
password for user svc-orders is expired
password for svc is stored in Vault at secret/data/orders#password
API key rotation job apikey-rotation-{d8} failed
secret/data/payments/stripe#v{d2}
arn:aws:secretsmanager:eu-west-1:{d12}:secret:orders/db-{a6}
arn:aws:iam::{d12}:role/orders-deploy
projects/shop-prod/secrets/db-password/versions/7
Authorization: Bearer <token>
Authorization: Bearer $TOKEN
curl -H "Authorization: Bearer ${TOKEN}" https://api.example.com
Bearer authentication is required
WWW-Authenticate: Basic realm="registry"
www-authenticate: Bearer realm="https://auth.example.com/token",service="registry"
Basic authentication failed
Cookie: <redacted>
Set-Cookie header is missing
redis://:$REDIS_PASSWORD@cache:6379/0
postgresql://shop:${DB_PASSWORD}@db:5432/orders
https://user:<password>@example.com/
amqp://shop:***@rabbit:5672//
connecting to redis://cache-0.cache.svc.cluster.local:6379/0
https://wiki.example.com/runbooks/a@b
http://10.0.3.7:9090/graph?g0.expr=up%7Bjob%3D%22api%22%7D&g0.tab=0
https://grafana.example.com/d/{w9}/orders?orgId=1&from=now-1h&to=now&var-pod=api-{x9}-{l5}
https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda
https://github.com/shop/orders/commit/{x40}
https://example.com/search?key=orders&sort=asc&token_type=bearer
ssh deploy@bastion.example.com
scp dump.sql deploy@nas.example.com:/backups/
mysql -u root -p orders
mysql -h db -u root -p -e "show processlist"
psql -h db -p 5432 -U shop -d orders
redis-cli -h cache -p 6379 INFO memory
redis-cli -a $REDIS_PASSWORD PING
mongosh --port 27017 --username root --password
docker login -u ci --password-stdin registry.example.com
docker run -p 8080:80 --name web nginx:1.27
kubectl create secret generic db --from-file=password=./password.txt
kubectl get secret shop-tls -o jsonpath='{.data.tls\.crt}' | base64 -d
kubectl create token deployer --duration=1h
kubectl -n payments port-forward svc/db 5432:5432
kubectl port-forward pod/orders-db-0 -n payments 15432:5432
helm upgrade shop ./chart --set image.tag=v1.14.3 --set auth.existingSecret=db
ssh -p 2222 deploy@bastion -L 5432:db:5432
curl -u $USER:$PASS https://api.example.com
curl -u "$CREDS" https://api.example.com
curl -s -u admin https://es:9200/_cluster/health
vault kv get -field=password secret/orders
vault token lookup
aws secretsmanager get-secret-value --secret-id orders/db
aws sts get-caller-identity --query Account
gcloud auth print-access-token
az account get-access-token --resource https://database.windows.net
openssl x509 -in tls.crt -noout -enddate
openssl rand -base64 32
password = os.environ["DB_PASSWORD"]
password = getpass.getpass()
token = request.headers.get("X-Token")
const token = process.env.API_TOKEN;
secret := os.Getenv("APP_SECRET")
self.password = password
if (password == null) throw new IllegalArgumentException("password");
def login(user: str, password: str) -> Token:
    password: str = Field(min_length=8)
secret = config.get("secret")
api_key = settings.api_key
key = hashlib.sha256(body).hexdigest()
public_key: {x64}
primary_key=order_id
partition key: customer_id-{d4}
cache key orders:{d8}:v2 missed
idempotency_key={U}
idempotency key {x32} reused
dedup_key: {x32}
routing_key=orders.created
KeyError: 'token'
sort key=created_at desc
foreign key constraint "orders_customer_id_fkey" violated
Duplicate entry '{d8}' for key 'orders.PRIMARY'
key_id: {U}
kid={x16}
access_key_id is missing
next_page_token={b40}
continue={b60}
pageToken: {a32}
cursor={b48}
consumer lag for group orders-v2 partition 7 offset {d10}
xid {d9} lsn 0/{u8}
epoch_ns={d19}
timestamp=17322{d14}
order 4{d15} not found
job_id={d16} state=failed
account {d12} in eu-west-1
i-0{x16} is unhealthy
vol-0{x16} attached to i-0{x16}
eni-{x17} deleted
subnet-{x17}, sg-{x17}
ami-{x17}
rs-{x24} PRIMARY
ObjectId("{x24}")
snapshot-{U}
go1.23.4 linux/amd64 build {x12}
rev={x40} built 2026-11-20
node_modules/.pnpm/@babel+core@7.26.0_{x10}/node_modules
com.example.orders.service.PaymentAuthorizationServiceImpl$$EnhancerBySpringCGLIB$${x8}
    at com.example.security.TokenAuthenticationFilter.doFilterInternal(TokenAuthenticationFilter.java:{d2})
java.lang.SecurityException: Token validation failed for issuer https://login.example.com
org.springframework.security.authentication.BadCredentialsException: Bad credentials
InvalidClientTokenId: The security token included in the request is invalid
ExpiredToken: The provided token has expired.
x509: certificate has expired or is not yet valid
kubernetes_io_serviceaccount_token_expiry_seconds{pod="api-{x9}-{l5}"} {d4}
vault_token_count_by_ttl{cluster="vault-prod",creation_ttl="1h"} {d3}
rate(http_requests_total{code=~"5..",handler="/v1/token"}[5m]) > 0.05
sum by (secret_name) (kube_secret_info{namespace="payments"})
histogram_quantile(0.99, sum(rate(auth_token_verify_seconds_bucket[5m])) by (le))
node_filesystem_avail_bytes{device="/dev/mapper/vg0-lv{d3}",fstype="xfs"} {d11}
token_bucket_rate: 100
secrets: 3 found
tokens: 512
csrf token missing or incorrect
jwt malformed
JWT expired 142 seconds ago
session timed out after 30m
session: closed by remote
pin: 3 replicas to node pool b
pinning openssl=3.0.14-1
compass=north bypass=true
passed: 128, failed: 3, skipped: 2
pass=3 fail=0
passthrough: true
AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
xoxb-your-token-here
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-learn and sk-ssh are unrelated
task-runner-with-a-long-name-and-number-{d4}
disk-pressure-eviction-threshold-{d2}
api-gateway-{x9}-{l5} OOMKilled
PIN code entry is disabled
seed={d6}
salt stack minion key accepted
password: ""
password: null
password=
token: ''
secret: ~
password: xxxxxxxx
password: ********
password=[REDACTED]
pw: see vault
credentials: none
credentials: include
creds expired, ask security
login: root
login as deploy / use your SSO account
user/pass auth is disabled
grafana admin/viewer roles
auth: basic
auth=SCRAM-SHA-256
sasl.mechanism=SCRAM-SHA-512 security.protocol=SASL_SSL
"auth": "none",
"auth_type": "bearer"
"tokenReview": {"authenticated": false}
the signature is invalid
signature verification failed for sha256:{x64}
X-Hub-Signature-256 header is missing
X-Request-Id: {U}
X-B3-TraceId: {x32}
Sec-WebSocket-Accept: {b27}=
Content-MD5: {b22}==
dkim=pass header.i=@example.com header.s=s1 header.b={b8}
spf=pass smtp.mailfrom=example.com
mail from alerts@example.com to oncall@example.com delayed
fingerprint: SHA256:{b43}
SHA1 Fingerprint={x2}:{x2}:{x2}:{x2}
tls: private key does not match public key
A file that begins with -----BEGIN RSA PRIVATE KEY----- is a key; never paste one.
bash-5.2$ echo $PASSWORD
set the env variable DB_PASSWORD before you start
--password-file /run/secrets/pw --user svc
--token-ttl 30m --secret-name db
--key-file tls.key --cert-file tls.crt
--set-string secretName=orders-{x7}
-e PASSWORD -e TOKEN
Usage: app --password <password> --token TOKEN
gh-ost --host=db --database=orders --alter="add key idx_created (created_at)"
version: v1.31.4+rke2r1
quay.io/prometheus/alertmanager:v0.28.0
2026-11-21T03:12:44.123Z 1732158764 level=info component=scheduler
4 vCPU, 16Gi memory, 3 replicas
The PodDisruptionBudget orders-pdb allows 0 disruptions.
""".strip().splitlines()


def benign(corpus: Path | None) -> Iterator[tuple[str, bool]]:
    """Yield each line, with whether it was kept apart."""
    for number, line in enumerate(LINES):
        for turn in range(TURNS if "{" in line else 1):
            rng = random.Random(f"benign/{number}/{turn}")
            yield _filled(line, rng), _apart(line)
    for path in sorted(corpus.rglob("*.md")) if corpus else ():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if _SPEAKS.search(line) and "leaked-admin-personal" not in path.name:
                yield line, _apart(line)


def _filled(line: str, rng: random.Random) -> str:
    line = re.sub(r"\{U\}", lambda _: token("{x8}-{x4}-4{x3}-a{x3}-{x12}", rng), line)
    return re.sub(r"\{[alxudwbt]\d+\}", lambda found: token(found[0], rng), line)


def _apart(line: str) -> bool:
    return hashlib.sha256(line.encode()).digest()[0] % 3 == 0
