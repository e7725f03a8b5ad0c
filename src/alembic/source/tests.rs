use super::*;
use crate::alembic::graph::Graph;
use proptest::prelude::*;

fn revision_text(id: &str, down: &str) -> String {
    format!("revision = '{id}'\ndown_revision = {down}\n")
}

/// A tree below `/p`; revisions are spelled `path=id` or `path=id<parent`.
fn tree(configs: &[(&str, &str)], revisions: &str) -> MemoryTree {
    let configs = configs
        .iter()
        .map(|(path, text)| (format!("/p/{path}"), (*text).to_owned()));
    let revisions = revisions.split_whitespace().map(|spec| {
        let (path, id) = spec.split_once('=').unwrap();
        let text = match id.split_once('<') {
            Some((id, parent)) => revision_text(id, &format!("'{parent}'")),
            None => revision_text(id, "None"),
        };
        (format!("/p/{path}"), text)
    });
    MemoryTree::new(configs.chain(revisions).collect::<Vec<_>>())
}

fn found(tree: &MemoryTree) -> Vec<String> {
    let reading = read(tree, Path::new("/p")).unwrap();
    assert_eq!(reading.problems, []);
    reading
        .revisions
        .iter()
        .map(|r| r.id.as_str().to_owned())
        .collect()
}

fn ini(lines: &str) -> String {
    format!("[alembic]\n{lines}\n")
}

fn with_ini(lines: &str, revisions: &str) -> Vec<String> {
    found(&tree(&[("alembic.ini", &ini(lines))], revisions))
}

fn why(lines: &str) -> String {
    let tree = tree(
        &[("alembic.ini", lines), ("m/env.py", "")],
        "m/versions/a.py=a",
    );
    read(&tree, Path::new("/p")).unwrap_err().to_string()
}

#[test]
fn a_bare_folder_is_a_script_folder_or_holds_revisions() {
    assert_eq!(found(&tree(&[], "b.py=b a.py=a c.txt=c")), ["a", "b"]);
    assert_eq!(
        found(&tree(&[("env.py", "")], "versions/a.py=a other/b.py=b")),
        ["a"]
    );
    let missing = read(&tree(&[], "a.py=a"), Path::new("/q")).unwrap_err();
    assert_eq!(missing, SourceError::NotFound("/q".into()));
}

#[test]
fn names_that_alembic_skips_are_skipped() {
    let files = "__init__.py=i __init__x.py=j .#a.py=k a.pyc=l a.py.orig=m _a.py=n .b.py=o";
    assert_eq!(found(&tree(&[], files)), ["o", "n"]);
}

#[test]
fn every_separator_of_version_locations_is_known() {
    let revisions = "m/env.py=x v/a.py=a w/b.py=b";
    for lines in [
        "version_locations = v w",
        "version_locations = v,w",
        "version_locations = v,   w",
        "version_locations = %(here)s/v %(here)s/w",
        "version_path_separator = os\nversion_locations = v:w",
        "path_separator = :\nversion_locations = v:w",
        "path_separator = ;\nversion_locations = v; w",
        "path_separator = space\nversion_locations = v  w",
        "path_separator = newline\nversion_locations =\n  v\n\n  # a comment\n  w",
        "path_separator = os\nversion_path_separator = space\nversion_locations = v:w",
        "dirs = v\nversion_locations = %(dirs)s w",
        "Version_Locations: v w",
    ] {
        let lines = format!("script_location = m\n{lines}");
        assert_eq!(with_ini(&lines, revisions), ["a", "b"], "{lines}");
    }
}

#[test]
fn folders_inside_count_only_when_asked_for() {
    let files =
        "m/versions/b.py=b m/versions/x/a.py=a m/versions/x/y/c.py=c m/versions/__pycache__/d.py=d";
    assert_eq!(with_ini("script_location = m", files), ["b"]);
    let recursive = "script_location = m\nrecursive_version_locations = true";
    assert_eq!(with_ini(recursive, files), ["b", "a", "c"]);
    let not_quite = "script_location = m\nrecursive_version_locations = True";
    assert_eq!(
        with_ini(not_quite, files),
        ["b"],
        "Alembic takes only the word `true`"
    );
}

#[test]
fn a_location_named_twice_counts_once_and_a_missing_one_not_at_all() {
    let lines = "script_location = m\nversion_locations = v v nowhere";
    assert_eq!(with_ini(lines, "m/env.py=x v/a.py=a"), ["a"]);
}

#[test]
fn pyproject_is_read_and_alembic_ini_wins() {
    let toml =
        "[tool.alembic]\nscript_location = '%(here)s/m'\nversion_locations = ['v', '%(here)s/w']";
    let files = "m/env.py=x m/versions/z.py=z v/a.py=a w/b.py=b";
    assert_eq!(found(&tree(&[("pyproject.toml", toml)], files)), ["a", "b"]);
    let both = [
        ("pyproject.toml", toml),
        ("alembic.ini", "[alembic]\nversion_locations = w"),
    ];
    assert_eq!(found(&tree(&both, files)), ["b"]);
    let unrelated = [("pyproject.toml", "[project]\nname = 'x'")];
    assert_eq!(found(&tree(&unrelated, "versions/a.py=a")), ["a"]);
    let by_path = read(
        &tree(&[("pyproject.toml", toml)], files),
        Path::new("/p/pyproject.toml"),
    );
    assert_eq!(by_path.unwrap().layout.script_location, Path::new("/p/m"));
}

#[test]
fn a_package_resource_is_looked_for_below_the_source_roots() {
    let lines = "script_location = my.app:migrations\nprepend_sys_path = lib";
    assert_eq!(
        with_ini(lines, "lib/my/app/migrations/versions/a.py=a"),
        ["a"]
    );
    let lines = "script_location = app:migrations";
    assert_eq!(with_ini(lines, "src/app/migrations/versions/a.py=a"), ["a"]);
}

#[test]
fn a_wrong_configuration_is_named_with_its_line() {
    assert_eq!(why("[alembic]\n"), "/p/alembic.ini sets no script_location");
    assert!(why("[alembic]\nscript_location = gone").contains("gone does not exist"));
    assert!(why("x = 1").starts_with("/p/alembic.ini:1: there is no section"));
    assert!(why("[alembic]\nnonsense").starts_with("/p/alembic.ini:2: "));
    assert!(why("[alembic]\na = 1\na = 2").starts_with("/p/alembic.ini:3: this key is set twice"));
    assert!(why("[alembic]\n[alembic]").starts_with("/p/alembic.ini:2: section [alembic]"));
    assert!(why("[alembic]\n\nscript_location = %x").starts_with("/p/alembic.ini:3: `%` must"));
    assert!(why("[alembic]\nscript_location = %(x)s").contains("refers to a key that is not set"));
    assert!(why("[alembic]\nscript_location = %(script_location)s").contains("without end"));
    let separator = "[alembic]\nscript_location = m\npath_separator = |\nversion_locations = a";
    assert!(why(separator).starts_with("/p/alembic.ini:3: path_separator: `|`"));
}

#[test]
fn a_percent_sign_elsewhere_does_no_harm_and_is_never_shown() {
    let lines = "script_location = m\nsqlalchemy.url = postgresql://u:p%word@h/d";
    assert_eq!(with_ini(lines, "m/versions/a.py=a"), ["a"]);
}

#[test]
fn a_wrong_pyproject_is_named_with_its_line() {
    let why = |text: &str| {
        read(&tree(&[("pyproject.toml", text)], ""), Path::new("/p"))
            .unwrap_err()
            .to_string()
    };
    assert!(why("[tool.alembic]\nscript_location = ").starts_with("/p/pyproject.toml:2: "));
    assert!(why("[tool.alembic]\nscript_location = 1").contains("is not a string"));
    assert!(why("[tool]\nalembic = 1").contains("is not a table"));
}

#[test]
fn compiled_revisions_are_reported_when_sources_are_not_needed() {
    let files = "m/versions/a.py=a m/versions/a.pyc=x m/versions/b.pyc=x";
    let tree = tree(
        &[(
            "alembic.ini",
            &ini("script_location = m\nsourceless = true"),
        )],
        files,
    );
    let reading = read(&tree, Path::new("/p")).unwrap();
    assert_eq!(reading.revisions.len(), 1);
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.problems[0].reason, Reason::Compiled);
}

#[test]
fn a_bad_file_does_not_hide_the_good_ones() {
    let reading = read(
        &tree(&[("b.py", "half a (")], "a.py=a c.py=c<a"),
        Path::new("/p"),
    )
    .unwrap();
    assert_eq!(reading.problems[0].path, Path::new("/p/b.py"));
    assert_eq!(
        Graph::build(reading.revisions).unwrap().heads(),
        ["c".into()]
    );
}

#[test]
fn many_files_are_read_in_their_order() {
    let files: Vec<_> = (0..700)
        .map(|at| {
            (
                format!("/p/{at:04}.py"),
                revision_text(&format!("r{at}"), "None"),
            )
        })
        .collect();
    let ids = found(&MemoryTree::new(files));
    assert_eq!(ids, (0..700).map(|at| format!("r{at}")).collect::<Vec<_>>());
}

#[test]
fn labels_may_be_constants_of_the_projects_own_modules() {
    let revision = "from app.db import names\nrevision = 'a'\ndown_revision = None\n\
                    branch_labels = (names.EXPAND,)\n";
    let labels = |modules: &[&str]| {
        let modules = modules
            .iter()
            .map(|path| (format!("/p/{path}"), "EXPAND = 'expand'\n"));
        let file = ("/p/app/db/versions/newton/a.py".to_owned(), revision);
        let tree = MemoryTree::new(modules.chain([file]));
        let reading = read(&tree, Path::new("/p/app/db/versions/newton")).unwrap();
        (
            reading.revisions[0].branch_labels.clone(),
            reading.notes.len(),
        )
    };
    let known = (vec!["expand".to_owned()], 0);
    assert_eq!(labels(&["app/db/names.py"]), known);
    assert_eq!(labels(&["app/db/names/__init__.py"]), known);
    let unknown = (Vec::new(), 1);
    assert_eq!(labels(&["elsewhere/names.py"]), unknown);
    assert_eq!(
        labels(&["app/db/names.py", "app/app/db/names.py"]),
        unknown,
        "two modules of this name"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_configuration_is_read_or_refused(text in "(\\PC|\n|\t|%|=|\\[|\\]|alembic| ){0,120}") {
        for name in ["alembic.ini", "pyproject.toml"] {
            let _ = read(&tree(&[(name, &text)], "versions/a.py=a"), Path::new("/p"));
            let _ = read(&tree(&[(name, &format!("[tool.alembic]\n{text}"))], ""), Path::new("/p"));
            let _ = read(&tree(&[(name, &ini(&text))], "versions/a.py=a"), Path::new("/p"));
        }
    }
}
