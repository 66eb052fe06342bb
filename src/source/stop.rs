//! How somebody stops a collection: at the keyboard, or as systems do that have to end a program.

use std::future::pending;

use tokio::signal::ctrl_c;

use super::CollectError;

/// That what listens for signals can be had: it ends the program where the system lets it open no more files.
///
/// # Errors
/// Where that is so.
pub(super) fn can_be_stopped() -> Result<(), CollectError> {
    spare().map_err(|error| CollectError::Config {
        message: format!("no connections can be made: {error}"),
        hint: Some("raise the limit of open files".into()),
    })
}

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
