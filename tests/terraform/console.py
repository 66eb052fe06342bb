#!/usr/bin/env python3
"""Asks the console of Terraform what every expression of expressions.txt comes to, and writes console.json: run it where
`terraform` is installed, after a change of expressions.txt. The tests read the answers and need no Terraform."""
import json, os, pathlib, subprocess, tempfile

here = pathlib.Path(__file__).parent
expressions = [line for line in (here / "expressions.txt").read_text().splitlines() if line and not line.endswith("(<<EOT)")]
environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}


def console(lines):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["terraform", "console"], input="\n".join(lines) + "\n", text=True, capture_output=True,
                              cwd=folder, env=environment)
        return done.returncode, done.stdout.splitlines()


def answer(expression):
    # A console that reads from a pipe ends at the first error.
    for question in (f"jsonencode({expression})", f"jsonencode(nonsensitive({expression}))"):
        code, lines = console([question])
        if code == 0 and lines and lines[-1].startswith('"'):
            # The console writes a text as the language does: with its templates escaped.
            return {"is": json.loads(json.loads(lines[-1].replace("$${", "${").replace("%%{", "%{")))}
    return {"error": True}


version = json.loads(subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, env=environment).stdout)
cases = [{"expression": expression, **answer(expression)} for expression in expressions]
text = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in cases)
out = '{\n  "terraform": "%s",\n  "cases": [\n%s\n  ]\n}\n' % (version["terraform_version"], text)
(here / "console.json").write_text(out)
print(len(cases), "expressions,", sum("error" in case for case in cases), "of them in error")
