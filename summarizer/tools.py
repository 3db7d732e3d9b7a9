"""Words that tell a shell block from a query and a command line from its output."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


SHELL = frozenset(
    _words(
        "sh bash shell zsh ksh fish console shell-session shellsession terminal bash-session powershell ps1 pwsh cmd "
        "shell-script commandline ash"
    )
)
QUERY = frozenset(
    _words(
        "promql sql logql psql pgsql postgresql mysql plpgsql kql kusto cql flux traceql metricsql tsql esql"
        " influxql "
        "spl splunk lucene cypher prometheus redis"
    )
)
PLAIN = frozenset({"", "text", "txt", "plain", "plaintext", "none", "code", "output"})
TOOLS = frozenset(
    _words(
        "a2ensite airflow alias amtool ansible ansible-playbook apachectl apt apt-get aptitude argocd awk aws az "
        "barman base64 bash bosh brew buildah bundle calicoctl cat cd celery ceph certbot cf cfssl chage chattr"
        " chef- "
        "client chmod chown chronyc chroot cilium clickhouse-client cmctl cmk cockroach conntrack consul consul- "
        "template cortextool cp cqlsh crane crictl ctr curl cut date dd df dig direnv dmesg dmidecode dnf docker "
        "docker-compose doctl dpkg du echo elasticsearch env etcdctl ethtool eval exit export fallocate fdisk"
        " ffprobe "
        "find firewall-cmd flux fly flyctl free fsck fuser gcloud gdb getent gh git gitaly gitlab-ctl gitlab-rails "
        "gitlab-rake gpg grep groups gsutil gunzip gzip hammer haproxy hcloud hdfs head helm helmfile heroku"
        " hostname "
        "hostnamectl htop http id iostat iotop ip ipmitool iptables istioctl jaeger jcmd jmap journalctl jps jq "
        "jstack k k9s kafka-consumer-groups kafka-consumer-groups.sh kafka-topics kafka-topics.sh kcat keytool kill "
        "killall kinit klist knife kubeadm kubectl kubectx kubens kustomize last ldapsearch lego less linkerd"
        " linode- "
        "cli ln logcli logger loki ls lsblk lsof lspci ltrace lvextend lvs mc md5sum mdadm mimirtool minikube mkdir "
        "mkfs mongo mongosh mount mpstat mtr must-gather mv mysql mysqladmin mysqlbinlog mysqldump mysqlsh nano nc "
        "net netstat nfsstat nft nginx ngrep nmap node nodetool nomad npm nsenter nslookup ntpdate ntpq numactl "
        "nvidia-smi nvme oc ocm omc openssl openstack orchestrator osdctl passenger-status passwd patronictl pcs pd- "
        "ctl perf pg_ctl pg_ctlcluster pg_dump pg_isready pg_repack pg_restore pgbackrest pgbouncer pgrep ping pip "
        "pkill pm2 podman promtool proxysql-admin ps psql pt-kill pumactl puppet pv pvcreate pvs pwd python python3 "
        "r10k rabbitmq-diagnostics rabbitmqctl rails rake rbd rclone read redis-cli repmgr resize2fs rg rm rmdir"
        " rosa "
        "rpm rsync ruby s3cmd salt sar scp scw scylla sed service set sh showmount sidekiq skopeo sleep smartctl"
        " snap "
        "snmpwalk solr sort source spark-submit spctl sqlite3 ss ssh ssh-keygen stat step strace su subctl sudo "
        "supervisorctl swapoff swapon sysctl systemctl tail tar tcpdump tee telnet tempo terraform terragrunt test "
        "thanos time timedatectl timeout tiup top touch tr traceroute tree tsh tune2fs ulimit umount uname unicorn "
        "unset unzip uptime useradd usermod varnishadm varnishstat vault velero vgextend vgs vi vim virsh virtctl "
        "vmstat vtctl vtctlclient w wal-g watch wbinfo wc wget which while who whoami xargs xfs_growfs xtrabackup "
        "yarn yarn-cli yq yum zcat zfs zgrep zkCli.sh zookeeper-shell zpool zypper"
    )
)
