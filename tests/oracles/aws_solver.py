#!/usr/bin/env python3
"""Whether a resource policy lets any request of a whole class through: asked of the solver Z3, which tries no values.

    aws_solver.py < questions.ndjson > answers.ndjson

Each line of input is {"policy": POLICY, "resource": ARN, "classes": [NAME, …]}; each line of output is a list of answers:

- "yes": whatever nobody knows of, somebody of the class gets in, from more than a few addresses;
- "narrow": somebody does, from a few addresses alone: a /8 or less, or a /32 of the sixth version;
- "no": nobody does;
- "depends": that hangs on what nobody knows of;
- "gave up": the solver did not find out in so many steps.

What the caller chooses is a variable of the solver: texts are strings, wildcards regular expressions, addresses bit vectors, numbers
reals, and each key may be missing. What nobody knows of takes, in turn, every value that the policy tells apart; what is fixed is
fixed. Who, what and on what are judged by `aws_policy.py`, as is every condition on a key with one known value. A key has one value at
the most: several are left to the comparison of single requests.
"""

import datetime
import ipaddress
import itertools
import json
import re
import sys

import z3

import aws_policy as reference

# How many steps a question may take: about a second of them.
PATIENCE = 5_000_000

# Somebody whom no policy names.
STRANGER = {"kind": "aws", "arn": "arn:aws:iam::999999999999:role/stranger", "account": "999999999999"}
PRIVATE = [ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]

ANY = z3.Full(z3.ReSort(z3.StringSort()))
ONE = z3.AllChar(z3.ReSort(z3.StringSort()))
DIGITS = z3.Loop(z3.Range("0", "9"), 12, 12)
# Signs that stand within the name of an organisation, and within a part of an ARN.
NAME = z3.Union(z3.Range(" ", "."), z3.Range("0", "~"))
PART = z3.Union(z3.Range(" ", "9"), z3.Range(";", "~"))


class Variable:
    """A key that the caller chooses; `there` is whether the request has it."""

    def __init__(self, name, sort, there=None):
        self.value = z3.Const(name, sort)
        self.there = z3.Bool(f"{name} is there") if there is None else z3.BoolVal(there)


class Address:
    """An address of either version."""

    def __init__(self, there):
        self.six, self.value, self.there = z3.Bool("six"), z3.BitVec("address", 128), there

    def between(self, first, last):
        at = lambda bound: z3.BitVecVal(int(bound), 128)
        inside = z3.And(z3.UGE(self.value, at(first)), z3.ULE(self.value, at(last)))
        return z3.And(self.six == (first.version == 6), inside)


# -- conditions on what the caller chooses --------------------------------------------------------------------------------

def language(pattern, any_text=ANY, any_sign=ONE):
    """The texts that fit a pattern."""
    parts = [any_text if c == "*" else any_sign if c == "?" else z3.Re(c) for c in pattern]
    return z3.Concat(*parts) if len(parts) > 1 else parts[0] if parts else z3.Re("")


def arn_language(pattern):
    parts = pattern.split(":", 5)
    if len(parts) != 6:
        raise reference.Invalid("no ARN")
    each = [language(part, z3.Star(PART), PART) for part in parts[:5]] + [language(parts[5])]
    return z3.Concat(*itertools.chain.from_iterable((z3.Re(":"), part) for part in each))


def either_case(text):
    parts = [z3.Union(z3.Re(c.lower()), z3.Re(c.upper())) if c.isalpha() else z3.Re(c) for c in text]
    return z3.Concat(*parts) if len(parts) > 1 else parts[0] if parts else z3.Re("")


def seconds(text):
    found = reference.moment(text)
    if found is None:
        raise reference.Invalid("no moment")
    return (found - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)).total_seconds()


ORDERS = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}


def fits(compare, variable, wanted):
    """One value of a policy against a variable."""
    value = variable.value
    if isinstance(variable, Address):
        net = ipaddress.ip_network(wanted, strict=False)
        return variable.between(net[0], net[-1])
    if compare == "StringEquals":
        return value == z3.StringVal(wanted)
    if compare == "StringEqualsIgnoreCase":
        return z3.InRe(value, either_case(wanted))
    if compare == "StringLike":
        return z3.InRe(value, language(wanted))
    if compare in ("ArnEquals", "ArnLike"):
        return z3.InRe(z3.Concat(z3.StringVal(":"), value), arn_language(wanted))
    if compare.startswith("Numeric"):
        return ORDERS[compare.removeprefix("Numeric")](value, z3.RealVal(str(reference.number(wanted))))
    raise reference.Invalid(f"{compare} of a variable")


def condition(operator, variable, wanted):
    wanted = [reference.text(value) for value in reference.listed(wanted)]
    if operator == "Null":
        return z3.Or([variable.there if word == "false" else z3.Not(variable.there) for word in wanted])
    qualifier, _, bare = operator.rpartition(":")
    if_exists = bare.endswith("IfExists")
    bare = bare.removesuffix("IfExists")
    negated = bare in reference.NEGATIVE
    found = z3.Or([fits(reference.NEGATIVE.get(bare, bare), variable, value) for value in wanted])
    missing = if_exists or qualifier == "ForAllValues" or (negated and qualifier != "ForAnyValue")
    return z3.If(variable.there, found != negated, z3.BoolVal(missing))


# -- classes of requests ----------------------------------------------------------------------------------------------------

def literals(policy, key):
    """What a policy asks of a key."""
    for statement in reference.listed(policy["Statement"]):
        for operator, keys in statement.get("Condition", {}).items():
            for name, wanted in keys.items():
                if name.lower() == key.lower() and operator != "Null":
                    yield from (reference.text(value) for value in reference.listed(wanted))


class Class:
    """What is fixed, what the caller chooses, and what nobody knows of."""

    def __init__(self, name, policy, resource):
        anonymous, self.service, url = name == "anonymous", name == "service", name in ("anonymous", "account-url")
        self.principal = {"kind": "anonymous"} if anonymous else STRANGER
        if self.service:
            self.principal = {"kind": "service", "name": "s3.amazonaws.com"}
        self.fixed = {"aws:SecureTransport": "true", "aws:ResourceAccount": resource.split(":")[4]}
        self.chosen, self.limits = {}, []
        self.asked = {key.lower() for key in mentioned(policy)}
        self.unknown = {
            "acme:Bytes": [None, "/w==", *literals(policy, "acme:Bytes")],
            "aws:CurrentTime": moments(policy),
        }
        authentication, via = "lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl"
        if url:
            word = "NONE" if anonymous else "AWS_IAM"
            first = ("lambda:InvokeFunctionUrl", {authentication: word, via: "true"})
            # Whether the call that a URL makes carries the URL's key, nobody says.
            self.unknown[authentication] = [None, word]
            self.steps = [first, ("lambda:InvokeFunction", {via: "true"})]
        else:
            self.unknown[via] = [None, "false"]
            self.steps = [("lambda:InvokeFunction", {})]
        self.choose("aws:UserAgent")
        if self.principal is STRANGER:
            self.stranger(policy, url)
        elif self.service:
            self.on_behalf(policy)
        address = z3.BoolVal(True)
        if self.principal is STRANGER and not url:
            # Who comes by an endpoint has no public address.
            address = z3.Not(self.chosen["aws:SourceVpce"].there)
        if self.service:
            self.unknown["aws:SourceIp"] = [None, *(str(first) for first, _ in ranges(policy))]
        else:
            self.chosen["aws:SourceIp"] = Address(address)

    def limit(self, keys, *limits):
        """What holds of keys that belong together; left out where the policy asks about none of them."""
        if not self.asked.isdisjoint(key.lower() for key in keys):
            self.limits += limits

    def choose(self, key, sort=z3.StringSort(), there=None):
        self.chosen[key] = Variable(key, sort, there)
        return self.chosen[key]

    def unnamed(self, policy, key, there=None):
        """A text that no policy has in full, in whatever case."""
        variable = self.choose(key, there=there)
        self.limit([key], *(z3.Not(z3.InRe(variable.value, either_case(text))) for text in literals(policy, key)))
        return variable

    def stranger(self, policy, url):
        account = self.unnamed(policy, "aws:PrincipalAccount", there=True)
        named = named_accounts(policy)
        self.limit(
            ["aws:PrincipalAccount"],
            z3.InRe(account.value, DIGITS), *(account.value != z3.StringVal(one) for one in named))
        arn = self.choose("aws:PrincipalArn", there=True)
        of = lambda owner: z3.InRe(arn.value, z3.Concat(
            z3.Re("arn:aws:iam::"), owner, z3.Union(z3.Re(":role/"), z3.Re(":user/")), z3.Plus(ONE)))
        self.limit(["aws:PrincipalArn"], of(DIGITS), *(z3.Not(of(z3.Re(one))) for one in named))
        organisation = self.unnamed(policy, "aws:PrincipalOrgID")
        path = self.unnamed(policy, "aws:PrincipalOrgPaths")
        self.limit(["aws:PrincipalOrgID"], z3.InRe(organisation.value, z3.Plus(NAME)))
        # Somebody of an organisation that a path of the policy names is no stranger.
        named = [text.split("/")[0] for text in literals(policy, "aws:PrincipalOrgPaths") if "/" in text]
        self.limit(
            ["aws:PrincipalOrgPaths"],
            path.there == organisation.there,
            z3.InRe(path.value, z3.Concat(z3.Plus(NAME), z3.Re("/"), ANY)),
            *(z3.Not(z3.InRe(path.value, z3.Concat(either_case(one), z3.Re("/"), ANY))) for one in named))
        self.choose("aws:PrincipalTag/team")
        self.choose("aws:MultiFactorAuthAge", z3.RealSort())
        if not url:
            self.unnamed(policy, "aws:SourceVpce")

    def on_behalf(self, policy):
        account = self.unnamed(policy, "aws:SourceAccount")
        named = named_accounts(policy)
        self.limit(
            ["aws:SourceAccount"],
            z3.InRe(account.value, DIGITS), *(account.value != z3.StringVal(one) for one in named))
        arn = self.choose("aws:SourceArn")
        begin = z3.Concat(z3.Re("arn:aws:"), z3.Plus(PART), z3.Re(":"), z3.Star(PART), z3.Re(":"))
        of = lambda owner: z3.InRe(arn.value, z3.Concat(begin, owner, z3.Re(":"), ANY))
        self.limit(
            ["aws:SourceArn"],
            # A stranger's resource could be called by the number of an account that the policy names: that is left out.
            of(z3.Union(z3.Re(""), DIGITS)), *(z3.Not(z3.Contains(arn.value, z3.StringVal(one))) for one in named))


def named_accounts(policy):
    """The accounts that conditions name, by themselves or within an ARN."""
    keys = ("aws:PrincipalAccount", "aws:PrincipalArn", "aws:SourceArn", "aws:SourceAccount")
    return sorted({found for key in keys for text in literals(policy, key) for found in re.findall(r"\b\d{12}\b", text)})


def moments(policy):
    found = sorted({int(seconds(text)) for text in literals(policy, "aws:CurrentTime")})
    return [str(at + by) for at in found for by in (-1, 0, 1)] or [None]


def ranges(policy):
    """The ranges of addresses that no network of a policy, and no private one, divides."""
    nets = [ipaddress.ip_network(text, strict=False) for text in literals(policy, "aws:SourceIp")]
    for version, bits, build in ((4, 32, ipaddress.IPv4Address), (6, 128, ipaddress.IPv6Address)):
        same = [net for net in nets + PRIVATE if net.version == version]
        cuts = {0, 1 << bits, *(int(net[0]) for net in same), *(int(net[-1]) + 1 for net in same)}
        yield from ((build(a), build(b - 1)) for a, b in itertools.pairwise(sorted(cuts)))


def size(first, last):
    return 0 if any(first in net for net in PRIVATE if net.version == first.version) else int(last) - int(first) + 1


# -- the question -------------------------------------------------------------------------------------------------------------

def statement_holds(statement, of, action, resource, context, solver_keys):
    """False, or what the solver has to make true."""
    who = reference.speaks_of(statement, of.principal)
    if not (who and all(reference.element(statement, name, text, name == "Action", context, True)
                        for name, text in (("Action", action), ("Resource", resource)))):
        return False
    found = []
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            variable = solver_keys.get(key.lower())
            if variable is not None:
                found.append(condition(operator, variable, wanted))
            elif not reference.condition(operator, key, wanted, context, True):
                return False
    return z3.And(found)


def allowed(policy, of, resource, known):
    """What has to be true for a request to be let in; False where it is not."""
    variables = {key.lower(): variable for key, variable in of.chosen.items()}
    each = []
    for action, own in of.steps:
        context = {key: value for key, value in {**of.fixed, **known, **own}.items() if value is not None}
        holds = {"Allow": [], "Deny": []}
        for statement in reference.listed(policy["Statement"]):
            found = statement_holds(statement, of, action, resource, context, variables)
            if found is not False:
                holds[statement["Effect"]].append(found)
        if not holds["Allow"]:
            return False
        each += [z3.Or(holds["Allow"]), z3.Not(z3.Or(holds["Deny"]))]
    return z3.And(each)


class GaveUp(Exception):
    pass


def possible(solver, *more):
    found = solver.check(*more)
    if found == z3.unknown:
        raise GaveUp(solver.reason_unknown())
    return found == z3.sat


def by_addresses(solver, of, policy):
    """"yes", "narrow" or "no"."""
    if not possible(solver):
        return "no"
    if of.service or not any(literals(policy, "aws:SourceIp")):
        return "yes"
    address = of.chosen["aws:SourceIp"]
    if possible(solver, z3.Not(address.there)):
        return "yes"
    sums = {4: 0, 6: 0}
    for first, last in ranges(policy):
        if possible(solver, address.between(first, last)):
            sums[first.version] += size(first, last)
    return "yes" if sums[4] > 1 << 24 or sums[6] > 1 << 96 else "narrow"


def answer(policy, name, resource):
    of = Class(name, policy, resource)
    # A key that no statement asks about makes no difference.
    unknown = {key: values for key, values in of.unknown.items() if key.lower() in of.asked}
    found = set()
    for values in itertools.product(*unknown.values()):
        known = dict(zip(unknown, values))
        formula = allowed(policy, of, resource, known)
        if formula is False:
            found.add("no")
            continue
        solver = z3.Solver()
        solver.set("rlimit", PATIENCE)
        solver.add(formula, *of.limits)
        try:
            found.add(by_addresses(solver, of, policy))
        except GaveUp:
            return "gave up"
    if len(found) == 1:
        return found.pop()
    return "narrow" if "yes" not in found else "depends"


def mentioned(policy):
    for statement in reference.listed(policy["Statement"]):
        for keys in statement.get("Condition", {}).values():
            yield from keys


def main():
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps([answer(case["policy"], name, case["resource"]) for name in case["classes"]]), flush=True)


if __name__ == "__main__":
    main()
