#!/usr/bin/env python3
"""Whether an AWS resource policy lets requests through: a slow reference, written from AWS's documentation alone.

    aws_policy.py < requests.ndjson > answers.ndjson

Each line of input is {"policy": POLICY, "request": REQUEST}; each line of output is "allow", "deny" (a statement denies it),
"none" (no statement allows it) or "invalid": the policy is none, or the answer hangs on a part of it that AWS refuses. With
{"policy": POLICY, "requests": [REQUEST, …]} the line of output is a list of answers.

A request is {"principal": PRINCIPAL, "action": "lambda:InvokeFunction", "resource": "arn:…", "context": {KEY: VALUE or
[VALUES]}}. A principal is {"kind": "anonymous"}, {"kind": "service", "name": "s3.amazonaws.com"}, {"kind": "federated" or
"canonical-user" or "orphaned", "name": NAME}, or {"kind": "aws", "arn": "arn:aws:iam::1:role/r" or
"arn:aws:sts::1:assumed-role/r/s", "account": "1"}.

It answers for the one request that it is given: it knows no unknown values, no sets and no classes. Documentation: the
pages `reference_policies_elements_principal`, `…_elements_version`, `…_variables`, `…_condition_operators`,
`…_condition-single-vs-multi-valued-context-keys`, `…_evaluation-logic` and `access-analyzer-reference-policy-checks` of the
IAM user guide.
"""

import base64
import datetime
import functools
import ipaddress
import json
import re
import sys


class Invalid(Exception):
    pass


def listed(value):
    return value if isinstance(value, list) else [value]


def once(pairs):
    """A key that is there twice says two things at once."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid("a key is there twice")
    return found


def part(judge, *about):
    """True, False, or None where AWS refuses what this part says."""
    try:
        return judge(*about)
    except Invalid:
        return None


def every(parts):
    """All of them: one that is false decides, whatever the others mean."""
    parts = list(parts)
    return False if False in parts else None if None in parts else True


# Characters that stand for themselves: what `${*}`, `${?}` and `${$}` write.
ITSELF = {"\ue000": "*", "\ue001": "?", "\ue002": "$"}


def plain(text):
    return "".join(ITSELF.get(c, c) for c in text)


@functools.lru_cache(maxsize=65536)
def expression(pattern):
    return re.compile("".join(".*" if c == "*" else "." if c == "?" else re.escape(ITSELF.get(c, c)) for c in pattern), re.S)


def wildcard(pattern, text, fold=False):
    """`*` is any number of characters, `?` is one."""
    if fold:
        pattern, text = pattern.lower(), text.lower()
    return expression(pattern).fullmatch(text) is not None


def resolved(pattern, context, variables):
    """A text with its policy variables put in; None where one has no value. Before 2012 there are none."""
    if not variables:
        return pattern
    missing = []

    def put(found):
        inside = found[1]
        for itself, sign in ITSELF.items():
            if inside == sign:
                return itself
        key, _, default = inside.partition(",")
        given = lookup(key.strip(), context)
        if given is None or len(given) != 1:
            default = default.strip()
            if len(default) < 2 or default[0] != "'" or default[-1] != "'":
                missing.append(key)
                return ""
            return default[1:-1]
        return "".join(next((i for i, sign in ITSELF.items() if sign == c), c) for c in given[0])

    text = re.sub(r"\$\{([^}]*)\}", put, pattern)
    if "${" in text:
        raise Invalid("a variable has no end")
    return None if missing else text


# -- who ----------------------------------------------------------------------------------------------------------------

def role_of_session(arn):
    """The role whose session this is: sessions are matched by their role as well."""
    found = re.fullmatch(r"arn:([^:]+):sts::(\d+):assumed-role/(.+)/[^/]+", arn)
    return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}" if found else None


def same_role(pattern, arn):
    """A role is named with its path, a session without it."""
    short = lambda text: re.sub(r":role/(?:.*/)?([^/]+)$", r":role/\1", text)
    role = role_of_session(arn)
    return role is not None and short(pattern) == short(role)


def one_principal(kind, name, principal):
    if not isinstance(name, str):
        raise Invalid("a principal is text")
    if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
        raise Invalid("no such kind of principal")
    if kind == "AWS" and name == "*":
        return True
    if "*" in name or "?" in name:
        raise Invalid("a wildcard stands for everyone or nobody")
    if kind == "Service":
        return principal["kind"] == "service" and principal["name"] == name
    if kind == "Federated":
        return principal["kind"] == "federated" and principal["name"] == name
    if kind == "CanonicalUser":
        return principal["kind"] == "canonical-user" and principal["name"] == name
    account = re.fullmatch(r"(?:arn:[^:]+:iam::)?(\d{12})(:root)?", name)
    if account and name.startswith("arn:") == (account[2] is not None):
        return principal["kind"] == "aws" and principal["account"] == account[1]
    if re.fullmatch(r"A[A-Z0-9]{15,}", name):
        # What is left of a principal that was deleted.
        return principal["kind"] == "orphaned" and principal["name"] == name
    if not re.fullmatch(r"arn:[^:]+:(iam|sts)::\d{12}:.+", name):
        raise Invalid("no form of a principal")
    return principal["kind"] == "aws" and (principal["arn"] == name or same_role(name, principal["arn"]))


def names_principal(element, principal):
    if element == "*":
        return True
    if not isinstance(element, dict) or not element:
        raise Invalid("a principal is `*` or a map with somebody in it")
    found = [part(one_principal, kind, name, principal) for kind, names in element.items() for name in listed(names)]
    # A kind with nobody in it is refused, and takes nothing from the others.
    found += [None for names in element.values() if not listed(names)]
    if True not in found and None in found:
        raise Invalid("one of its principals")
    return True in found


def speaks_of(statement, principal):
    if "Principal" in statement:
        return names_principal(statement["Principal"], principal)
    if "NotPrincipal" not in statement:
        raise Invalid("a statement has one of Principal and NotPrincipal")
    return not names_principal(statement["NotPrincipal"], principal)


# -- what ---------------------------------------------------------------------------------------------------------------

def element(statement, name, text, fold, context, variables):
    positive = name in statement
    if not positive and "Not" + name not in statement:
        raise Invalid(f"a statement has one of {name} and Not{name}")
    found = []
    for pattern in listed(statement[name if positive else "Not" + name]):
        if name == "Action" and variables and "${" in pattern:
            found.append(None)
            continue
        pattern = part(resolved, pattern, context, variables)
        found.append(pattern and wildcard(pattern, text, fold))
    if True not in found and None in found:
        raise Invalid("one of its patterns")
    return (True in found) == positive


# -- when ---------------------------------------------------------------------------------------------------------------

def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def moment(text):
    try:
        if re.fullmatch(r"-?\d+", str(text)):
            return datetime.datetime.fromtimestamp(int(text), datetime.timezone.utc)
        parsed = datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return parsed.replace(tzinfo=datetime.timezone.utc)
        # An hour of nowhere is no moment.
        return parsed if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None


def compared(convert, test):
    def compare(wanted, given):
        a, b = convert(given), convert(wanted)
        if a is None or b is None:
            raise Invalid("it is not of the operator's type")
        return test(a, b)
    return compare


def in_range(wanted, given):
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        raise Invalid("no address, or no network")


def arn_like(wanted, given):
    """Each of the six parts of an ARN is matched by itself; the last may hold colons."""
    a, b = wanted.split(":", 5), given.split(":", 5)
    if len(a) != 6:
        raise Invalid("no ARN")
    return len(b) == 6 and all(wildcard(x, y) for x, y in zip(a, b))


def same_bytes(wanted, given):
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(given, validate=True)
    except ValueError:
        raise Invalid("no bytes")


def same_word(wanted, given):
    if wanted.lower() not in ("true", "false"):
        raise Invalid("a Boolean is true or false")
    return wanted.lower() == given.lower()


POSITIVE = {
    "StringEquals": lambda wanted, given: plain(wanted) == given,
    "StringEqualsIgnoreCase": lambda wanted, given: plain(wanted).lower() == given.lower(),
    "StringLike": lambda wanted, given: wildcard(wanted, given),
    "NumericEquals": compared(number, lambda a, b: a == b),
    "NumericLessThan": compared(number, lambda a, b: a < b),
    "NumericLessThanEquals": compared(number, lambda a, b: a <= b),
    "NumericGreaterThan": compared(number, lambda a, b: a > b),
    "NumericGreaterThanEquals": compared(number, lambda a, b: a >= b),
    "DateEquals": compared(moment, lambda a, b: a == b),
    "DateLessThan": compared(moment, lambda a, b: a < b),
    "DateLessThanEquals": compared(moment, lambda a, b: a <= b),
    "DateGreaterThan": compared(moment, lambda a, b: a > b),
    "DateGreaterThanEquals": compared(moment, lambda a, b: a >= b),
    "Bool": same_word,
    "BinaryEquals": same_bytes,
    "IpAddress": in_range,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
}
NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


# Nothing says that the case of an operator matters.
SPELLED = {name.lower(): name for name in [*POSITIVE, *NEGATIVE]}


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Invalid("a value is text")


def lookup(key, context):
    given = next((value for name, value in context.items() if name.lower() == key.lower()), None)
    return None if given is None else [text(value) for value in listed(given)]


def condition(operator, key, wanted, context, variables):
    values = lookup(key, context) or []
    wanted = [text(value) for value in listed(wanted)]
    if operator.lower() == "null":
        absent = not values
        found = [None if word.lower() not in ("true", "false") else (word.lower() == "true") == absent for word in wanted]
        if True not in found and None in found:
            raise Invalid("Null asks for true or false")
        return True in found
    qualifier, _, bare = operator.lower().rpartition(":")
    if_exists = bare.endswith("ifexists")
    bare = SPELLED.get(bare.removesuffix("ifexists"))
    negated = bare in NEGATIVE
    bare = NEGATIVE.get(bare, bare)
    if bare is None or qualifier not in ("", "forallvalues", "foranyvalue"):
        raise Invalid(f"{operator} is no operator")
    if not values:
        # A key that is not there fulfils `IfExists`, all of its no values, and every negated operator, unless any value has to.
        return if_exists or qualifier == "forallvalues" or (negated and qualifier != "foranyvalue")
    texts = bare.startswith(("String", "Arn"))

    def one(pattern, value):
        if variables and "${" in pattern:
            if not texts:
                raise Invalid(f"{operator} takes no variable")
            pattern = resolved(pattern, context, variables)
        return pattern is not None and POSITIVE[bare](pattern, value)

    # One value of the request against all of the policy: any of them for a positive operator, none for a negated one.
    def fits(value):
        found = [part(one, pattern, value) for pattern in wanted]
        return None if True not in found and None in found else (True in found) != negated

    found = [fits(value) for value in values]
    if qualifier == "forallvalues" or (negated and qualifier != "foranyvalue"):
        known = every(found)
    else:
        known = True if True in found else None if None in found else False
    if known is None:
        raise Invalid(f"{operator} compares what it cannot")
    return known


def holds(statement, context, variables):
    found = every(
        part(condition, operator, key, wanted, context, variables)
        for operator, keys in statement.get("Condition", {}).items() for key, wanted in keys.items())
    if found is None:
        raise Invalid("one of its conditions")
    return found


# -- all together -------------------------------------------------------------------------------------------------------

def check(policy):
    """The shape of a policy; what it says is judged where an answer hangs on it."""
    if policy.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        raise Invalid("no such version")
    for statement in listed(policy["Statement"]):
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise Invalid("an effect is Allow or Deny")
        for name in ("Principal", "Action", "Resource"):
            if name in statement and "Not" + name in statement:
                raise Invalid(f"a statement has one of {name} and Not{name}")
        for name in ("Action", "NotAction", "Resource", "NotResource"):
            if not all(isinstance(pattern, str) for pattern in listed(statement.get(name, []))):
                raise Invalid(f"{name} is text")
        if not isinstance(statement.get("Condition", {}), dict):
            raise Invalid("a condition is a map")


ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def understood(statement):
    for keys in statement.get("Condition", {}).values():
        if len({key.lower() for key in keys}) != len(keys):
            raise Invalid("a key is there in two spellings")
    if not set(statement) <= ELEMENTS:
        raise Invalid("no such element")
    return True


def decide(policy, request):
    check(policy)
    variables = policy.get("Version") == "2012-10-17"
    context = request["context"]
    allowed, denied = [], []
    for statement in listed(policy["Statement"]):
        applies = every([
            part(understood, statement),
            part(speaks_of, statement, request["principal"]),
            part(element, statement, "Action", request["action"], True, context, variables),
            part(element, statement, "Resource", request["resource"], False, context, variables),
            part(holds, statement, context, variables),
        ])
        (allowed if statement["Effect"] == "Allow" else denied).append(applies)
    if True in denied:
        return "deny"
    if True not in allowed and None not in allowed:
        return "none"
    return "allow" if True in allowed and None not in denied else "invalid"


def answer(policy, request):
    try:
        return decide(policy, request)
    except (Invalid, KeyError, TypeError, AttributeError):
        return "invalid"


def answers(line):
    try:
        case = json.loads(line, object_pairs_hook=once)
    except Invalid:
        case = dict(json.loads(line), policy=None)
    if "requests" in case:
        return [answer(case["policy"], request) for request in case["requests"]]
    return answer(case["policy"], case["request"])


def main():
    for line in sys.stdin:
        print(json.dumps(answers(line)), flush=True)


if __name__ == "__main__":
    main()
