//! The subjects and their facts: a table, read from the top down.

use super::{Field, Subject, Type, aws, google};

pub(super) const fn fact(name: &'static str, kind: Type, meaning: &'static str) -> Field {
    Field { name, kind, meaning }
}

/// Everything a rule can be about.
pub static SUBJECTS: &[Subject] = &[
    Subject { name: "workload", meaning: "a function, at one of the versions that serve", fields: WORKLOAD },
    Subject { name: "nat", meaning: "a NAT gateway", fields: NAT },
    Subject { name: "address", meaning: "a reserved public address", fields: ADDRESS },
    Subject { name: "key", meaning: "an encryption key that a workload uses", fields: KEY },
    Subject { name: "connector", meaning: "a Serverless VPC Access connector", fields: google::CONNECTOR },
    Subject {
        name: "door",
        meaning: "what stands before workloads: a load balancer, a stage of an API, a distribution, a function URL",
        fields: google::DOOR,
    },
    Subject { name: "layer", meaning: "a layer of an AWS account", fields: aws::LAYER },
    Subject {
        name: "service_account",
        meaning: "a service account that may invoke workloads",
        fields: google::ACCOUNT,
    },
    Subject {
        name: "pool",
        meaning: "a workload identity pool whose identities may invoke workloads",
        fields: google::POOL,
    },
    Subject { name: "project", meaning: "a project of Google Cloud that has functions", fields: google::PROJECT },
    Subject { name: "waiver", meaning: "a waiver of the policy file", fields: WAIVER },
];

const CLOUD: Type = Type::Enum(&["aws", "gcp"]);
pub(super) const TEXTS: Type = Type::List(&Type::Text);

pub(super) const ID: Field = fact("id", Type::Text, "the provider's full name of it, such as an ARN");
pub(super) const NAME: Field = fact("name", Type::Text, "the short name that people use");
pub(super) const CLOUD_FIELD: Field = fact("cloud", CLOUD, "the cloud it lives in");
pub(super) const ACCOUNT: Field = fact("account", Type::Text, "the AWS account or Google Cloud project it belongs to");
pub(super) const REGION: Field = fact("region", Type::Text, "the region it lives in");

static WORKLOAD: &[Field] = &[
    ID,
    NAME,
    fact(
        "kind",
        Type::Enum(&[
            "lambda-function",
            "lambda-web-function",
            "lambda-microvm",
            "cloud-function-gen1",
            "cloud-function",
            "run-service",
            "run-job",
            "run-worker-pool",
        ]),
        "what kind of workload it is; `cloud-function` is one of the second generation",
    ),
    CLOUD_FIELD,
    ACCOUNT,
    REGION,
    fact(
        "version",
        Type::Text,
        "the version that these facts are of: `$LATEST`, a published number, or the revisions that serve",
    ),
    fact("runtime", Type::Nullable(&Type::Object(RUNTIME)), "the language runtime; null for a container image"),
    fact("network", Type::Object(NETWORK), "where its traffic enters a network"),
    fact("egress", Type::Object(EGRESS), "where its traffic leaves to the internet"),
    fact("invoke", Type::Object(INVOKE), "who may call it, as far as resource policies and function URLs tell"),
    fact("keys", Type::List(&Type::Object(KEY_USE)), "the customer-managed keys that it needs to start"),
    fact("environment", Type::Object(ENVIRONMENT), "its environment variables; values are never kept"),
    fact("inactive", Type::Nullable(&Type::Text), "why it does not run at present; null where nothing says so"),
    fact(
        "ingress",
        Type::Nullable(&Type::Object(google::INGRESS)),
        "how a request can come in, on Google Cloud; null on AWS",
    ),
    fact(
        "tagged_revisions",
        TEXTS,
        "revisions without a share of the traffic that a tag keeps callable, each with its tag",
    ),
    fact(
        "identity",
        Type::Nullable(&Type::Object(google::IDENTITY)),
        "the service account or the role that it runs as; null where none is known",
    ),
    fact("layers", Type::List(&Type::Object(aws::LAYER_USE)), "the layers that it is made of, on AWS"),
    fact(
        "unsigned_code",
        Type::Nullable(&Type::Enum(&["deployed", "warned-about", "refused"])),
        "what happens to a package that no trusted profile signed; null where the platform checks no signatures",
    ),
    fact(
        "repository_under_key",
        Type::Nullable(&Type::Bool),
        "whether a function's image repository is under the function's own key; null where it has none, or names none",
    ),
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
    fact("attached", Type::Bool, "whether its traffic, or a part of it, goes into a VPC"),
    fact(
        "plane",
        Type::Enum(&["none", "subnets", "connector", "direct"]),
        "how it is attached: `subnets` on AWS, by a `connector` or `direct` on Google Cloud",
    ),
    fact(
        "sends_all",
        Type::Bool,
        "whether all of its traffic goes into the VPC, rather than what is bound for private ranges alone",
    ),
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
    fact("unlimited", Type::Bool, "whether no security group, network ACL or firewall limits the destinations"),
    fact(
        "skipped_nat",
        Type::Nullable(&Type::Text),
        "a NAT with reserved addresses in its network that the internet's traffic skips, since only private ranges go there",
    ),
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
    fact("open", Type::Bool, "whether security groups, network ACLs, firewalls and block public access let it through"),
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
            "not-attached",
            "zone-not-attached",
            "not-associated",
            "no-return",
            "endpoint-not-available",
            "instance",
            "loop",
            "connector-missing",
            "connector-not-running",
            "connector-blocked",
            "subnet-missing",
            "wrong-region",
            "next-hop",
            "without-nat",
            "firewall",
        ])),
        "why the walk stops; null where it does not",
    ),
    fact("because", Type::Text, "the deciding fact of the last hop, in words"),
    fact("exit", Type::Object(EXIT), "how it leaves"),
    fact(
        "transit_gateways",
        Type::List(&Type::Object(ON_THE_WAY)),
        "the transit gateways by which it passes into other networks, in order",
    ),
    fact(
        "inspected_by",
        Type::List(&Type::Object(ON_THE_WAY)),
        "what inspects it on the way: endpoints of gateway load balancers, firewalls inside transit gateways",
    ),
    fact(
        "appliance_mode",
        Type::Bool,
        "whether an attachment on the way hands its traffic to whichever zone, so that answers take the same way",
    ),
];

static ON_THE_WAY: &[Field] = &[fact("id", Type::Text, "its id")];

static EXIT: &[Field] = &[
    fact(
        "kind",
        Type::Enum(&["nat", "platform", "instance", "interface", "egress-only-gateway", "internet-gateway", "none"]),
        "what it leaves through; `platform` is the cloud's shared pool, `interface` an address of the workload's own instance; `none` where it does not leave",
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
    fact("draining", Type::Bool, "whether it is being given up: nothing new leaves from it"),
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
    fact(
        "any_principal",
        Type::Bool,
        "whether any AWS account, or anyone with a Google account, may call it with credentials of their own",
    ),
    fact("any_principal_by", Type::Text, "by which statements; empty where it may not"),
    fact(
        "wider_alias",
        Type::Bool,
        "whether an alias or a version that leads here lets in a wider circle than the function itself, on AWS",
    ),
    fact("wider_alias_by", Type::Text, "which, and whom; empty where none does"),
    fact("managed_by_any_principal", Type::Bool, "whether any AWS account may change it or read its code"),
    fact("management_grants", Type::Text, "the permissions and the statements; empty where it may not"),
    fact("services", Type::List(&Type::Object(SERVICE_GRANT)), "the grants to service principals, on AWS"),
    fact("check_disabled", Type::Bool, "whether the check of invokers is off, on Google Cloud"),
    fact(
        "invokers",
        Type::List(&Type::Object(google::INVOKER)),
        "everyone who may invoke it, by whichever policy; on AWS by resource policies, and identity policies are not read",
    ),
    fact("dead_grants", Type::List(&Type::Object(google::DEAD_GRANT)), "grants that do nothing"),
    fact(
        "self_granting",
        Type::List(&Type::Object(google::SELF_GRANTING)),
        "those who may not invoke it, and can let themselves",
    ),
    fact(
        "trigger_delivers",
        Type::Nullable(&Type::Bool),
        "whether the account of its trigger may invoke it; null where it has no trigger that needs to",
    ),
    fact(
        "trigger_account",
        Type::Nullable(&Type::Text),
        "the account that delivers the events of its trigger; null where it has no trigger that needs one",
    ),
    fact("denied_by", Type::Text, "deny policies that name the permission; they are shown, and not counted"),
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
    fact("name", Type::Text, "the last part of that"),
    fact(
        "purpose",
        Type::Enum(&["environment", "code", "durable-state", "workload"]),
        "what it encrypts; `workload` is image and instance alike, on Google Cloud",
    ),
    fact("usable", Type::Bool, "whether it can decrypt now"),
    fact("state", Type::Text, "the state of the key as the provider names it"),
    fact("until", Type::Nullable(&Type::Text), "when it stops being usable, where a date is set"),
    fact("effect", Type::Text, "what happens to the workload when it can no longer be used"),
    fact("in_region", Type::Bool, "whether it is in the region of the workload"),
    fact("missing_grants", TEXTS, "the service agents that need it and may not use it"),
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
    fact("public", Type::Bool, "whether it is declared to be called by anyone"),
    fact("customer_key", Type::Bool, "whether it is declared to be under a key of the customer's"),
    fact("trusted_declared", Type::Bool, "whether somebody declared whose principals may invoke it"),
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
    fact("logging", Type::Nullable(&Type::Bool), "whether it logs; null where the cloud has no such setting"),
    fact("draining", TEXTS, "the addresses that it is giving up"),
    fact(
        "missing_addresses",
        Type::Nullable(&Type::Int),
        "how many more addresses it needs for its present load; null where the cloud does not tell",
    ),
    fact(
        "ports_needed",
        Type::Nullable(&Type::Int),
        "how many ports the endpoints behind it may be given at once; null where their number has no known limit",
    ),
    fact(
        "ports_available",
        Type::Nullable(&Type::Int),
        "how many ports its addresses have for one protocol; null where it takes addresses by itself, or has none",
    ),
    fact("skipped_by", TEXTS, "the workloads in its network that send the internet's traffic past it"),
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
    fact(
        "destroyed_on",
        Type::Nullable(&Type::Text),
        "when it, or a version of it, will be destroyed; null where that is not scheduled",
    ),
    fact(
        "public",
        Type::Nullable(&Type::Bool),
        "whether anyone may use it, by its policy; null on AWS, whose key policies are not judged yet",
    ),
    fact("workloads", TEXTS, "the workloads that need it"),
];

static WAIVER: &[Field] = &[
    ID,
    NAME,
    fact("rule", Type::Text, "the rule that it is for, as the file names it"),
    fact("workload", Type::Text, "the pattern of what it is for"),
    fact("owner", Type::Text, "who answers for it"),
    fact("until", Type::Text, "the last day on which it counts, YYYY-MM-DD"),
    fact("days_left", Type::Int, "the days until then; negative once it is over"),
    fact("matched", Type::Bool, "whether anything in the scan goes by the pattern"),
    fact("used", Type::Bool, "whether it accepts a finding; unknown where one could not be evaluated"),
];
