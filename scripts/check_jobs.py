#!/usr/bin/env python3
"""Checks the syntax of the Kubernetes manifest and of the Slurm script in examples/batch, and that they run all their shards."""

import re
import subprocess
import sys
from pathlib import Path

try:
    import yaml
except ImportError:
    sys.exit("this check needs PyYAML: pip install pyyaml")

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "batch"

job = yaml.safe_load((FOLDER / "kubernetes-job.yaml").read_text(encoding="utf-8"))
spec = job["spec"]
container = spec["template"]["spec"]["containers"][0]
variables = {variable["name"]: variable.get("value") for variable in container["env"]}
problems = []
if (job["apiVersion"], job["kind"], spec["completionMode"]) != ("batch/v1", "Job", "Indexed"):
    problems.append("kubernetes-job.yaml is not an indexed job")
if variables.get("JOB_COMPLETIONS") != str(spec["completions"]):
    problems.append("kubernetes-job.yaml: JOB_COMPLETIONS differs from `completions`")

script = FOLDER / "slurm.sh"
if subprocess.run(["bash", "-n", script], check=False).returncode:
    problems.append("slurm.sh has a syntax error")
if not re.search(r"^#SBATCH --array=0-\d+$", script.read_text(encoding="utf-8"), re.MULTILINE):
    problems.append("slurm.sh has no job array")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
