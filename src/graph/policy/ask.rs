//! The questions that are put to the policy of a resource of any kind.

use std::collections::BTreeMap;

use super::{
    condition::Value,
    decide::{Placed, Statements},
    principal::Caller,
    request::{Request, Step},
    statement::parse,
};
use crate::evidence::{Gap, GapReason, Known};

/// By which way a request without a name comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Endpoint {
    /// Over the internet.
    Internet,
    /// Through a VPC endpoint that nobody named.
    Stranger,
}

/// Whether a policy lets everyone do something to a resource.
pub(in crate::graph) fn lets_everyone(text: &str, action: &'static str, arn: &str, by: Endpoint) -> Known<bool> {
    let mut request = Request::new(Caller::Anonymous, vec![Step::api(action)]);
    if by == Endpoint::Stranger {
        let keys = ["aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"];
        request.given = keys.map(|key| (key.to_owned(), Value::Other)).into_iter().collect::<BTreeMap<_, _>>();
        request.given.insert("aws:sourceip".into(), Value::Unknown);
    }
    ask(text, arn, &request)
}

/// Whether a policy lets every AWS account do something to a resource, by a signed request.
pub(in crate::graph) fn lets_any_account(text: &str, action: &'static str, arn: &str) -> Known<bool> {
    ask(text, arn, &Request::new(Caller::Aws { account: None, name: None }, vec![Step::api(action)]))
}

fn ask(text: &str, arn: &str, request: &Request) -> Known<bool> {
    match parse(text) {
        Err(why) => Known::Unknown(Gap::new(format!("the policy of {arn}"), GapReason::Malformed).with_detail(why)),
        Ok(list) => {
            let list = list.into_iter().map(|statement| Placed { arn, statement }).collect();
            let statements = Statements { arn, list };
            statements.known(statements.ask(request).truth)
        }
    }
}
