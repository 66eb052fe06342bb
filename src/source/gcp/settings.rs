//! What the environment says, checked before anything goes out.

use std::env;

use super::super::CollectError;

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

/// The home folder of the user.
#[expect(clippy::disallowed_methods, reason = "sources read the environment")]
pub(super) fn home() -> Option<std::path::PathBuf> {
    let name = if cfg!(windows) { "APPDATA" } else { "HOME" };
    env::var_os(name).filter(|home| !home.is_empty()).map(Into::into)
}
