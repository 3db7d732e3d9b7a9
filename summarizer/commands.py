"""The commands of a code block: command lines whole, without prompts, comments and sample output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from summarizer.blocks_of import Block
from summarizer.limits import MAX_FENCE
from summarizer.phrases import is_placeholder
from summarizer.source import Span


def _words(text: str) -> list[str]:
    return text.split()


_SHELL = frozenset(
    _words(
        "sh bash shell zsh ksh fish console shell-session shellsession terminal bash-session powershell ps1 pwsh cmd "
        "shell-script commandline ash"
    )
)
_QUERY = frozenset(
    _words(
        "promql sql logql psql pgsql postgresql mysql plpgsql kql kusto cql flux traceql metricsql tsql esql influxql "
        "spl splunk lucene cypher prometheus redis"
    )
)
_PLAIN = frozenset({"", "text", "txt", "plain", "plaintext", "none", "code", "output"})
_TOOLS = frozenset(
    _words(
        "a2ensite airflow alias amtool ansible ansible-playbook apachectl apt apt-get aptitude argocd awk aws az "
        "barman base64 bash bosh brew buildah bundle calicoctl cat cd celery ceph certbot cf cfssl chage chattr chef- "
        "client chmod chown chronyc chroot cilium clickhouse-client cmctl cmk cockroach conntrack consul consul- "
        "template cortextool cp cqlsh crane crictl ctr curl cut date dd df dig direnv dmesg dmidecode dnf docker "
        "docker-compose doctl dpkg du echo elasticsearch env etcdctl ethtool eval exit export fallocate fdisk ffprobe "
        "find firewall-cmd flux fly flyctl free fsck fuser gcloud gdb getent gh git gitaly gitlab-ctl gitlab-rails "
        "gitlab-rake gpg grep groups gsutil gunzip gzip hammer haproxy hcloud hdfs head helm helmfile heroku hostname "
        "hostnamectl htop http id iostat iotop ip ipmitool iptables istioctl jaeger jcmd jmap journalctl jps jq "
        "jstack k k9s kafka-consumer-groups kafka-consumer-groups.sh kafka-topics kafka-topics.sh kcat keytool kill "
        "killall kinit klist knife kubeadm kubectl kubectx kubens kustomize last ldapsearch lego less linkerd linode- "
        "cli ln logcli logger loki ls lsblk lsof lspci ltrace lvextend lvs mc md5sum mdadm mimirtool minikube mkdir "
        "mkfs mongo mongosh mount mpstat mtr must-gather mv mysql mysqladmin mysqlbinlog mysqldump mysqlsh nano nc "
        "net netstat nfsstat nft nginx ngrep nmap node nodetool nomad npm nsenter nslookup ntpdate ntpq numactl "
        "nvidia-smi nvme oc ocm omc openssl openstack orchestrator osdctl passenger-status passwd patronictl pcs pd- "
        "ctl perf pg_ctl pg_ctlcluster pg_dump pg_isready pg_repack pg_restore pgbackrest pgbouncer pgrep ping pip "
        "pkill pm2 podman promtool proxysql-admin ps psql pt-kill pumactl puppet pv pvcreate pvs pwd python python3 "
        "r10k rabbitmq-diagnostics rabbitmqctl rails rake rbd rclone read redis-cli repmgr resize2fs rg rm rmdir rosa "
        "rpm rsync ruby s3cmd salt sar scp scw scylla sed service set sh showmount sidekiq skopeo sleep smartctl snap "
        "snmpwalk solr sort source spark-submit spctl sqlite3 ss ssh ssh-keygen stat step strace su subctl sudo "
        "supervisorctl swapoff swapon sysctl systemctl tail tar tcpdump tee telnet tempo terraform terragrunt test "
        "thanos time timedatectl timeout tiup top touch tr traceroute tree tsh tune2fs ulimit umount uname unicorn "
        "unset unzip uptime useradd usermod varnishadm varnishstat vault velero vgextend vgs vi vim virsh virtctl "
        "vmstat vtctl vtctlclient w wal-g watch wbinfo wc wget which while who whoami xargs xfs_growfs xtrabackup "
        "yarn yarn-cli yq yum zcat zfs zgrep zkCli.sh zookeeper-shell zpool zypper"
    )
)
_SYNTAX = re.compile(
    r"(?:for|while|until|if|elif|case|select|do|done|then|else|fi|esac|function|time|set|unset|declare|local"
    r"|return|break|continue|true|false)\b"
    r"|[A-Za-z_]\w*=\S*|[{}()|&;]|\.{0,2}/[\w./-]+|~/|\$\{?\(?\w+|[A-Z][a-z]+-[A-Z]\w+\b"
)
_OPENS = re.compile(r"(?:^|[;&|]\s*)(?:for|while|until|if|case|select)\b|\{\s*$|\bfunction\b")
_WORD = re.compile(r"[a-z_][\w.+-]*\Z")
_PROMPT = re.compile(
    r"[ \t]*(?:\([\w.-]+\)[ \t]*)?(?:\[?[\w.-]+@[\w.:~/-]+(?:[ \t]+[\w.~/-]+)?\]?(?::[\w.~/-]*)?[ \t]*|(?:sh"
    r"|bash)-[\d.]+|\[[\w./ ~-]+\][ \t]*|~[ \t]?|[\w-]+:[~/][\w/.-]*)?(?P<mark>[$#%❯➜»])[ \t]+(?=\S)"
    r"|[ \t]*(?:mysql|mongo|mongosh|psql|redis|redis-cli|sqlite|cqlsh|MariaDB(?: \[[^\]]*\])?|\w*=[#>]|\w*=\*?#"
    r"|[\w.]+:\d+|PS [A-Z]:[^>\n]*|[A-Z]:\\[^>\n]*|irb\([^)]*\)(?::\d+)*|SQL)>?[ \t]*>?[ \t]+(?=\S)"
    r"|[ \t]*>[ \t]+(?=\S)"
)
_STATEMENT = re.compile(
    r"\s*(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|TRUNCATE|VACUUM|ANALYZE|EXPLAIN|SHOW|KILL|SET|GRANT"
    r"|REVOKE|REINDEX|CALL|WITH|FLUSH|STOP|START|OPTIMIZE|CHECKPOINT|RESET|BEGIN|COMMIT|USE|DESCRIBE)\b[^=:]",
    re.IGNORECASE,
)
_PROMQL = re.compile(
    r"\b(?:rate|irate|increase|sum|avg|max|min|count|topk|histogram_quantile|absent|predict_linear|delta"
    r"|changes)\s*(?:by|without)?\s*\(|\{\s*\w+\s*(?:=~|!~|!=|=)\s*\""
)
_OUTPUT = re.compile(
    r"\s*(?:[A-Z][A-Z0-9_()%/-]+(?:\s{2,}|\s+[A-Z]{2,})|\S+(?:[ ]{3,}|\t)\S|\.\.\.|…|\[\.\.\.\]|\d{4}-\d\d-\d\d"
    r"|\[?\d\d:\d\d|[{}\[\]]\s*\Z|\+-|\|[ -]|[-=*]{3,}|Error\b|error:|level=|I\d{4} |E\d{4} |W\d{4} )"
)
_HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")


class Line(StrEnum):
    """What a line of a code block is."""

    COMMAND = "command"
    NOTE = "note"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Found:
    """The commands of a block; `sure` is false when it could not be told where one ends."""

    spans: tuple[Span, ...]
    sure: bool = True


_NOTHING = Found(())


def commands_in(text: str, fence: Block) -> Found:
    """Return the spans of the commands in a code block, each a run of whole lines; none when it is only output."""
    if fence.end - fence.start > MAX_FENCE or fence.quoted:
        return Found((), sure=False)
    body = text[fence.start : fence.end]
    if not fence.closed:
        body = body[: _end_of_open_fence(body)]
    if fence.info in _QUERY or (fence.info in _PLAIN and _is_query(body)):
        return _query(fence.start, body)
    if fence.info not in _SHELL and fence.info not in _PLAIN:
        return _NOTHING
    return _session(fence.start, body, known=fence.info in _SHELL)


def _end_of_open_fence(body: str) -> int:
    """A fence that was never closed swallows the rest of its document: keep what stands before a blank line."""
    match = re.search(r"\n[ \t]*\r?\n|\n#{1,6} ", body)
    return match.start() if match else len(body)


def _is_query(body: str) -> bool:
    lines = [line for line in body.splitlines() if line.strip()]
    if not lines or _PROMPT.match(lines[0]) or _first_word(lines[0]) in _TOOLS:
        return False
    starts = _STATEMENT.match(lines[0]) is not None and lines[0].split()[0].isupper()
    return starts or (_PROMQL.search(body) is not None and not _OUTPUT.match(lines[0]) and "level=" not in body)


def _query(start: int, body: str) -> Found:
    """A query block is one command, unless it is a session with prompts or holds a result."""
    stripped = body.strip()
    if not stripped or is_placeholder(stripped):
        return _NOTHING
    lines = body.splitlines()
    if any(match for match in map(_PROMPT.match, lines) if match and match.group().strip() not in {"#", ">"}):
        return _session(start, body, known=False)
    if any(re.match(r"\s*(?:\+-+|-{3,}[-+|\s]*$|\(\d+ rows?\))", line) for line in lines):
        return Found((), sure=False)
    begin = start + body.index(stripped[0]) if not body[0].strip() else start
    begin = start + len(body) - len(body.lstrip())
    return Found(((begin, begin + len(stripped)),))


def _session(start: int, body: str, *, known: bool) -> Found:
    """Read a shell block line by line."""
    lines = _lines(start, body)
    prompted = any(_prompt(line) for _, line in lines)
    spans: list[Span] = []
    index, after_output = 0, False
    while index < len(lines):
        offset, line = lines[index]
        kind = _kind(line, prompted=prompted, known=known and not after_output)
        if kind is not Line.COMMAND:
            after_output = after_output or kind is Line.OUTPUT
            index += 1
            continue
        last = _last_line(lines, index)
        if last is None:
            return Found((), sure=False)
        skip = len(_prompt(line)) or len(line) - len(line.lstrip())
        end_offset, end_line = lines[last]
        spans.append((offset + skip, end_offset + len(end_line.rstrip())))
        index = last + 1
    spans = spans if prompted else _joined(body, start, spans)
    if any(is_placeholder(body[left - start : right - start]) for left, right in spans):
        return Found((), sure=False)
    return Found(tuple(spans))


def _lines(start: int, body: str) -> list[tuple[int, str]]:
    """The lines of a block with the place each begins at."""
    found, position = [], start
    for line in body.splitlines(keepends=True):
        found.append((position, line.rstrip("\r\n")))
        position += len(line)
    return found


def _prompt(line: str) -> str:
    """Return the prompt a line begins with, or "". A `#` or `>` is a prompt only before what looks like a command."""
    match = _PROMPT.match(line)
    if match is None:
        return ""
    if match["mark"] == "#" or match.group().strip() == ">":
        rest = line[match.end() :]
        bare = match.group().strip() in {"#", ">"}
        if bare and not (
            _first_word(rest) in _TOOLS and _is_command(rest, known=False) and not rest.rstrip().endswith((".", ":"))
        ):
            return ""
    return match.group()


def _first_word(line: str) -> str:
    words = line.split(None, 2)
    return (words[1] if len(words) > 1 and words[0] == "sudo" else words[0]) if words else ""


def _kind(line: str, *, prompted: bool, known: bool) -> Line:
    bare = line.strip()
    if not bare or bare == "$":
        return Line.NOTE
    if prompted:
        return Line.COMMAND if _prompt(line) else Line.OUTPUT
    if bare.startswith(("#", "//", "::")):
        return Line.NOTE
    return Line.COMMAND if _is_command(bare, known=known) else Line.OUTPUT


def _is_command(line: str, *, known: bool) -> bool:
    """Tell a command from output: a known tool or shell syntax, or in a shell block a plain word with arguments."""
    word = _first_word(line)
    if word in _TOOLS:
        return not re.match(r"\S+[ ]{3,}\S", line) and not line.endswith(":")
    if _OUTPUT.match(line):
        return False
    if _SYNTAX.match(line):
        return known or line.startswith(("./", "/", "~/", "export "))
    if not known or not _WORD.match(word):
        return False
    return re.search(r"\s-{1,2}\w", line) is not None or (
        len(line.split()) <= 4 and ": " not in line and not line.endswith((".", ":"))
    )


def _last_line(lines: list[tuple[int, str]], index: int) -> int | None:
    """Return where the command that begins at a line ends; None when it cannot be told."""
    depth, quote, heredoc = 0, "", ""
    for number in range(index, len(lines)):
        line = lines[number][1]
        if heredoc:
            heredoc = "" if line.strip() == heredoc else heredoc
            if heredoc:
                continue
        else:
            if number > index and re.match(r"[ \t]*>[ \t]", line) and not quote:
                return None
            match = _HEREDOC.search(line)
            heredoc = match[1] if match and not quote else ""
            quote = _open_quote(line, quote)
            depth += _depth(line) if not quote else 0
        if not (heredoc or quote or depth > 0 or line.rstrip().endswith(("\\", "|", "&&", "||", "`"))):
            return number
        if line.rstrip().endswith("`") and not (heredoc or quote or depth > 0) and line.count("`") % 2 == 0:
            return number
    return None


def _open_quote(line: str, quote: str) -> str:
    """Return the quote mark that is still open at the end of a line, or ""."""
    position = 0
    while position < len(line):
        character = line[position]
        if character == "\\" and quote != "'":
            position += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and (position == 0 or line[position - 1].isspace()):
            break
        position += 1
    return quote


def _depth(line: str) -> int:
    """How many compound commands a line opens more than it closes."""
    code = line.strip()
    opened = len(
        re.findall(r"(?:^|;\s*|\b(?:do|then|else)\s+)(?:for|while|until|if|case|select)\b", code)
    ) + code.endswith("{")
    closed = len(re.findall(r"(?:^|;\s*|\s)(?:done|fi|esac)\b", code)) + (code == "}" or code.startswith("} "))
    return opened - closed


def _joined(body: str, start: int, spans: list[Span]) -> list[Span]:
    """Join commands that stand on adjoining lines into one."""
    joined: list[Span] = []
    for span in spans:
        if joined and body[joined[-1][1] - start : span[0] - start].strip(" \t\r") == "\n":
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined
