#!/usr/bin/env bash
# Runs a batch in 16 shards that share a budget, a rate limit and a cache on Redis: `sbatch slurm.sh`.
#
# After the array has completed, `batch_shards merge` makes one table of the parts and verifies that no row is missing or double.
#SBATCH --job-name=label-reviews
#SBATCH --array=0-15
#SBATCH --cpus-per-task=1
#SBATCH --mem=256M
#SBATCH --time=12:00:00
#SBATCH --requeue
# Sends SIGINT two minutes before the time limit, so that the calls in flight finish. A requeued shard continues.
#SBATCH --signal=INT@120
set -euo pipefail

# SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT select the shard.
export BOTTICELLI_REDIS="${BOTTICELLI_REDIS:?the address of a Redis server, for example redis://login-node:6379}"
srun ./batch_shards run "$SCRATCH/reviews.jsonl" "$SCRATCH/labels.jsonl"
