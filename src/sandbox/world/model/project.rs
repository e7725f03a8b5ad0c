//! The project.

use serde::{Deserialize, Serialize};

/// A Google Cloud project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The id, such as `waooaw-oauth`.
    pub id: String,
    /// The number, which some answers use instead of the id.
    pub number: u64,
    /// The name for people.
    pub display_name: String,
    /// The one region of this world.
    pub region: String,
}

impl Project {
    /// `projects/P/locations/L`, the parent of everything of Cloud Run.
    pub fn location(&self) -> String {
        format!("projects/{}/locations/{}", self.id, self.region)
    }
}
