//! What a collection runs in, and how somebody stops it: at the keyboard, or as systems do that have to end a program.

use std::future::pending;

use tokio::{
    runtime::{Builder, Runtime},
    signal::ctrl_c,
};

use super::CollectError;

/// What a collection runs in.
///
/// # Errors
/// Where the system does not let it have the files that it takes.
pub(super) fn runtime() -> Result<Runtime, CollectError> {
    let failed = |error: std::io::Error| CollectError::Config {
        message: format!("no connections can be made: {error}"),
        hint: Some("raise the limit of open files".into()),
    };
    spare().map_err(failed)?;
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(failed)
}

/// That a few files can be opened yet: whoever listens for signals ends the program where they cannot.
#[cfg(unix)]
fn spare() -> std::io::Result<()> {
    let pairs: Result<Vec<_>, _> = (0..5).map(|_| std::os::unix::net::UnixStream::pair()).collect();
    pairs.map(drop)
}

#[cfg(not(unix))]
fn spare() -> std::io::Result<()> {
    Ok(())
}

/// Ends when somebody wants the program to stop.
pub(super) async fn stopped() {
    tokio::select! {
        () = interrupted() => {}
        () = terminated() => {}
    }
}

async fn interrupted() {
    if ctrl_c().await.is_err() {
        // Without the signal there is nothing to wait for.
        pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    pending().await
}
