//! What the environment says of who asks, and where.

use std::env;

use super::CollectError;

/// A variable of the environment, if it is set to something.
///
/// # Errors
/// Where it is not text.
#[expect(clippy::disallowed_methods, reason = "sources read the environment")]
pub(super) fn variable(name: &str) -> Result<Option<String>, CollectError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(CollectError::Config { message: format!("`{name}` is not text"), hint: None })
        }
    }
}

/// The first of these that is set.
///
/// # Errors
/// Where one is not text.
#[cfg(feature = "objects")]
pub(super) fn first(names: &[&'static str]) -> Result<Option<(&'static str, String)>, CollectError> {
    for name in names {
        if let Some(value) = variable(name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

/// Whether a variable says yes.
///
/// # Errors
/// Where it is not text.
#[cfg(feature = "objects")]
pub(super) fn is_true(name: &str) -> Result<bool, CollectError> {
    Ok(variable(name)?.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")))
}

/// The home folder of the user.
#[cfg(feature = "gcp")]
#[expect(clippy::disallowed_methods, reason = "sources read the environment")]
pub(super) fn home() -> Option<std::path::PathBuf> {
    let name = if cfg!(windows) { "APPDATA" } else { "HOME" };
    env::var_os(name).filter(|home| !home.is_empty()).map(Into::into)
}
