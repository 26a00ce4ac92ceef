#!/bin/bash
# Ends the cluster that up.sh FOLDER started: its jobs, then each of its processes by its number.
FOLDER=$(realpath -m "${1:?usage: down.sh FOLDER}")
export SLURM_CONF=$FOLDER/etc/slurm.conf
[ -s "$FOLDER/run/pids" ] || exit 0
alive() { [ -d "/proc/$1" ] && [ "$(awk '{print $3}' "/proc/$1/stat" 2> /dev/null)" != Z ]; }
ours() { # the number may have passed to another process by now
  case "$(readlink "/proc/$1/exe")" in */slurm* | */munged*) alive "$1" ;; *) false ;; esac
}

if ours "$(awk '$1 == "slurmctld" {print $2}' "$FOLDER/run/pids")"; then
  timeout -k 1 10 scancel --user "$(id -un)"
  for _ in $(seq 50); do
    [ -z "$(timeout -k 1 5 squeue -h 2> /dev/null)" ] && break
    sleep 0.2
  done
fi
tac "$FOLDER/run/pids" | while read -r name pid; do
  ours "$pid" || continue
  kill "$pid"
  for _ in $(seq 100); do alive "$pid" || break; sleep 0.1; done
  alive "$pid" && echo "$name had to be killed" >&2 && kill -9 "$pid"
done
# what a job left behind: known by the cluster and the job in its environment
for process in /proc/[0-9]*; do
  grep -qzxF "SLURM_CONF=$SLURM_CONF" "$process/environ" 2> /dev/null || continue
  grep -qz '^SLURM_JOB_ID=' "$process/environ" 2> /dev/null || continue
  echo "left by a job, killed: $(tr '\0' ' ' < "$process/cmdline" | cut -c 1-150)" >&2
  kill -9 "${process#/proc/}"
done
rm -f "$FOLDER/run/pids"
