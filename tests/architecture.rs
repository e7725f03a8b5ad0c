//! Holds the shape of the house: who may import whom, how long a file may be, what a folder may be called.
//!
//! The rules are those of `docs/architecture.md`. A rule that turns out wrong is changed here and there together,
//! with its reason in `docs/decisions/`.
#![expect(
    clippy::disallowed_methods,
    reason = "this test reads the source files"
)]

#[path = "support/source.rs"]
mod source;

use source::{SourceFile, production_files, rust_files};
use std::collections::BTreeMap;

/// What each layer may import from this crate. A layer may always import itself.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("sql", &["domain"]),
    ("alembic", &["domain", "sql"]),
    ("triage", &["domain"]),
    ("config", &["domain"]),
    ("ports", &["domain"]),
    ("app", &["domain"]),
    ("keys", &["domain", "app"]),
    ("ops", &["domain", "ports", "alembic", "triage", "config"]),
    // `sql` takes the values out of statements that a server shows, before anything is kept.
    ("adapters", &["domain", "ports", "alembic", "sql"]),
    (
        "tui",
        &[
            "domain", "app", "keys", "ops", "ports", "alembic", "sql", "triage", "config",
        ],
    ),
    (
        "cli",
        &["domain", "ops", "ports", "alembic", "triage", "config"],
    ),
    ("sandbox", &["domain", "alembic", "config"]),
    // The binary's own: the only one that names concrete adapters.
    (
        "wiring",
        &[
            "domain", "sql", "alembic", "triage", "config", "ports", "ops", "app", "keys",
            "adapters", "tui", "cli", "sandbox",
        ],
    ),
];

/// The only layers that may name a crate of the outside world.
const CRATES: &[(&str, &[&str])] = &[
    ("google_cloud_run_v2", &["adapters"]),
    ("google_cloud_secretmanager_v1", &["adapters"]),
    ("google_cloud_sql_v1", &["adapters"]),
    ("google_cloud_logging_v2", &["adapters"]),
    ("google_cloud_auth", &["adapters"]),
    ("google_cloud_gax", &["adapters"]),
    ("google_cloud_wkt", &["adapters"]),
    ("reqwest", &["adapters"]),
    ("sqlx", &["adapters", "sandbox"]),
    ("axum", &["sandbox"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui", "keys"]),
    ("clap", &["cli", "wiring"]),
    ("ruff_python_parser", &["alembic"]),
    ("ruff_python_ast", &["alembic"]),
    ("squawk_linter", &["sql"]),
    ("squawk_lexer", &["sql"]),
    ("squawk_syntax", &["sql"]),
    ("anyhow", &["wiring"]),
    ("rustix", &["adapters", "tui", "cli", "sandbox", "wiring"]),
    (
        "tokio",
        &["adapters", "tui", "cli", "sandbox", "ops", "wiring"],
    ),
];

/// The methods of the ports that only look, or write what is our own. Every other one changes the
/// world and takes an act that was approved.
const UNGATED: &[(&str, &[&str])] = &[
    ("clock", &["sleep"]),
    ("databases", &["instance", "read", "backends", "backups"]),
    ("identity", &["identity"]),
    ("permissions", &["held", "policy"]),
    ("keys", &["place", "get", "put", "forget", "protect"]),
    ("jobs", &["job", "executions", "execution", "tasks"]),
    (
        "ledger",
        &[
            "append",
            "append_unless",
            "page",
            "all",
            "open_runs",
            "soundness",
            "whereabouts",
            "connect",
            "disconnect",
            "forget_head",
        ],
    ),
    ("logs", &["read", "read_pages"]),
    ("secrets", &["list", "versions"]),
];

/// The longest that a file may get, in lines that are neither blank, nor comments, nor tests.
const LONGEST_FILE: usize = 400;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "imp", "stuff",
    "shared",
];

#[test]
fn imports_follow_the_directions() {
    let allowed: BTreeMap<_, _> = DIRECTIONS.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in production_files() {
        let Some(layer) = file.layer() else { continue };
        let Some(below) = allowed.get(layer) else {
            wrong.push(format!("{}: `{layer}` is no known layer", file.path));
            continue;
        };
        for import in file.crate_imports() {
            let known = allowed.contains_key(import.name.as_str());
            if known && import.name != layer && !below.contains(&import.name.as_str()) {
                wrong.push(format!(
                    "{}:{}: `{layer}` must not import `{}`",
                    file.path, import.line, import.name
                ));
            }
        }
    }
    report("imports against the direction", &wrong);
}

#[test]
fn outside_crates_stay_in_their_layers() {
    let homes: BTreeMap<_, _> = CRATES.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in production_files() {
        let Some(layer) = file.layer() else { continue };
        for start in file.path_starts() {
            let home = homes.get(start.name.as_str());
            if home.is_some_and(|layers| !layers.contains(&layer)) {
                wrong.push(format!(
                    "{}:{}: `{}` does not belong in `{layer}`",
                    file.path, start.line, start.name
                ));
            }
        }
    }
    report("outside crates in the wrong layer", &wrong);
}

#[test]
fn what_changes_the_world_takes_an_approved_act() {
    let ungated: BTreeMap<_, _> = UNGATED.iter().copied().collect();
    let method = regex::Regex::new(r"(?s)async fn (\w+)[^(]*\(([^;{]*)").expect("a valid pattern");
    let (mut wrong, mut gated) = (Vec::new(), 0);
    for file in production_files() {
        let Some(port) = file
            .path
            .strip_prefix("src/ports/")
            .and_then(|name| name.strip_suffix(".rs"))
        else {
            continue;
        };
        let known = ungated.get(port).copied().unwrap_or_default();
        for found in method.captures_iter(file.production_code()) {
            let approved = found[2].contains(": Approved<");
            gated += usize::from(approved);
            if approved == known.contains(&&found[1]) {
                wrong.push(format!("{port}::{}", &found[1]));
            }
        }
    }
    report(
        "methods of ports that neither only look nor take an `Approved<…>`",
        &wrong,
    );
    assert!(gated >= 3, "only {gated} methods take an `Approved<…>`");
}

#[test]
fn files_stay_short() {
    let wrong: Vec<_> = production_files()
        .into_iter()
        .map(|file| (file.code_lines(), file.path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, path)| {
            format!("{path}: {lines} lines of production code, at most {LONGEST_FILE}")
        })
        .collect();
    report("files that are too long", &wrong);
}

#[test]
fn names_say_what_is_inside() {
    let mut wrong = Vec::new();
    for file in production_files() {
        let stem = file.path.trim_end_matches(".rs");
        for part in stem.split('/') {
            if EMPTY_NAMES.contains(&part) {
                wrong.push(format!("{}: `{part}` says nothing", file.path));
            }
        }
    }
    report("names that say nothing", &wrong);
}

#[test]
fn a_module_has_one_file() {
    let paths: Vec<_> = production_files()
        .into_iter()
        .map(|file| file.path)
        .collect();
    let wrong: Vec<_> = paths
        .iter()
        .filter_map(|path| {
            let folder = path.strip_suffix("/mod.rs")?;
            let twin = format!("{folder}.rs");
            paths.contains(&twin).then(|| format!("{path} and {twin}"))
        })
        .collect();
    report("modules with two files", &wrong);
}

#[test]
fn every_file_says_what_it_is_for() {
    let wrong: Vec<_> = production_files()
        .into_iter()
        .filter(|file| !file.text.lines().any(|line| line.starts_with("//! ")))
        .map(|file| format!("{}: no `//!` line", file.path))
        .collect();
    report("files without a word about themselves", &wrong);
}

#[test]
fn lints_are_expected_never_allowed() {
    let mut wrong = Vec::new();
    for file in rust_files(&["src", "tests", "benches"]) {
        for (number, line) in file.code.lines().enumerate() {
            let squeezed: String = line.split_whitespace().collect();
            if squeezed.contains("#[allow(") || squeezed.contains("#![allow(") {
                wrong.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    report("`allow` where `expect` with a reason belongs", &wrong);
}

#[test]
fn side_effects_stay_at_the_edge() {
    let edge = ["adapters", "tui", "cli", "sandbox", "wiring"];
    let wrong: Vec<_> = production_files()
        .into_iter()
        .filter(|file| file.layer().is_some_and(|layer| !edge.contains(&layer)))
        .filter(|file| file.production_code().contains("disallowed_methods"))
        .map(|file| file.path)
        .collect();
    report("opt-outs of `disallowed_methods` below the edge", &wrong);
}

#[test]
fn links_of_the_documentation_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)").expect("a valid pattern");
    let mut wrong = Vec::new();
    for page in source::pages() {
        let text = std::fs::read_to_string(&page).expect("a readable page");
        let folder = page.parent().expect("a page in a folder");
        for hit in link.captures_iter(&text) {
            if !folder.join(&hit[1]).exists() {
                wrong.push(format!("{}: {}", page.display(), &hit[1]));
            }
        }
    }
    report("links that lead nowhere", &wrong);
}

#[test]
fn the_binary_is_thin() {
    let main = SourceFile::read("src/main.rs");
    let lines = main.code_lines();
    assert!(
        lines <= 100,
        "src/main.rs has {lines} lines of code, at most 100"
    );
}

#[track_caller]
fn report(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}
