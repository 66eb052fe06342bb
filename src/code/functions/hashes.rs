//! Functions of digests.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::Digest as _;

use crate::code::{Value, Why, expression::Fault};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    let of = |digest: fn(&[u8]) -> String| arguments.text(0).map(|text| Value::text(digest(text.as_bytes())).into());
    Some(match name {
        "md5" => of(|bytes| hex(&md5::Md5::digest(bytes))),
        "sha1" => of(|bytes| hex(&sha1::Sha1::digest(bytes))),
        "sha256" => of(|bytes| hex(&sha2::Sha256::digest(bytes))),
        "sha512" => of(|bytes| hex(&sha2::Sha512::digest(bytes))),
        "base64sha256" => of(|bytes| STANDARD.encode(sha2::Sha256::digest(bytes))),
        "base64sha512" => of(|bytes| STANDARD.encode(sha2::Sha512::digest(bytes))),
        "bcrypt" | "uuid" => Err(Fault::Other(Why::Changing, format!("the function `{name}`"))),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
