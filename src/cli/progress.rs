//! A bar on standard error while a live source is read; nothing where that is no terminal.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::source::Progress;

/// The bar: one, however many accounts are read at a time.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    /// How many accounts are read, and how many there are.
    accounts: [AtomicU64; 2],
}

impl Bar {
    /// A bar that is not drawn before the first call is expected.
    pub(super) fn new() -> Self {
        // Indicatif hides what it would draw where standard error is no terminal.
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
        if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {bar:24} {pos}/{len} calls{prefix}  {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, accounts: [AtomicU64::new(0), AtomicU64::new(0)] }
    }

    fn count(&self, [read, all]: [u64; 2]) {
        let [of_read, of_all] = &self.accounts;
        let read = of_read.fetch_add(read, Ordering::Relaxed) + read;
        let all = of_all.fetch_add(all, Ordering::Relaxed) + all;
        self.bar.set_prefix(format!("  {read}/{all} accounts"));
    }
}

impl Progress for Bar {
    fn expect(&self, calls: u64) {
        self.bar.inc_length(calls);
    }

    fn done(&self, call: &str) {
        self.bar.set_message(call.to_owned());
        self.bar.inc(1);
    }

    fn accounts(&self, accounts: u64) {
        self.count([0, accounts]);
    }

    fn account_done(&self) {
        self.count([1, 0]);
    }

    fn note(&self, text: &str) {
        // Not on the line that the bar is on.
        self.bar.suspend(|| tracing::warn!("{text}"));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bar_counts_the_calls_and_the_accounts() {
        let bar = Bar::new();
        bar.expect(3);
        bar.done("sts:AssumeRole");
        assert_eq!((bar.bar.prefix().as_str(), bar.bar.position(), bar.bar.length()), ("", 1, Some(3)));
        bar.accounts(2);
        bar.account_done();
        assert_eq!(bar.bar.prefix(), "  1/2 accounts");
    }
}
