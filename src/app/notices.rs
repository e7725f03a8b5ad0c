//! Notices: what the ledger has for whoever looks at the fleet. Each stays until it is done with.

use super::consent::OpenRequest;
use super::model::Model;
use crate::domain::ledger::Soundness;
use crate::domain::settlement::Settlement;

/// A line above the problems.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// The ledger does not hold.
    Chain(&'a Soundness),
    /// Requests wait for the word of the one who is signed in; this is the newest.
    Requests(&'a OpenRequest),
    /// A run that an earlier start had left open.
    Earlier(&'a Settlement),
}

impl Model {
    /// All notices, the worst first.
    pub fn notices(&self) -> Vec<Notice<'_>> {
        let chain = self.chain.value().filter(|found| !found.is_sound());
        let heard = self.requests_heard().next();
        chain
            .map(Notice::Chain)
            .into_iter()
            .chain(self.earlier.iter().rev().map(Notice::Earlier))
            .chain(heard.map(Notice::Requests))
            .collect()
    }

    /// The requests to which the word of the one who is signed in would count.
    pub fn requests_heard(&self) -> impl Iterator<Item = &OpenRequest> {
        let all = self
            .desk
            .value()
            .into_iter()
            .flat_map(|desk| &desk.requests);
        all.filter(|open| open.heard)
    }
}
