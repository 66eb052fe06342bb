//! An organisation for the stub: the small healthy account, several times over.

use std::fmt::Write as _;

use serde_json::json;

use crate::{
    estate,
    run::{Outcome, Run, environment},
    stub::{Reply, Request, Stub},
};

/// The management account, which the caller is in.
pub(crate) const CALLER: &str = "123456789012";
/// Accounts that have the role.
pub(crate) const FIRST: &str = "222222222222";
pub(crate) const SECOND: &str = "333333333333";
/// One that was closed.
pub(crate) const CLOSED: &str = "444444444444";
/// What comes with the credentials of a role, and must never leave the source.
pub(crate) const TOKEN: &str = "t0ken-of-a-session";

/// What an answer depends on besides the request.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    pub(crate) partition: &'static str,
    pub(crate) accounts: Vec<(String, &'static str)>,
}

impl Members {
    pub(crate) fn new() -> Self {
        let accounts = [(CALLER, "ACTIVE"), (FIRST, "ACTIVE"), (SECOND, "ACTIVE"), (CLOSED, "SUSPENDED")];
        Self { partition: "aws", accounts: accounts.map(|(id, state)| (id.to_owned(), state)).to_vec() }
    }

    /// The answer that a healthy organisation gives.
    pub(crate) fn answer(&self, request: &Request) -> Reply {
        match request.operation.as_str() {
            "ListAccounts" => {
                let arn = |id: &str| format!("arn:{}:organizations::{CALLER}:account/o-1/{id}", self.partition);
                let accounts = self.accounts.iter().map(|(id, state)| {
                    json!({"Id": id, "Arn": arn(id), "Name": format!("name-{id}"), "Email": "owner@example.com",
                        "State": state, "Paths": ["o-1/r-1/"]})
                });
                Reply::ok(json!({"Accounts": accounts.collect::<Vec<_>>()}).to_string())
            }
            "AssumeRole" => session(request, &role_account(request), "", "2099-01-01T00:00:00Z"),
            _ => self.in_account(request),
        }
    }

    /// What the account says that the request was signed for.
    fn in_account(&self, request: &Request) -> Reply {
        let own = format!("arn:{}:", self.partition);
        let there = account(request);
        let asked = request.with(&there, CALLER).with(&own, "arn:aws:");
        match estate::answer(&asked) {
            Reply::Text { status, headers, body } => {
                Reply::Text { status, headers, body: body.replace(CALLER, &there).replace("arn:aws:", &own) }
            }
            other => other,
        }
    }
}

/// Credentials for an account; of several, each bears its mark.
pub(crate) fn session(request: &Request, account: &str, mark: &str, expires: &str) -> Reply {
    let mut inside = format!("<AccessKeyId>ASIA{account}{mark}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>");
    let _ = write!(inside, "<SessionToken>{TOKEN}</SessionToken><Expiration>{expires}</Expiration>");
    let user =
        format!("<Arn>arn:aws:sts::{account}:assumed-role/Audit/egress-audit</Arn><AssumedRoleId>A:e</AssumedRoleId>");
    let inside = format!("<Credentials>{inside}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>");
    Reply::ok(estate::document(request, &inside))
}

/// The account that a request was signed for.
pub(crate) fn account(request: &Request) -> String {
    request.key.strip_prefix("ASIA").and_then(|key| key.get(..12)).unwrap_or(CALLER).to_owned()
}

/// The account of the role that a request asks for.
pub(crate) fn role_account(request: &Request) -> String {
    let ids = (0..10).map(|digit| digit.to_string().repeat(12)).chain((100..130).map(numbered));
    ids.into_iter().find(|id| request.names(&format!("iam%3A%3A{id}%3Arole%2F"))).expect("a role of a member")
}

/// The id of one of many accounts.
pub(crate) fn numbered(number: u32) -> String {
    format!("{number:012}")
}

/// A run over the organisation that the stub is.
pub(crate) fn run(stub: &Stub, arguments: &[&str]) -> Run {
    Run::of("aws:org/Audit", &environment(&stub.endpoint()), arguments).set("AWS_MAX_ATTEMPTS", "1")
}

/// Reads one region of the organisation.
pub(crate) fn collect(stub: &Stub) -> Outcome {
    run(stub, &["--region", "us-west-2"]).go()
}

/// The records of an account, each as its kind, region, id and body.
pub(crate) fn records(outcome: &Outcome, account: &str) -> Vec<[String; 4]> {
    let records = outcome.snapshot().records.iter().filter(|record| record.scope.account == account);
    records.map(|it| [it.kind.to_string(), it.scope.region.clone(), it.id.clone(), it.body.get().to_owned()]).collect()
}
