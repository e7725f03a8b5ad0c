//! What is known of what revisions do; asked for when it is looked at, never before a key is answered.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::failure::Failure;
use crate::domain::review::Review;
use crate::domain::revision::RevisionId;

/// Reviews that came, and what is missing.
#[derive(Clone, Debug, Default)]
pub struct Reviews {
    known: HashMap<RevisionId, Known>,
    /// Grows when the directory changes: what is older is shown, and asked for again.
    edition: u64,
    failure: Option<Failure>,
}

/// The last answer about a revision.
#[derive(Clone, Debug)]
struct Known {
    edition: u64,
    review: Option<Arc<Review>>,
}

impl Reviews {
    /// The review of a revision, if one came.
    pub fn get(&self, id: &RevisionId) -> Option<&Arc<Review>> {
        self.known.get(id)?.review.as_ref()
    }

    /// Why the last question brought nothing.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Whether no answer about a revision came yet.
    pub fn is_missing(&self, id: &RevisionId) -> bool {
        self.known
            .get(id)
            .is_none_or(|known| known.edition < self.edition)
    }

    /// Everything is to be asked for again; until then it stays on the screen.
    pub(super) fn outdate(&mut self) {
        self.edition += 1;
        self.failure = None;
    }

    /// Takes an answer; a revision of which it says nothing is not asked for again.
    pub(super) fn absorb(
        &mut self,
        asked: Vec<RevisionId>,
        answer: Result<Vec<Arc<Review>>, Failure>,
    ) {
        let edition = self.edition;
        for id in asked {
            let known = self.known.entry(id).or_insert(Known {
                edition,
                review: None,
            });
            known.edition = edition;
        }
        match answer {
            Ok(reviews) => {
                self.failure = None;
                self.known.extend(reviews.into_iter().map(|review| {
                    let known = Known {
                        edition,
                        review: Some(Arc::clone(&review)),
                    };
                    (review.id.clone(), known)
                }));
            }
            Err(failure) => self.failure = Some(failure),
        }
    }
}
