//! The policy language of AWS: who may do what to which resource, under which conditions.
//!
//! Requests are whole classes: everyone, any account, a service on behalf of a stranger. The answer is yes, no, or what
//! makes it unknown.

mod addresses;
mod ask;
mod condition;
mod decide;
mod operator;
mod pattern;
mod principal;
mod request;
mod statement;

pub(super) use addresses::is_most_of_the_internet;
pub(super) use ask::{Endpoint, lets_any_account, lets_everyone};
pub(super) use condition::Value;
pub(super) use decide::{Placed, Statements, Truth};
pub(super) use operator::Compare;
pub(super) use pattern::{Pattern, account_of, is_account};
pub(super) use principal::{Caller, Entry};
pub(super) use request::{Request, Step};
pub(super) use statement::{Statement, parse, parse_identity};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod oracles;
#[cfg(test)]
mod properties;
