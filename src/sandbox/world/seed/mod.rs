//! The world on its first day: the project of the story that Portcullis was made for.

mod history;
mod past_task;
mod resources;
mod texts;

use jiff::Timestamp;

use super::{
    access::{Access, Principal},
    model::Project,
    state::{Dice, STATE_VERSION, State},
};

/// The environments, least dangerous first.
pub const ENVIRONMENTS: [&str; 3] = ["demo", "uat", "prod"];

/// Where the database of an environment is on its Alembic directory; `None` where tables were made by hand.
pub fn revision_of(environment: &str) -> Option<&'static str> {
    match environment {
        "uat" => Some("007_gateway_audit_logs"),
        "prod" => Some("010_usage_events"),
        _ => None,
    }
}

/// The password of `plant_app`, the same everywhere because all databases share one server. It guards nothing.
pub fn password() -> &'static str {
    "only-a-sandbox"
}

/// The state of a new world, with ages that are right at this moment.
pub fn state(now: Timestamp) -> State {
    let mut state = empty();
    resources::add(&mut state, now);
    history::add(&mut state, now);
    state
}

fn empty() -> State {
    State {
        version: STATE_VERSION,
        project: Project {
            id: "waooaw-oauth".to_owned(),
            number: 270_293_855_600,
            display_name: "WAOOAW".to_owned(),
            region: "asia-south1".to_owned(),
        },
        access: Access {
            operator: Principal {
                email: "ravi@example.com".to_owned(),
                subject: "104857600000000000001".to_owned(),
                name: "Ravi".to_owned(),
            },
            denials: Vec::new(),
        },
        jobs: Vec::new(),
        executions: Vec::new(),
        operations: Vec::new(),
        secrets: Vec::new(),
        instances: Vec::new(),
        sql_operations: Vec::new(),
        backups: Vec::new(),
        services: Vec::new(),
        log: Vec::new(),
        arrived: 0,
        lines: 0,
        dice: Dice::new(20_260_116),
    }
}
