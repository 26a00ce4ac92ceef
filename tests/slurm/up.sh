#!/bin/bash
# A Slurm cluster on this one machine: up.sh FOLDER [NODES]. Prints what to export, for eval.
#
# munged, slurmctld and NODES slurmd with one stand-in card each run as plain processes on
# 127.0.0.1; all they write lies under FOLDER (a path without spaces). down.sh FOLDER ends them.
# Packages that are missing are installed where that is possible: root, and Debian's apt-get.
# Exit code 77: there is no Slurm to be had here, the last line says why.
set -euo pipefail
FOLDER=$(realpath -m "${1:?usage: up.sh FOLDER [NODES]}")
NODES=${2:-3}
HOST=$(hostname -s)
export PATH=$PATH:/usr/sbin:/sbin

refuse() { echo "$1" >&2; exit 77; }

missing() { for name in munged slurmctld slurmd sbatch; do command -v $name || echo "$name is missing"; done | grep missing; }

if missing > /dev/null; then
  [ "$(id -u)" = 0 ] || refuse "$(missing | head -n 1), and only root can install it"
  command -v apt-get > /dev/null || refuse "$(missing | head -n 1), and there is no apt-get"
  export DEBIAN_FRONTEND=noninteractive
  { timeout -k 5 60 apt-get update -q && timeout -k 5 120 apt-get install -y -q \
    --no-install-recommends munge slurmctld slurmd slurm-client; } > /dev/null 2>&1 \
    || refuse "apt-get couldn't install munge, slurmctld, slurmd and slurm-client"
fi

mkdir -p "$FOLDER"/{bin,etc,log,run,state,spool}
: > "$FOLDER/run/pids"
started() { echo "$1 $2" >> "$FOLDER/run/pids"; }
fail() { echo "$1" >&2; tail -n 20 "$FOLDER"/log/*.log >&2; "$(dirname "$0")/down.sh" "$FOLDER"; exit 1; }

# the first of NODES + 2 ports in a row that nobody listens on
taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
PORT=$((20000 + $$ % 9000))
for _ in $(seq 100); do
  for port in $(seq $PORT $((PORT + NODES + 1))); do
    if taken "$port"; then PORT=$((port + 1)); continue 2; fi
  done
  break
done

(umask 077 && head -c 128 /dev/urandom > "$FOLDER/etc/munge.key")
munged --key-file="$FOLDER/etc/munge.key" --socket="$FOLDER/run/munge.sock" --num-threads=2 \
  --pid-file="$FOLDER/run/munged.pid" --log-file="$FOLDER/log/munged.log" \
  --seed-file="$FOLDER/state/munge.seed" --force 2>> "$FOLDER/log/munged.log"
started munged "$(cat "$FOLDER/run/munged.pid")"

# pgid and none: no cgroups, which a container may not touch.
# config_overrides: a node may claim more memory and cores than this machine has.
# MinJobAge: finished jobs stay visible for squeue, without an accounting database.
# JobRequeue=0: a job of a lost node runs again only where the submission asks for it.
cat > "$FOLDER/etc/slurm.conf" << END
ClusterName=assay
SlurmctldHost=$HOST(127.0.0.1)
SlurmctldPort=$PORT
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$FOLDER/run/munge.sock
CredType=cred/munge
StateSaveLocation=$FOLDER/state
SlurmdSpoolDir=$FOLDER/spool/%n
SlurmctldPidFile=$FOLDER/run/slurmctld.pid
SlurmdPidFile=$FOLDER/run/slurmd-%n.pid
SlurmctldLogFile=$FOLDER/log/slurmctld.log
SlurmdLogFile=$FOLDER/log/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1,sched_min_interval=100000
ReturnToService=0
SlurmctldTimeout=60
SlurmdTimeout=120
InactiveLimit=0
KillWait=5
MinJobAge=3600
JobRequeue=0
$(for node in $(seq "$NODES"); do
  echo "NodeName=n$node NodeHostname=$HOST NodeAddr=127.0.0.1 Port=$((PORT + 1 + node)) CPUs=2 RealMemory=64000 Gres=gpu:1"
done)
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
# a card needs the file of a character device, else Slurm counts none: /dev/null stands in
for node in $(seq "$NODES"); do echo "NodeName=n$node Name=gpu File=/dev/null"; done > "$FOLDER/etc/gres.conf"
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' > "$FOLDER/etc/cgroup.conf"
export SLURM_CONF=$FOLDER/etc/slurm.conf
# Inside a job Snakemake's plugin calls srun without SLURM_CONF, which here, without /etc/slurm, is
# the only way to find the cluster.
printf '#!/bin/sh\nSLURM_CONF="%s" exec %s "$@"\n' "$SLURM_CONF" "$(command -v srun)" > "$FOLDER/bin/srun"
chmod 755 "$FOLDER/bin/srun"

slurmctld -D > "$FOLDER/log/slurmctld.out" 2>&1 < /dev/null &
started slurmctld $!
for node in $(seq "$NODES"); do
  mkdir -p "$FOLDER/spool/n$node"
  slurmd -D -N "n$node" > "$FOLDER/log/slurmd-n$node.out" 2>&1 < /dev/null &
  started "n$node" $!
done
for _ in $(seq 200); do
  idle=$(timeout -k 1 5 sinfo -h -N -t idle -o %N 2> /dev/null | wc -l)
  [ "$idle" -ge "$NODES" ] && break
  sleep 0.2
done
[ "$idle" -ge "$NODES" ] || fail "only $idle of $NODES nodes came up"
echo "export SLURM_CONF=$SLURM_CONF PATH=$FOLDER/bin:\$PATH"
