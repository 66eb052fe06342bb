//! The subjects and their facts: a table, read from the top down.

use super::{Field, Subject, Type};

const fn fact(name: &'static str, kind: Type, meaning: &'static str) -> Field {
    Field { name, kind, meaning }
}

/// Everything a rule can be about.
pub static SUBJECTS: &[Subject] = &[
    Subject { name: "workload", meaning: "a function, at one of the versions that serve", fields: WORKLOAD },
    Subject { name: "nat", meaning: "a NAT gateway", fields: NAT },
    Subject { name: "address", meaning: "a reserved public address", fields: ADDRESS },
    Subject { name: "key", meaning: "an encryption key that a workload uses", fields: KEY },
];

const CLOUD: Type = Type::Enum(&["aws", "gcp"]);
const TEXTS: Type = Type::List(&Type::Text);

const ID: Field = fact("id", Type::Text, "the provider's full name of it, such as an ARN");
const NAME: Field = fact("name", Type::Text, "the short name that people use");
const CLOUD_FIELD: Field = fact("cloud", CLOUD, "the cloud it lives in");
const ACCOUNT: Field = fact("account", Type::Text, "the AWS account or Google Cloud project it belongs to");
const REGION: Field = fact("region", Type::Text, "the region it lives in");

static WORKLOAD: &[Field] = &[
    ID,
    NAME,
    fact("kind", Type::Enum(&["lambda-function"]), "what kind of workload it is"),
    CLOUD_FIELD,
    ACCOUNT,
    REGION,
    fact("version", Type::Text, "the version that these facts are of: `$LATEST` or a published number"),
    fact("runtime", Type::Nullable(&Type::Object(RUNTIME)), "the language runtime; null for a container image"),
    fact("network", Type::Object(NETWORK), "where its traffic enters a network"),
    fact("egress", Type::Object(EGRESS), "where its traffic leaves to the internet"),
    fact("invoke", Type::Object(INVOKE), "who may call it, as far as resource policies and function URLs tell"),
    fact("keys", Type::List(&Type::Object(KEY_USE)), "the customer-managed keys that it needs to start"),
    fact("environment", Type::Object(ENVIRONMENT), "its environment variables; values are never kept"),
    fact("intent", Type::Object(INTENT), "what it is meant to be, declared or plain from its network"),
];

static RUNTIME: &[Field] = &[
    fact("id", Type::Text, "the runtime as the provider names it"),
    fact("listed", Type::Bool, "whether the table of runtimes knows it"),
    fact(
        "deprecated",
        Type::Bool,
        "whether its date of deprecation has passed; unknown for a runtime not in the table",
    ),
    fact(
        "deprecated_on",
        Type::Nullable(&Type::Text),
        "the date of its deprecation, YYYY-MM-DD; null where none is set",
    ),
];

static NETWORK: &[Field] = &[
    fact("attached", Type::Bool, "whether its traffic goes into a VPC"),
    fact("vpc", Type::Nullable(&Type::Text), "the VPC; null where it is not attached"),
    fact("subnets", Type::List(&Type::Object(SUBNET)), "the subnets its interfaces are in"),
    fact("zone_count", Type::Int, "how many availability zones its subnets span"),
    fact("default_security_group", Type::Bool, "whether one of its security groups is the VPC's default one"),
    fact("dual_stack", Type::Bool, "whether it may use IPv6"),
];

static SUBNET: &[Field] = &[
    fact("id", Type::Text, "the subnet"),
    fact("zone", Type::Text, "the availability zone"),
    fact("public", Type::Bool, "whether its default route is an internet gateway"),
];

static EGRESS: &[Field] = &[
    fact(
        "verdict",
        Type::Enum(&[
            "static",
            "static-mutable",
            "unstable",
            "ephemeral",
            "none",
            "restricted",
            "mixed",
            "centralised",
            "unknown",
        ]),
        "the egress verdict, over all paths",
    ),
    fact(
        "paths",
        Type::List(&Type::Object(PATH)),
        "every way its traffic to the internet can take: one per subnet, address family and kind of end",
    ),
    fact(
        "broken_at",
        Type::Nullable(&Type::Text),
        "where the first path that does not reach the internet stops, and why; null where all reach it",
    ),
    fact("summary", Type::Text, "how the paths end, in one line"),
    fact("nat_zone_count", Type::Int, "how many zones the zonal NATs of its paths are in"),
    fact("through_zonal_nat_only", Type::Bool, "whether every path that reaches the internet goes through a zonal NAT"),
    fact("unlimited", Type::Bool, "whether no security group and no network ACL limits the destinations"),
    fact(
        "changed_addresses",
        Type::Nullable(&TEXTS),
        "addresses that differ from the lock file; null where no lock file was given",
    ),
];

static PATH: &[Field] = &[
    fact("id", Type::Text, "a name for the path that stays the same from run to run"),
    fact("family", Type::Enum(&["ipv4", "ipv6"]), "the address family"),
    fact("from", Type::Text, "the subnet it starts in, or `platform` for a workload without a network"),
    fact("zone", Type::Nullable(&Type::Text), "the zone of that subnet"),
    fact(
        "to",
        Type::Enum(&["internet", "nowhere"]),
        "where the routes lead: `internet`, or `nowhere` where the walk stops; unknown where they lead out of sight",
    ),
    fact("destinations", Type::Text, "which destinations take this path, in words"),
    fact("open", Type::Bool, "whether security groups, network ACLs and block public access let the traffic through"),
    fact(
        "degraded",
        Type::Bool,
        "whether a part of the connections fails, such as by a network ACL that shuts some return ports",
    ),
    fact("reaches_internet", Type::Bool, "whether traffic on this path gets to the internet and answers come back"),
    fact(
        "stop",
        Type::Nullable(&Type::Enum(&[
            "no-route",
            "blackhole",
            "public-subnet",
            "gateway-detached",
            "gateway-missing",
            "nat-failed",
            "nat-missing",
            "nat-without-address",
            "nat-in-private-subnet",
            "private-nat",
            "security-group",
            "network-acl",
            "block-public-access",
            "peering",
            "instance",
            "loop",
        ])),
        "why the walk stops; null where it does not",
    ),
    fact("because", Type::Text, "the deciding fact of the last hop, in words"),
    fact("exit", Type::Object(EXIT), "how it leaves"),
];

static EXIT: &[Field] = &[
    fact(
        "kind",
        Type::Enum(&["nat", "platform", "instance", "egress-only-gateway", "internet-gateway", "none"]),
        "what it leaves through; `platform` is the cloud's shared pool; `none` where it does not leave",
    ),
    fact("id", Type::Nullable(&Type::Text), "the id of that"),
    fact("zone", Type::Nullable(&Type::Text), "the zone of that, where it has one"),
    fact("zonal", Type::Bool, "whether it lives in one zone and fails with it"),
    fact("automatic", Type::Bool, "whether it may take further addresses by itself"),
    fact("verified", Type::Bool, "whether the API shows that it translates addresses; false for a NAT instance"),
    fact("addresses", Type::List(&Type::Object(EXIT_ADDRESS)), "the addresses that the other side may see"),
];

static EXIT_ADDRESS: &[Field] = &[
    fact("ip", Type::Text, "the address, or the prefix for IPv6"),
    fact("reserved", Type::Bool, "whether it is reserved by its owner and stays until it is released"),
];

static INVOKE: &[Field] = &[
    fact("url", Type::Nullable(&Type::Object(URL)), "its function URL; null where it has none"),
    fact(
        "anonymous",
        Type::Bool,
        "whether anyone on the internet gets in: reachable and authorised, by whichever door",
    ),
    fact("anonymous_by", Type::Text, "by which door and grants; empty where nobody does"),
    fact("latent_anonymous", Type::Bool, "whether everyone is authorised in part, one setting away from getting in"),
    fact("latent_because", Type::Text, "what is missing for anyone to get in; empty where nothing is latent"),
    fact("any_principal", Type::Bool, "whether any AWS account may call it, signed with its own credentials"),
    fact("any_principal_by", Type::Text, "by which statements; empty where it may not"),
    fact("services", Type::List(&Type::Object(SERVICE_GRANT)), "the grants to service principals"),
];

static URL: &[Field] = &[
    fact("authentication", Type::Enum(&["none", "iam"]), "whether callers must sign their requests"),
    fact("open_cors", Type::Bool, "whether every origin may call it from a browser"),
];

static SERVICE_GRANT: &[Field] = &[
    fact("id", Type::Text, "the policy and the statement"),
    fact("service", Type::Text, "the service principal"),
    fact("source_bound", Type::Bool, "whether a condition ties it to an account, a resource or an organisation"),
    fact("statement", Type::Text, "the statement's id"),
];

static KEY_USE: &[Field] = &[
    fact("id", Type::Text, "the key, as the workload names it"),
    fact("purpose", Type::Enum(&["environment", "code", "durable-state"]), "what it encrypts"),
    fact("usable", Type::Bool, "whether it can decrypt now"),
    fact("state", Type::Text, "the state of the key as the provider names it"),
    fact("until", Type::Nullable(&Type::Text), "when it stops being usable, where a date is set"),
];

static ENVIRONMENT: &[Field] =
    &[fact("credentials", Type::List(&Type::Object(CREDENTIAL)), "the variables whose value looks like a credential")];

static CREDENTIAL: &[Field] = &[
    fact("id", Type::Text, "the name of the variable"),
    fact("looks_like", Type::Text, "what kind of credential the value looks like"),
];

static INTENT: &[Field] = &[
    fact(
        "egress",
        Type::Nullable(&Type::Enum(&["static", "none", "restricted", "any"])),
        "how it is meant to leave; null where nobody declared it",
    ),
    fact(
        "static_egress",
        Type::Bool,
        "whether it is meant to leave from fixed addresses: declared, or attached to a VPC and sending all traffic there",
    ),
];

static NAT: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    ACCOUNT,
    REGION,
    fact("state", Type::Text, "its state as the provider names it"),
    fact("automatic", Type::Bool, "whether it may take further addresses by itself"),
    fact("workloads", TEXTS, "the workloads that leave through it"),
];

static ADDRESS: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    ACCOUNT,
    REGION,
    fact("ip", Type::Text, "the address"),
    fact("used", Type::Bool, "whether anything uses it"),
];

static KEY: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    ACCOUNT,
    REGION,
    fact("manager", Type::Enum(&["customer", "provider"]), "who manages it"),
    fact("state", Type::Text, "its state as the provider names it"),
    fact("usable", Type::Bool, "whether it can decrypt now"),
    fact("rotatable", Type::Bool, "whether automatic rotation can apply to this kind of key"),
    fact("rotated", Type::Bool, "whether automatic rotation is on; false where it cannot apply"),
    fact("rotation_days", Type::Nullable(&Type::Int), "the period of rotation in days; null where it is off"),
    fact("workloads", TEXTS, "the workloads that need it"),
];
