#!/usr/bin/env python3
"""Plans every root of folders/ with Terraform itself and writes plan.json beside it: run it where `terraform` is installed, after a
change of the folders. They use the resource that is built into Terraform, so that nothing is fetched. The tests read the
plans and need no Terraform."""
import json, os, pathlib, shutil, subprocess, sys, tempfile

here = pathlib.Path(__file__).parent / "folders"
roots = [here / name for name in ("network", "functions", "firewall", "mono/live/dev", "mono/live/prod", "language", "unknown")]


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr or done.stdout}")
    return done.stdout


for root in roots:
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch) / "copy"
        shutil.copytree(here, copy)
        environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
        options = {"cwd": copy / root.relative_to(here), "env": environment}
        run("terraform", "init", "-input=false", "-no-color", **options)
        run("terraform", "plan", "-input=false", "-no-color", "-lock=false", "-out=plan.bin", **options)
        plan = json.loads(run("terraform", "show", "-json", "plan.bin", **options))
        run("terraform", "apply", "-input=false", "-no-color", "plan.bin", **options)
        state = json.loads((copy / root.relative_to(here) / "terraform.tfstate").read_text())
        shown = json.loads(run("terraform", "show", "-json", **options))
        plan.pop("timestamp", None)
        for name, document in (("plan", plan), ("state", state), ("shown", shown)):
            (root / f"{name}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    print(root.relative_to(here), len(plan["resource_changes"]), "resources")
