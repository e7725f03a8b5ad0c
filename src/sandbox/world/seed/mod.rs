//! The world on its first day: the project of the story that Portcullis was made for.

use jiff::Timestamp;

use super::{
    access::{Access, Principal},
    model::Project,
    state::{Dice, STATE_VERSION, State},
};

/// The state of a new world, with ages that are right at this moment.
pub fn state(_now: Timestamp) -> State {
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
        dice: Dice::new(20_260_116),
    }
}
