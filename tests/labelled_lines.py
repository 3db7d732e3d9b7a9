"""The lines that labelled secrets stand in. `{T}` is a token, `{P}` a password, `{J}` a JWT, `{K}` a key in PEM, `{H}` 32
hexadecimal digits, `{A}` 40 letters and digits, `{B}` 88 of base64, `{N}` 20 letters and digits, `{U}` a UUID;
`{P|b64}` is a password in base64, and so on.
"""

from __future__ import annotations

LINES = """
2026-11-21T03:12:44Z ERROR upstream refused token {T}
key {T} was found in the build log
401 Unauthorized for {T} (attempt 3 of 5)
export API_TOKEN={T}
"credential": "{T}",
  value: {T}
git push https://{T}@git.example.com/shop/orders.git
panic: bad credential "{T}" in config.go:42
level=warn msg="rejected" cred={T} pod=checkout-7c9d8b6f5-x2k4p
| ci | {T} | expires 2027-01-01 |
please rotate {T}, it was pasted in #ops
curl -s https://api.example.com/v1/me -H "X-Token: {T}"
const client = new Client('{T}');
auth: ({T})
<code>{T}</code>
using {T}; retrying
""".strip().splitlines()

NAMED = [
    line.replace("⏎", "\n")
    for line in r"""
export DB_PASSWORD={P}
PGPASSWORD={P} psql -h db-1 -U shop orders
password: "{P}"
password = '{P}'
db_password: {P}
"password": "{P}",
{"user": "svc", "passwd": "{P}", "ttl": 30}
spring.datasource.password={P}
redis://:{P}@cache-0:6379/0
[2026-11-21 03:12:44,101: ERROR/MainProcess] consumer: Cannot connect to amqp://shop:{P}@rabbit:5672//: timed out.
postgresql+psycopg://shop:{P}@db:5432/orders?sslmode=require
mongodb+srv://shop:{P}@cluster0.example.net/orders?retryWrites=true
mysql://root:{P}@10.0.3.7:3306/shop
https://svc-orders:{P}@registry.example.com/v2/
ftp://backup:{P}@nas.example.com/dumps
Server=tcp:db.example.com,1433;Initial Catalog=shop;User ID=svc;Password={P};Encrypt=True;
Driver={ODBC Driver 18 for SQL Server};Server=db;UID=svc;PWD={P};TrustServerCertificate=yes
jdbc:postgresql://db:5432/orders?user=shop&password={P}
jdbc:sqlserver://db:1433;databaseName=orders;user=svc;password={P};encrypt=true
jdbc:oracle:thin:svc/{P}@db:1521/ORCL
host=db port=5432 user=shop password={P} dbname=orders
shop:{P}@tcp(db:3306)/orders?parseTime=true
DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={B};EndpointSuffix=core.windows.net
Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={B}
Authorization: Bearer {J}
Authorization: Bearer {A}
authorization: Basic {P|user64}
> Authorization: token {A}
curl -H 'Authorization: ApiKey {A}' https://es:9200/_cat
curl -H "X-Api-Key: {A}" https://api.example.com
x-api-key: {H}
X-Vault-Token: {N}
PRIVATE-TOKEN: {N}
Cookie: session={A}; csrftoken={N}
set-cookie: sid={A}; Path=/; HttpOnly; Secure
JSESSIONID={H}
curl -u svc:{P} https://api.example.com/health
curl --user "svc:{P}" -X POST https://api.example.com/restart
mysql -h db -u root -p{P} orders
mysqldump --password={P} orders > dump.sql
redis-cli -h cache -a {P} PING
redis-cli> CONFIG SET requirepass {P}
requirepass {P}
sshpass -p {P} ssh deploy@bastion
sshpass -p '{P}' scp dump.sql backup@nas:
docker login -u ci -p {P} registry.example.com
helm registry login -u ci --password {P} registry.example.com
kubectl create secret generic db --from-literal=password={P}
helm upgrade shop ./chart --set db.password={P} --set replicas=3
terraform apply -var db_password={P}
mongosh --username root --password {P} --authenticationDatabase admin
psql "host=db user=shop password={P}"
ansible-playbook site.yml -e ansible_become_pass={P}
ldapsearch -x -D cn=admin,dc=example,dc=com -w {P} -b dc=example
smbclient //nas/share -U backup%{P}
net use Z: \\nas\share /user:backup {P}
keytool -list -keystore app.jks -storepass {P}
openssl rsa -in key.pem -passin pass:{P}
az login --service-principal -u svc -p {N} --tenant example.com
aws_secret_access_key = {A}
AWS_SECRET_ACCESS_KEY={A}
export AWS_SESSION_TOKEN={B}
client_secret={U}
"client_secret": "{A}"
AZURE_CLIENT_SECRET={A}
DATADOG_API_KEY={H}
dd_app_key: {A}
PAGERDUTY_INTEGRATION_KEY={H}
twilio auth_token = "{H}"
ALTER USER shop WITH PASSWORD '{P}';
CREATE USER 'shop'@'%' IDENTIFIED BY '{P}';
GRANT ALL ON orders.* TO 'shop'@'%' IDENTIFIED BY '{P}';
CREATE ROLE shop LOGIN ENCRYPTED PASSWORD '{P}';
https://shop.blob.core.windows.net/dumps/a.bak?sv=2024-11-04&se=2026-12-01&sr=b&sp=r&sig={A}%3D
https://bucket.s3.amazonaws.com/d.tgz?X-Amz-Credential=x%2F20261121&X-Amz-Signature={H}{H1}
GET /v1/orders?access_token={A}&limit=20 HTTP/1.1
GET /reset?token={A} 200 12ms
https://hooks.slack.com/services/T024BE7LD/B024BE7LE/{N}
https://discord.com/api/webhooks/824312456789012345/{A}
https://example.webhook.office.com/webhookb2/{U}@{U1}/IncomingWebhook/{H}/{U2}
machine git.example.com login ci password {P}
db.example.com:5432:orders:shop:{P}
//registry.npmjs.org/:_authToken={U}
//npm.example.com/:_password={P|b64}
{"auths": {"registry.example.com": {"auth": "{P|user64}"}}}
- name: DB_PASSWORD⏎  value: {P}
- name: API_TOKEN⏎  value: "{A}"
name: SMTP_PASSWORD, value: {P}
apiVersion: v1⏎kind: Secret⏎metadata:⏎  name: db⏎type: Opaque⏎data:⏎  password: {P|b64}⏎  username: c2hvcA==
apiVersion: v1⏎kind: Secret⏎metadata:⏎  name: app⏎stringData:⏎  conn: {N}
{"apiVersion":"v1","kind":"Secret","data":{"db":"{N|b64}"}}
    client-key-data: {B}
    token: {J}
variable "db_password" {⏎  type    = string⏎  default = "{P}"⏎}
<password>{P}</password>
<add key="DbPassword" value="{P}" />
<property name="password" value="{P}"/>
os.environ["DB_PASSWORD"] = "{P}"
password := "{P}"
const apiKey = "{A}";
private static final String PASSWORD = "{P}";
client.login("svc", password="{P}")
otpauth://totp/Shop:svc?secret={N}&issuer=Shop
root:$6$xyz9aAbB${A}{A1}:19000:0:99999:7:::
admin:$2y$10${A}{N}
{K}
ssh key for backup:⏎{K}⏎done
wifi psk="{P}"
secret_key_base: {H}{H1}{H2}
ENCRYPTION_KEY={B}
VAULT_TOKEN={N}
MINIO_ROOT_PASSWORD: {P}
SENTRY_AUTH_TOKEN={H}{H1}
net user backup {P} /add
rabbitmqctl add_user shop {P}
rabbitmqctl change_password shop {P}
echo "shop:{P}" | chpasswd
echo {P} | docker login -u ci --password-stdin registry.example.com
sqlcmd -S db -U sa -P {P} -Q "select 1"
[client]⏎user=root⏎password={P}
ConvertTo-SecureString "{P}" -AsPlainText -Force
""".strip().splitlines()
    if "plainnever" not in line
]

HARD = [
    line.replace("⏎", "\n").replace("\\z", "")
    for line in r"""
the root pw is {P} (changed monday)
password for user svc-orders is {P}
temp password: {P}, please change it
I reset the db password to {P} just now
login with admin / {P} on the bastion
creds for grafana: admin:{P}
new token is {A}, old one revoked
use {A} as the api key until friday
the secret was "{A}" before we rotated
api key = {H} (staging only)
pw={P}
{"msg": "{\"user\":\"svc\",\"password\":\"{P|esc}\"}"}
{"log":"{\\\"password\\\":\\\"{N}\\\",\\\"ok\\\":false}\n"}
{"body": "{\"token\": \"{J}\"}", "status": 401}
key = "{T|plus}"
$token = '{T|dot}';
token = ("{T|adj}")
secret = "{T|cont}"
value: {T|fold}
export KEY={T|back}
redirect=https%3A%2F%2Fsvc%3A{N}%40api.example.com%2F
GET /login?next=%2Fapi%3Ftoken%3D{A}%26x%3D1
body=user%3Dsvc%26password%3D{P|url}
payload {P|json64}
data: {P|kv64}
config (base64): {P|kv64}
0x{P|hex}
echo {T|b64} | base64 -d
the token {T|zwsp} leaked
key {T|shy} again
credential {T|full}
p\u0430ssword={P}
ｐａｓｓｗｏｒｄ＝{N}
"pass\u200bword": "{P}"
  1042  export PGPASSWORD={P}
  998  2026-11-21 03:12:44 mysql -uroot -p{P} shop
java.sql.SQLException: Access denied (url=jdbc:mysql://db/shop?user=root&password={P})⏎    at com.mysql.Driver.connect(Driver.java:70)
sqlalchemy.exc.OperationalError: (psycopg.OperationalError) connection to "postgresql://shop:{P}@db/orders" failed
Traceback (most recent call last):⏎  File "a.py", line 3, in <module>⏎    connect(password='{P}')
    Environment:⏎      DB_HOST:      db-1⏎      DB_PASSWORD:  {P}⏎      LOG_LEVEL:    info
    Command:⏎      sh⏎      -c⏎      redis-server --requirepass {P}
    Args:⏎      --user=svc⏎      --password={P}
"key": "{K|n}"
PRIVATE_KEY="{K|n}"
{"private_key": "{K|nn}", "type": "service_account"}
tls.key: |⏎    {K|indent}
> {K|quoted}
{K|body}
-----BEGIN OPENSSH PRIVATE\z KEY-----⏎{B}
password:⏎  {N}
Password⏎{N}⏎
| root password | {P} |
"args": ["--password", "{P}"]
["mysql", "-u", "root", "-p{P}"]
set password for root@localhost = password('{P}');
failed: ["curl","-u","svc:{P}","https://api"]
PASSWORD\u003d{N}
password&#61;{N}
&quot;password&quot;:&quot;{N}&quot;
auth failed: user="svc" pass="{P}"
+ docker login -u ci -p {P}
+ export AWS_SECRET_ACCESS_KEY={A}
msg="connecting" dsn="host=db user=shop password={P} dbname=x"
login: svc password: {P}
{T}{T1}
DB_PASS="${DB_PASS:-{N}}"
password=>"{P}"
:password => '{P}',
--data '{"password":"{P|esc}"}'
user svc identified by {N}
set -x; TOKEN={A} ./deploy.sh
aws configure set aws_secret_access_key {A}
secret={T|url}
the wifi passphrase here is `{P}`
pass: {P} user: svc
db creds are shop/{P} btw
key1={A}
my key is {T}.
hash was {T|b64}
ghost token in url: https://x-access-token:{T}@github.com/shop/orders
""".strip().splitlines()
]
