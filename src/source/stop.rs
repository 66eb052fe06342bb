//! How somebody stops a collection: at the keyboard, or as systems do that have to end a program.

use std::future::pending;

use tokio::signal::ctrl_c;

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
