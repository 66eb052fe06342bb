#!/usr/bin/env python3
"""Whether an AWS resource policy lets one request through: a slow reference, written from AWS's documentation alone.

    aws_policy.py < requests.ndjson > answers.ndjson

Each line of input is {"policy": POLICY, "request": REQUEST}; each line of output is "allow", "deny" (a statement denies it)
or "none" (no statement allows it). A policy that is no policy gives "invalid".

A request is {"principal": PRINCIPAL, "action": "lambda:InvokeFunction", "resource": "arn:…", "context": {KEY: VALUE or
[VALUES]}}. A principal is {"kind": "anonymous"}, {"kind": "service", "name": "s3.amazonaws.com"}, or {"kind": "aws",
"arn": "arn:aws:iam::1:role/r" or "arn:aws:sts::1:assumed-role/r/s", "account": "1"}.

It answers for the one request that it is given: it knows no unknowns, no sets and no classes. Documentation: the pages
`reference_policies_elements_principal`, `…_condition_operators`, `…_condition-single-vs-multi-valued-context-keys`,
`…_evaluation-logic` of the IAM user guide.
"""

import base64
import datetime
import ipaddress
import json
import re
import sys


class Invalid(Exception):
    pass


def listed(value):
    return value if isinstance(value, list) else [value]


def wildcard(pattern, text, fold=False):
    """`*` is any number of characters, `?` is one."""
    if fold:
        pattern, text = pattern.lower(), text.lower()
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(expression, text, re.S) is not None


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
    if name == "*":
        # For everyone, whether the element says `AWS` or nothing; `Service: *` is no principal.
        return kind in ("*", "AWS")
    if kind == "Service":
        return principal["kind"] == "service" and principal["name"] == name
    if kind != "AWS" or principal["kind"] != "aws":
        return False
    if re.fullmatch(r"\d{12}", name):
        return principal["account"] == name
    root = re.fullmatch(r"arn:[^:]+:iam::(\d{12}):root", name)
    if root:
        return principal["account"] == root[1]
    return principal["arn"] == name or same_role(name, principal["arn"])


def names_principal(element, principal):
    if element == "*":
        return True
    if not isinstance(element, dict) or not element:
        raise Invalid("a principal is `*` or a map")
    return any(one_principal(kind, name, principal) for kind, names in element.items() for name in listed(names))


def speaks_of(statement, principal):
    if ("Principal" in statement) == ("NotPrincipal" in statement):
        raise Invalid("a statement has one of Principal and NotPrincipal")
    if "Principal" in statement:
        return names_principal(statement["Principal"], principal)
    return not names_principal(statement["NotPrincipal"], principal)


# -- what ---------------------------------------------------------------------------------------------------------------

def element(statement, name, text, fold):
    positive, negative = name in statement, "Not" + name in statement
    if positive and negative or (name == "Action" and not positive and not negative):
        raise Invalid(f"a statement has one of {name} and Not{name}")
    if not positive and not negative:
        return True
    patterns = listed(statement[name if positive else "Not" + name])
    if not all(isinstance(pattern, str) for pattern in patterns):
        raise Invalid(f"{name} is text")
    return any(wildcard(pattern, text, fold) for pattern in patterns) == positive


# -- when ---------------------------------------------------------------------------------------------------------------

def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def moment(text):
    try:
        if re.fullmatch(r"\d+", str(text)):
            return datetime.datetime.fromtimestamp(int(text), datetime.timezone.utc)
        parsed = datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=datetime.timezone.utc)
    except (ValueError, OverflowError):
        return None


def compared(convert, test):
    def compare(wanted, given):
        a, b = convert(given), convert(wanted)
        return a is not None and b is not None and test(a, b)
    return compare


def in_range(wanted, given):
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def arn_like(wanted, given):
    """Each of the six parts of an ARN is matched by itself; the last may hold colons."""
    a, b = wanted.split(":", 5), given.split(":", 5)
    return len(a) == 6 and len(b) == 6 and all(wildcard(x, y) for x, y in zip(a, b))


def same_bytes(wanted, given):
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(given, validate=True)
    except ValueError:
        return False


POSITIVE = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
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
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
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


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Invalid("a value is text")


def condition(operator, key, wanted, context):
    given = next((value for name, value in context.items() if name.lower() == key.lower()), None)
    values = [] if given is None else [text(value) for value in listed(given)]
    wanted = [text(value) for value in listed(wanted)]
    if operator.lower() == "null":
        absent = not values
        return any((value.lower() == "true") == absent for value in wanted)
    qualifier, _, bare = operator.rpartition(":")
    if_exists = bare.endswith("IfExists")
    bare = bare.removesuffix("IfExists")
    negated = bare in NEGATIVE
    test = POSITIVE.get(NEGATIVE.get(bare, bare))
    if test is None or qualifier not in ("", "ForAllValues", "ForAnyValue"):
        raise Invalid(f"{operator} is no operator")
    # One value of the request against all of the policy: any of them for a positive operator, none for a negated one.
    def fits(value):
        return any(test(one, value) for one in wanted) != negated
    if qualifier == "ForAllValues":
        return all(fits(value) for value in values)
    if not values:
        # A key that is not there fulfils `IfExists`, and every negated operator, unless any value has to.
        return if_exists or (negated and qualifier != "ForAnyValue")
    if qualifier == "ForAnyValue":
        return any(fits(value) for value in values)
    if negated:
        return all(fits(value) for value in values)
    return any(fits(value) for value in values)


def holds(statement, context):
    conditions = statement.get("Condition", {})
    if not isinstance(conditions, dict):
        raise Invalid("a condition is a map")
    return all(
        condition(operator, key, wanted, context)
        for operator, keys in conditions.items() for key, wanted in keys.items())


# -- all together -------------------------------------------------------------------------------------------------------

def decide(policy, request):
    allowed = False
    for statement in listed(policy["Statement"]):
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise Invalid("an effect is Allow or Deny")
        applies = [
            speaks_of(statement, request["principal"]),
            element(statement, "Action", request["action"], fold=True),
            element(statement, "Resource", request["resource"], fold=False),
            holds(statement, request["context"]),
        ]
        if all(applies):
            if statement["Effect"] == "Deny":
                return "deny"
            allowed = True
    return "allow" if allowed else "none"


def main():
    for line in sys.stdin:
        case = json.loads(line)
        try:
            answer = decide(case["policy"], case["request"])
        except (Invalid, KeyError, TypeError, AttributeError):
            answer = "invalid"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
