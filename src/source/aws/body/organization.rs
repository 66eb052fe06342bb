//! Accounts of an organisation, without the addresses of their owners.

use aws_sdk_organizations::types::{Account, AccountState, AccountStatus};

use super::{bodies, words};

bodies! {
    Account {
        id => "Id",
        arn => "Arn",
        name => "Name",
        status => "Status",
        state => "State",
        paths => "Paths",
    }
}

words! { AccountState, AccountStatus }
