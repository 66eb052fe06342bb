#!/usr/bin/env python3
"""Whether two tools that people use call a policy public: Prowler's `is_policy_public`, as its check of functions calls it, and
policyuniverse's `is_internet_accessible`.

    aws_baselines.py < questions.ndjson > answers.ndjson

Each line of input is {"policy": POLICY, "account": ACCOUNT}; each line of output is {"prowler": ANSWER, "policyuniverse": ANSWER},
where an answer is true, false, or "error" with what went wrong.
"""

import json
import sys
import types


def absent(*_):
    raise NotImplementedError("what was left out")


def leave_out(name, **parts):
    """Of what Prowler's module of policies imports, its verdict needs none of this; it would be the whole AWS SDK."""
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(parts)


leave_out("py_iam_expand")
leave_out("py_iam_expand.actions", InvalidActionHandling=absent, expand_actions=absent)
leave_out("prowler.providers.aws.aws_provider", read_aws_regions_file=absent)

from policyuniverse.policy import Policy
from prowler.providers.aws.services.iam.lib.policy import is_policy_public


def verdict(judge, *about):
    try:
        return bool(judge(*about))
    except Exception as error:
        return f"error: {type(error).__name__}: {error}"


def main():
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps({
            "prowler": verdict(lambda: is_policy_public(case["policy"], case["account"], is_cross_account_allowed=True)),
            "policyuniverse": verdict(lambda: Policy(case["policy"]).is_internet_accessible()),
        }), flush=True)


if __name__ == "__main__":
    main()
