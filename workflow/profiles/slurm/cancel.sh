#!/bin/bash
# After a kill -9 of Snakemake: cancel the jobs that it left in Slurm, and wait until they are gone.
# Run it in the folder where snakemake was started. Jobs of other folders and names stay.
set -euo pipefail
PREFIX=${1:-assay} # slurm-jobname-prefix in profile.yaml

left() { # a job's id, name and folder, one a line; squeue pads them with blanks otherwise
  squeue --noheader --user "$(id -un)" --format '%A|%j|%Z' \
    | awk -F '|' -v prefix="${PREFIX}_" -v here="$PWD" 'index($2, prefix) == 1 && $3 == here {print $1}' | sort -u
}

ids=$(left)
[ -n "$ids" ] || { echo "no job of $PWD is left in Slurm"; exit 0; }
echo "$ids" | xargs scancel
for _ in $(seq 120); do
  [ -z "$(left)" ] && { echo "cancelled: $(echo "$ids" | tr '\n' ' ')"; exit 0; }
  sleep 1
done
echo "still in the queue after two minutes: $(left | tr '\n' ' ')" >&2
exit 1
