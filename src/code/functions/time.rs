//! Functions of time: what they give is different each time, or is left to Terraform.

use crate::code::{Why, expression::Fault};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    let why = match name {
        "timestamp" | "plantimestamp" => Why::Changing,
        "formatdate" | "timeadd" | "timecmp" => Why::Unsupported,
        _ => return None,
    };
    // One whose argument is not known is not known for that reason.
    let hidden = arguments.all().iter().find(|node| !node.is_known());
    Some(Err(match hidden {
        Some(hidden) => crate::code::expression::missing(hidden),
        None => Fault::Other(why, format!("the function `{name}`")),
    }))
}
