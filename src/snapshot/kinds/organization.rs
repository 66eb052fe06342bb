//! The kinds of an organisation of AWS: its accounts, and how each was entered.

use super::{
    Kind,
    aws::{each, list},
};

/// An account of the organisation, whether it is read or not, in the scope of whoever asked and of the region `global`; id:
/// the account. Without the address of its owner.
pub const ACCOUNT: Kind = list("organizations:account", "organizations:ListAccounts");
/// As whom an account was read, `{"Arn": …}`: by a role in it, or by the caller's own credentials; id: the account.
pub const MEMBER: Kind = each("organizations:member", "sts:AssumeRole");
/// The same of the account that the caller is in.
pub const OWN: Kind = Kind { call: "sts:GetCallerIdentity", ..MEMBER };
/// `describe-regions` of an account, where all of them are read: those that are enabled; id: the account.
pub const REGIONS: Kind = each("ec2:regions", "ec2:DescribeRegions");
