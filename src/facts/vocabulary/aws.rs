//! The facts that only AWS has, and the subjects that only it knows.

use super::{
    Field, Type,
    subjects::{ACCOUNT, CLOUD_FIELD, ID, NAME, REGION, fact},
};

pub(super) static LAYER_USE: &[Field] = &[
    fact("id", Type::Text, "the ARN of the layer's version"),
    fact("account", Type::Nullable(&Type::Text), "the account it is of; null where its name does not tell"),
    fact(
        "foreign",
        Type::Bool,
        "whether that is another account than the function's, and none that is declared trusted",
    ),
];

pub(super) static LAYER: &[Field] = &[
    ID,
    NAME,
    CLOUD_FIELD,
    ACCOUNT,
    REGION,
    fact("versions", Type::List(&Type::Object(LAYER_VERSION)), "its versions"),
];

static LAYER_VERSION: &[Field] = &[
    fact("id", Type::Text, "the ARN of the version"),
    fact("public", Type::Bool, "whether every AWS account may use it"),
];

pub(super) static ROUTE: &[Field] = &[
    fact("id", Type::Text, "the route, such as `GET /orders`, or what a rule of a listener fits"),
    fact("leads_to", Type::Text, "the function, or the host of its URL"),
    fact(
        "authentication",
        Type::Enum(&["none", "iam", "authoriser"]),
        "how callers are asked who they are; an API key asks nobody",
    ),
    fact("api_key", Type::Bool, "whether callers must send an API key"),
    fact("open", Type::Bool, "whether everyone gets past it: nobody is asked, and no policy or address holds them off"),
];
