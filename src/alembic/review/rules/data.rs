//! Rules about what is in the tables, and about the code that reads them.

use super::locks::thing;
use super::{Case, Findings};
use crate::domain::review::{Object, Verb};
use crate::sql::Hazard;

pub(super) fn look(case: &Case<'_>, findings: &mut Findings) {
    for run in &case.trace.runs {
        for effect in run.effects() {
            let table = effect.table.as_deref();
            if effect.destroys {
                let cascade = match effect.hazard {
                    Some(Hazard::Cascade) => ", and what depends on it",
                    _ => "",
                };
                let message = format!("{} {}{cascade}", effect.verb.word(), thing(effect));
                match effect.verb {
                    Verb::Drop | Verb::Truncate => {
                        let message = format!("{message}: what is in it is lost");
                        findings.add("destroys-data", run.line, table, message);
                    }
                    _ => {
                        let message = format!("{message}: values of before are lost");
                        findings.warn("destroys-data", run.line, table, message);
                    }
                }
            }
            if effect.hazard == Some(Hazard::NotNullWithoutDefault) {
                let message = format!(
                    "{} must not be null and has no default: fails as soon as there is a row",
                    thing(effect)
                );
                findings.add("not-null-without-default", run.line, table, message);
            }
            let used = matches!(effect.object, Object::Table | Object::Column | Object::View);
            if effect.verb == Verb::Rename && used {
                let message = format!(
                    "renames {}: code that runs now asks for the old name",
                    thing(effect)
                );
                findings.add("renames", run.line, table, message);
            }
        }
    }
}
