//! Whether strangers may change or read a function, rather than call it.

use super::{
    super::policy::{Caller, Request, Statements, Step},
    Invoke,
};
use crate::knowledge::lambda_management;

impl Invoke {
    /// Asks for every action that a resource policy can grant apart from calls.
    pub(super) fn management(&mut self, statements: &Statements<'_>) {
        let stranger = Caller::Aws { account: None, name: None };
        for action in lambda_management() {
            let decision = statements.ask(&Request::new(stranger.clone(), vec![Step::api(action)]));
            self.management
                .or(statements.known(decision.truth), || format!("{action} ({})", statements.names(&decision.by)));
        }
    }
}
