//! The facts that only Google Cloud has, and the subjects that only it knows.

use super::{
    Field, Type,
    subjects::{ACCOUNT as PROJECT_FIELD, CLOUD_FIELD, ID, NAME, REGION, TEXTS, fact},
};

pub(super) static INGRESS: &[Field] = &[
    fact(
        "setting",
        Type::Enum(&["all", "internal", "internal-and-load-balancer", "none"]),
        "which requests the platform lets in",
    ),
    fact("by_events", Type::Bool, "whether it is called by events alone"),
    fact("default_url", Type::Bool, "whether the address that the platform gave it works"),
    fact("reachable", Type::Bool, "whether the internet reaches it, by whichever door"),
    fact("reachable_by", Type::Text, "by which door; empty where it does not"),
    fact("plain_http", Type::Bool, "whether plain http is accepted without redirection"),
    fact("identity_aware_proxy", Type::Bool, "whether Identity-Aware Proxy guards the service itself"),
    fact(
        "guarded_front",
        Type::Bool,
        "whether an external load balancer with Cloud Armor or Identity-Aware Proxy stands before it",
    ),
    fact("guarded_by", Type::Text, "the name of that load balancer's backend service; empty where there is none"),
    fact(
        "bypasses_front",
        Type::Bool,
        "whether everyone can call it past that load balancer, by the address that the platform gave it",
    ),
];

pub(super) static IDENTITY: &[Field] = &[
    fact("account", Type::Text, "the address of the service account, or the ARN of the role, that it runs as"),
    fact(
        "default",
        Type::Bool,
        "whether that is the account that the platform made, which everything shares; never on AWS",
    ),
    fact(
        "privileged",
        Type::Bool,
        "whether it holds a role of an owner, an editor or an administrator in the project or above, or may do everything on AWS",
    ),
    fact("privileged_by", Type::Text, "by which grant or policy; empty where it does not"),
    fact("shared_with", TEXTS, "the other functions that run as the same role, on AWS"),
];

pub(super) static INVOKER: &[Field] = &[
    fact("id", Type::Text, "the principal, the role and where it was granted"),
    fact("principal", Type::Text, "who, as the policy writes it"),
    fact("kind", KIND, "what the principal is"),
    fact("role", Type::Text, "the role that holds the permission; on AWS the permission"),
    fact("level", LEVEL, "where it was granted; `resource` is the workload itself"),
    fact("on", Type::Text, "the name of that"),
    fact(
        "project",
        Type::Nullable(&Type::Text),
        "the project or account of the principal; null where its name does not tell",
    ),
    fact(
        "foreign",
        Type::Bool,
        "whether that is another project or account than the workload's, and none that is declared trusted",
    ),
    fact("platform", Type::Bool, "whether it is an account that a service of Google acts by, or a service of AWS"),
    fact("conditional", Type::Bool, "whether the grant has a condition"),
    fact("holds", Type::Bool, "whether it certainly lets the principal in; unknown where a role or condition is"),
];

const KIND: Type = Type::Enum(&[
    "everyone",
    "any-google-account",
    "user",
    "group",
    "domain",
    "service-account",
    "cluster-identity",
    "identity",
    "identities",
    "pool",
    "container",
    "deleted",
    "any-account",
    "account",
    "role",
    "session",
    "service",
    "organization",
    "network",
    "addresses",
    "federated",
    "canonical-user",
    "unknown",
]);

const LEVEL: Type = Type::Enum(&["resource", "key-ring", "project", "folder", "organization"]);

pub(super) static DEAD_GRANT: &[Field] = &[
    fact("id", Type::Text, "the principal and the role"),
    fact("principal", Type::Text, "to whom"),
    fact("role", Type::Text, "the role"),
    fact("because", Type::Text, "why it does nothing"),
];

pub(super) static SELF_GRANTING: &[Field] = &[
    fact("id", Type::Text, "the principal, the role and where it was granted"),
    fact("principal", Type::Text, "who"),
    fact("role", Type::Text, "the role by which they can change the policy"),
    fact("on", Type::Text, "where it was granted"),
    fact("holds", Type::Bool, "whether the grant certainly holds"),
];

pub(super) static CONNECTOR: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    PROJECT_FIELD,
    REGION,
    fact("state", Type::Text, "its state as the provider names it"),
    fact("ready", Type::Bool, "whether it passes traffic in that state"),
    fact("shared", Type::Bool, "whether it stands in a network of another project"),
    fact("cut_off", Type::Bool, "whether that project's firewalls cut it off from the platform"),
    fact("cut_off_because", Type::Text, "what they stop; empty where they do not"),
    fact("missing_grants", TEXTS, "the grants across projects that service agents lack"),
    fact("workloads", TEXTS, "the workloads that name it"),
    fact("elsewhere", TEXTS, "those of them that are in another region"),
];

pub(super) static DOOR: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    PROJECT_FIELD,
    REGION,
    fact("external", Type::Bool, "whether the internet reaches it"),
    fact("addresses", TEXTS, "the addresses it is reached at"),
    fact("security_policy", Type::Nullable(&Type::Text), "the Cloud Armor policy that guards it; null where none does"),
    fact("identity_aware_proxy", Type::Bool, "whether Identity-Aware Proxy guards it"),
    fact("mask", Type::Nullable(&Type::Text), "the mask by which it exposes every service that fits; null without one"),
    fact("workloads", TEXTS, "the workloads behind it, on Google Cloud"),
    fact(
        "kind",
        Type::Enum(&[
            "backend-service",
            "function-url",
            "rest-api",
            "http-api",
            "websocket-api",
            "load-balancer",
            "cloudfront",
        ]),
        "what it is; `backend-service` is that of a load balancer of Google Cloud",
    ),
    fact("private", Type::Bool, "whether it can be reached from the inside alone, such as through VPC endpoints"),
    fact("any_endpoint", Type::Bool, "whether a private API lets in whoever comes through any VPC endpoint"),
    fact(
        "bypassed_domain",
        Type::Nullable(&Type::Text),
        "a domain that asks for certificates, which the default address goes around; null without one",
    ),
    fact("open_cors", Type::Bool, "whether a browser may call it from every origin"),
    fact("routes", Type::List(&Type::Object(super::aws::ROUTE)), "what of it leads to functions, on AWS"),
];

pub(super) static ACCOUNT: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    PROJECT_FIELD,
    REGION,
    fact("disabled", Type::Bool, "whether it is off"),
    fact("keys", Type::List(&Type::Object(USER_KEY)), "its keys that somebody holds in a file"),
    fact(
        "impersonators",
        Type::List(&Type::Object(IMPERSONATOR)),
        "those who can mint its tokens, apart from the workloads it is made for",
    ),
    fact("workloads", TEXTS, "the workloads it may invoke"),
];

static USER_KEY: &[Field] = &[
    fact("id", Type::Text, "the key's id"),
    fact("created", Type::Nullable(&Type::Text), "when it was made"),
    fact("enabled", Type::Bool, "whether it works"),
];

static IMPERSONATOR: &[Field] = &[
    fact("id", Type::Text, "the principal, the role and where it was granted"),
    fact("principal", Type::Text, "who"),
    fact("kind", KIND, "what the principal is"),
    fact("role", Type::Text, "the role that lets them"),
    fact("level", LEVEL, "where it was granted; `resource` is the service account itself"),
    fact("on", Type::Text, "the name of that"),
    fact(
        "through",
        Type::Text,
        "the accounts on the way, nearest to this one first; empty for one who does it directly",
    ),
    fact("holds", Type::Bool, "whether it certainly lets them"),
];

pub(super) static POOL: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    PROJECT_FIELD,
    REGION,
    fact("open_providers", TEXTS, "its providers that take every token of an issuer whose tokens anyone can have"),
    fact("workloads", TEXTS, "the workloads that its identities may invoke"),
];

pub(super) static PROJECT: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    PROJECT_FIELD,
    REGION,
    fact("over_granted_agent", TEXTS, "roles that the agent of Cloud Functions holds on the project and does not need"),
];
