//! The revisions: list, drawing, one revision, and the environments side by side.

use std::sync::Arc;

use jiff::SignedDuration;
use portcullis::app::effect::{Effect, Part};
use portcullis::domain::environment::Tier;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::migration::{Directory, RevisionSummary};

use crate::stage::Stage;
use crate::world::{self, START, Site, World};

/// A directory with a branch, a merge, a label and a dependency, the oldest first.
fn branched() -> Arc<Directory> {
    let revision = |id: &str, down: &[&str], depends_on: &[&str], label: &str| RevisionSummary {
        id: id.into(),
        down: down.iter().map(|id| (*id).into()).collect(),
        depends_on: depends_on.iter().map(|id| (*id).into()).collect(),
        branch_labels: [label]
            .iter()
            .filter(|l| !l.is_empty())
            .map(ToString::to_string)
            .collect(),
        message: format!("Message of {id}"),
    };
    Arc::new(Directory {
        heads: vec!["007_gateway_audit_logs".into(), "x2".into()],
        bases: vec!["001_base_entity".into(), "x1".into()],
        revisions: vec![
            revision("001_base_entity", &[], &[], ""),
            revision("002_skills_and_roles", &["001_base_entity"], &[], ""),
            revision("003_remaining_entities", &["002_skills_and_roles"], &[], ""),
            revision("004_indexes", &["003_remaining_entities"], &[], ""),
            revision("x1", &[], &[], "extra"),
            revision("005_rls_policies", &["003_remaining_entities"], &[], ""),
            revision(
                "006_trial_tables",
                &["004_indexes", "005_rls_policies"],
                &[],
                "",
            ),
            revision("x2", &["x1"], &["005_rls_policies"], ""),
            revision("007_gateway_audit_logs", &["006_trial_tables"], &[], ""),
        ],
        ..Directory::default()
    })
}

/// The lines of the screen between two words.
fn lines_with(stage: &Stage, word: &str) -> Vec<String> {
    stage
        .text()
        .lines()
        .filter(|line| line.contains(word))
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn the_list_says_what_pending_revisions_do() {
    let mut stage = Stage::new(80, 24);
    stage.press("m");
    stage.shows("! blocks writes: create…");
    stage.shows("no undo head");
    stage.shows("creates 2 tables");
    stage.shows("undoable");
    stage.shows("◆ here");
    stage.shows("◆ prod  Row level security");
    stage.shows("◇ uat");
}

#[test]
fn the_drawing_keeps_the_rows_of_the_list() {
    let mut stage = Stage::dark(100, 24);
    stage.world.directory = Ok(branched());
    stage.open();
    stage.press("m j");
    let rows = |stage: &Stage| -> Vec<Option<usize>> {
        ["007_gateway", "006_trial", "x2", "x1", "001_base"]
            .map(|id| stage.text().lines().position(|line| line.contains(id)))
            .to_vec()
    };
    let listed = rows(&stage);
    stage.press("t");
    assert_eq!(rows(&stage), listed);
    let text = stage.text();
    let drawn: Vec<String> = text
        .lines()
        .skip_while(|line| !line.contains("REVISION"))
        .skip(1)
        .take(9)
        .map(|line| {
            line.chars()
                .skip(2)
                .take(8)
                .collect::<String>()
                .trim_end()
                .to_owned()
        })
        .collect();
    assert_eq!(
        drawn,
        [
            "○",
            "│ ●┄┐",
            "○─│─┊─╮",
            "│ │ └┄◆",
            "│ ●   │",
            "●     │",
            "●─────╯",
            "●",
            "●"
        ],
        "\n{text}"
    );
}

#[test]
fn labels_merges_heads_and_environments_are_marked() {
    let mut stage = Stage::dark(120, 30);
    stage.world.directory = Ok(branched());
    stage.open();
    stage.press("m t");
    for word in [
        "merge",
        "branch point",
        "(extra) base",
        "head",
        "◆ prod",
        "◇ uat",
    ] {
        stage.shows(word);
    }
    stage.press("t");
    stage.shows("○ pending 2   007");
}

#[test]
fn a_revision_tells_all_of_itself_and_its_sql() {
    let mut stage = Stage::new(80, 60);
    stage.press("m enter");
    for word in [
        "PRODUCTION",
        "revision 007_gateway_audit_logs",
        "○ pending 2",
        "Audit logs of the gateway",
        "file       database/migrations/versions/007_gateway_audit_logs.py",
        "after      006_trial_tables",
        "before     nothing: a head",
        "prod pending 2",
        "no undo: downgrade is empty",
        "creates index ix_audit_logs_tenant of audit_logs",
        "audit_logs  blocks writes (SHARE)",
        "! the index on audit_logs is built while nobody can write to it",
        "→ op.create_index(…, postgresql_concurrently=True)",
        "require-concurrent-index-creation · line 24 · docs/rules.md#",
        "silenced: it mirrors the upstream schema",
        "static preview: rendered here, not by Alembic",
        "not exact: a part is only known when the file runs",
        "CREATE INDEX ix_audit_logs_tenant ON audit_logs",
    ] {
        stage.shows(word);
    }
    stage.press("]");
    stage.shows("revision 006_trial_tables");
    stage.shows("CREATE TABLE trial_deliverables (");
    stage.shows("    id UUID NOT NULL");
    stage.press("[ [");
    stage.shows("this is the newest revision");
    stage.press("esc");
    stage.shows("REVISION");
}

#[test]
fn sql_is_moved_sideways_broken_and_searched() {
    let mut stage = Stage::new(80, 60);
    stage.press("m enter");
    stage.hides("the end of the line");
    stage.press("right right right right right right right right right right right right right right right right");
    stage.shows("the end of the line");
    stage.shows("from column");
    stage.press(
        "left left left left left left left left left left left left left left left left left w",
    );
    stage.shows("'the end of the line'");
    stage.press("/");
    stage.type_text("tenant_id");
    stage.press("enter");
    stage.shows("search tenant_id");
    stage.press("v");
    assert!(stage.asked.iter().any(
        |e| matches!(e, Effect::Pager { text } if text.contains("CREATE INDEX ix_audit_logs_tenant"))
    ));
}

#[test]
fn a_long_line_of_a_log_is_moved_sideways() {
    let mut stage = Stage::new(80, 24);
    stage.press("l");
    stage.press("right");
    stage.shows("line 9 of the log");
    let mut narrow = Stage::new(24, 24);
    narrow.press("l right");
    narrow.shows("of the log");
}

#[test]
fn only_what_is_looked_at_is_reviewed_and_only_once() {
    let mut stage = Stage::new(80, 24);
    let asked = |stage: &Stage| -> Vec<usize> {
        let of = |e: &Effect| match e {
            Effect::Review { revisions, .. } => Some(revisions.len()),
            _ => None,
        };
        stage.asked.iter().filter_map(of).collect()
    };
    assert!(asked(&stage).is_empty());
    stage.press("m");
    assert_eq!(asked(&stage), [2]);
    stage.press("j j");
    assert_eq!(asked(&stage), [2, 1]);
    stage.press("esc m k k j");
    assert_eq!(asked(&stage), [2, 1]);
    stage.press("ctrl-r");
    assert_eq!(asked(&stage), [2, 1, 2]);
}

#[test]
fn reviews_that_cannot_be_made_are_said_once() {
    let mut stage = Stage::dark(80, 30);
    stage.world.reviews = Err(Failure::new(
        FailureKind::Config,
        "the file is gone",
        "check out the directory again",
    ));
    stage.open();
    stage.press("m");
    stage.shows("Trial tables");
    stage.press("enter");
    stage.shows("✗ the file is gone");
    stage.shows("→ check out the directory again");
    stage.press("w w");
    let asked = stage
        .asked
        .iter()
        .filter(|e| matches!(e, Effect::Review { .. }));
    assert_eq!(asked.count(), 1);
}

#[test]
fn environments_stand_side_by_side() {
    let mut stage = Stage::new(120, 30);
    stage.press("c");
    stage.shows("side by side");
    stage.shows("◆ prod");
    stage.shows("2 pending");
    let row = lines_with(&stage, "004_indexes").join("\n");
    assert!(
        row.contains("≠") && row.contains("pending 1") && row.contains("applied"),
        "{row}"
    );
    stage.press("o");
    stage.shows("only differences");
    stage.hides("006_trial_tables");
    stage.press("enter");
    stage.shows("revision ");
    stage.press("esc o");
    stage.shows("006_trial_tables");
}

#[test]
fn one_environment_ten_and_none_are_compared() {
    let mut world = World::of_the_origin(START);
    world.sites.truncate(1);
    let mut stage = Stage::with(world, 80, 24);
    stage.open();
    stage.press("c o");
    stage.shows("no two known environments differ");
    let mut world = World::of_the_origin(START);
    for n in 0..7 {
        let mut site: Site = world.sites[1].clone();
        site.environment = world::environment(&format!("region-{n}"), Tier::Staging);
        site.at = n;
        world.sites.push(site);
    }
    let mut stage = Stage::with(world, 80, 24);
    stage.open();
    stage.press("c");
    stage.shows("more");
    stage.shows("◆ prod");
    stage.hides("region-6");
    stage.press("right right right right right right right right right");
    stage.shows("region-6");
    stage.press("left");
}

#[test]
fn what_is_not_known_of_an_environment_is_said_in_its_column() {
    let mut stage = Stage::dark(100, 24);
    let gone = Failure::new(FailureKind::Unreachable, "no answer", "check the network");
    stage.world.site_mut("uat").broken = vec![(Part::Reading, gone)];
    stage.open();
    stage.press("c");
    stage.shows("✗ unread");
    stage.shows("not known");
    stage.shows("? unknown");
    stage.wait(SignedDuration::from_mins(10));
    stage.draw();
    stage.shows("stale 10m");
}

#[test]
fn the_database_is_asked_by_a_run_from_its_tab() {
    let mut stage = Stage::new(80, 24);
    stage.press("m p");
    assert!(
        stage
            .asked
            .iter()
            .any(|e| matches!(e, Effect::MakePlan { operation, .. } if operation == "current"))
    );
}

#[test]
fn hundreds_of_revisions_with_long_names_and_wide_letters_are_drawn() {
    let id = |n: usize| format!("{n:032x}").as_str().into();
    let revisions: Vec<_> = (0..500)
        .map(|n| RevisionSummary {
            id: id(n),
            down: match n {
                0 => vec![],
                n if n % 7 == 0 && n > 3 => vec![id(n - 1), id(n - 3)],
                n if n % 5 == 0 => vec![id(n - 2)],
                n => vec![id(n - 1)],
            },
            depends_on: if n % 50 == 49 {
                vec![id(n - 40)]
            } else {
                vec![]
            },
            branch_labels: vec![],
            message: "日本語のとても長いメッセージ ".repeat(12),
        })
        .collect();
    let mut stage = Stage::dark(80, 24);
    stage.world.directory = Ok(Arc::new(Directory {
        heads: vec![id(499)],
        bases: vec![id(0)],
        revisions,
        ..Directory::default()
    }));
    stage.open();
    for keys in [
        "m t",
        "G",
        "g",
        "pagedown pagedown",
        "enter",
        "esc c",
        "G",
        "/ 日",
    ] {
        stage.press(keys);
        for size in [(40, 10), (200, 60), (80, 24)] {
            stage.resize(size.0, size.1);
        }
    }
}

#[test]
fn an_unsound_directory_says_why_on_every_screen() {
    let mut stage = Stage::dark(80, 24);
    stage.world.directory = Err(Failure::new(
        FailureKind::Config,
        "the migration directory is not sound: 007.py has no parent",
        "repair the revision files",
    ));
    stage.open();
    stage.press("/ d e m o enter m");
    stage.shows("is not sound");
    stage.press("t enter c");
    stage.shows("side by side");
}

#[test]
fn the_gate_says_what_pending_revisions_do() {
    let mut stage = Stage::new(100, 40);
    stage.press("u");
    stage.shows("what it does");
    stage.shows("2 revisions, 1 warn, 1 without undo");
    stage.shows("! blocks writes: creates index on audit_logs");
    let text = stage.text();
    let at = |word: &str| text.find(word).expect("a test");
    assert!(at("what it does") < at("preflight"), "{text}");
}
