//! Migration directories on disk, written in all the ways that Alembic understands.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use portcullis::alembic::revision::Revision;
use portcullis::alembic::source::MemoryTree;
use serde_json::{Value, json};

use crate::generator::{Query, Seeded};

/// A directory that exists as long as this value does.
#[derive(Debug)]
pub(crate) struct Written {
    folder: tempfile::TempDir,
    config: Option<&'static str>,
    files: Vec<(PathBuf, String)>,
}

impl Written {
    /// Writes revisions in random spellings, with files around them that Alembic skips.
    pub(crate) fn new(random: &mut Seeded, revisions: &[Revision]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let folders = ["scripts/versions", "scripts/more", "scripts/versions/deep"];
        let (config, text, used) = config(random);
        let mut files = Vec::new();
        for (at, revision) in revisions.iter().enumerate() {
            let place = Path::new(folders[random.below(used)]);
            let name = file_name(random, at);
            files.push((place.join(name), spell(random, revision)));
        }
        for skipped in [
            "__init__.py",
            "__init__old.py",
            ".#x.py",
            "notes.txt",
            "a.py.bak",
        ] {
            files.push((
                Path::new("scripts/versions").join(skipped),
                "raise Exception".to_owned(),
            ));
        }
        files.push((PathBuf::from("scripts/env.py"), String::new()));
        if let Some(name) = config {
            files.push((PathBuf::from(name), text));
        }
        for (path, text) in &files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self {
            folder,
            config,
            files,
        }
    }

    /// The same files in memory.
    pub(crate) fn tree(&self) -> MemoryTree {
        let root = self.root();
        MemoryTree::new(
            self.files
                .iter()
                .map(|(path, text)| (root.join(path), text.as_str())),
        )
    }

    /// What the reader is pointed at.
    pub(crate) fn entry(&self) -> PathBuf {
        let root = self.root();
        if self.config.is_some() {
            root
        } else {
            root.join("scripts")
        }
    }

    pub(crate) fn question(&self, queries: &[Query]) -> Value {
        let mut question = question(&self.root(), queries);
        let file = self.config.map(|name| self.root().join(name));
        match self.config {
            Some("pyproject.toml") => {
                question["toml"] = json!(file);
                question["ini"] = Value::Null;
            }
            Some(_) => question["ini"] = json!(file),
            None => {
                question["ini"] = Value::Null;
                question["script_location"] = json!(self.root().join("scripts"));
            }
        }
        question
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }
}

/// A question about a folder with an `alembic.ini`.
pub(crate) fn question(folder: &Path, queries: &[Query]) -> Value {
    let queries: Vec<Value> = queries.iter().map(Query::question).collect();
    json!({"folder": folder, "ini": folder.join("alembic.ini"), "queries": queries})
}

/// A folder on disk with the package around it, read into memory.
pub(crate) fn on_disk(folder: &Path) -> MemoryTree {
    let packages = folder
        .ancestors()
        .take_while(|path| path.join("__init__.py").exists());
    let (mut files, mut todo) = (
        Vec::new(),
        vec![packages.last().unwrap_or(folder).to_owned()],
    );
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                files.push((path.clone(), std::fs::read(&path).unwrap()));
            }
        }
    }
    MemoryTree::new(files)
}

/// A configuration, its text, and how many of the folders it makes Alembic look into.
fn config(random: &mut Seeded) -> (Option<&'static str>, String, usize) {
    let ini = |lines: &str| format!("# a comment\n[alembic]\n{lines}\n[loggers]\nkeys = root\n");
    let both = "scripts/versions";
    match random.below(9) {
        0 => (None, String::new(), 1),
        1 => (Some("alembic.ini"), ini("script_location = scripts"), 1),
        2 => (Some("alembic.ini"), ini("script_location : %(here)s/scripts"), 1),
        3 => (
            Some("alembic.ini"),
            ini(&format!("script_location = scripts\nversion_locations = {both} scripts/more")),
            2,
        ),
        4 => (
            Some("alembic.ini"),
            ini(&format!("SCRIPT_LOCATION = scripts\nversion_locations = scripts/more, {both}")),
            2,
        ),
        5 => (
            Some("alembic.ini"),
            ini(&format!(
                "script_location = scripts\npath_separator = os\nversion_locations = %(here)s/{both}:%(here)s/scripts/more"
            )),
            2,
        ),
        6 => (
            Some("alembic.ini"),
            ini(&format!(
                "script_location = %(place)s\nplace = scripts\nversion_path_separator = newline\nversion_locations =\n    {both}\n    # more\n    scripts/more\nrecursive_version_locations = true"
            )),
            3,
        ),
        7 => (
            Some("pyproject.toml"),
            format!("[tool.alembic]\nscript_location = '%(here)s/scripts'\nversion_locations = ['%(here)s/{both}', 'scripts/more']\n"),
            2,
        ),
        _ => (
            Some("pyproject.toml"),
            "[tool.alembic]\nscript_location = 'scripts'\nrecursive_version_locations = true\nversion_locations = ['scripts/more', 'scripts/versions']\n".to_owned(),
            3,
        ),
    }
}

fn file_name(random: &mut Seeded, at: usize) -> String {
    match random.below(4) {
        0 => format!("{at:04}_step.py"),
        1 => format!("{:x}_{at}.py", random.next()),
        2 => format!("Step {at} – ü.py"),
        _ => format!(".hidden{at}.py"),
    }
}

/// A revision file in one of many spellings that mean the same.
pub(crate) fn spell(random: &mut Seeded, revision: &Revision) -> String {
    let id = revision.id.as_str();
    let mut text = match random.below(5) {
        0 => format!("\"\"\"Step {id}\n\nRevises: x\nCreate Date: 2024-01-01\n\n\"\"\"\n"),
        1 => format!("'Step {id}'\n"),
        2 => format!("# -*- coding: utf-8 -*-\nr'''  Step {id}, größer\n'''\n"),
        3 => "import os\n".to_owned(),
        _ => "\n".to_owned(),
    };
    let end = *random.pick(&["\n", "  # noqa\n", ";\n"]);
    for (name, value) in [
        ("revision", text_of(random, id)),
        ("down_revision", many(random, &revision.down)),
        ("branch_labels", many(random, &revision.branch_labels)),
        ("depends_on", many(random, &revision.depends_on)),
    ] {
        let is_optional = name == "branch_labels" || name == "depends_on";
        if value == "None" && is_optional && random.once_in(2) {
            continue;
        }
        match random.below(6) {
            0 => write!(text, "{name}: object = {value}{end}"),
            1 => write!(text, "{name} = 'other'\n{name} = (\n    {value}\n){end}"),
            2 => write!(text, "if True:\n    {name} = {value}{end}"),
            3 => write!(text, "OTHER = {value}\n{name} = OTHER{end}"),
            4 => write!(text, "{name}, REST = {value}, 1{end}"),
            _ => write!(text, "{name} = {value}{end}"),
        }
        .unwrap();
    }
    text.push_str("\ndef upgrade():\n    revision = 'inner'\n\n\ndef downgrade():\n    pass\n");
    text
}

fn text_of(random: &mut Seeded, text: &str) -> String {
    let half = text.chars().count() / 2;
    let (left, right): (String, String) = (
        text.chars().take(half).collect(),
        text.chars().skip(half).collect(),
    );
    match random.below(6) {
        0 => format!("\"{text}\""),
        1 => format!("'{left}' '{right}'"),
        2 => format!("('{left}'\n    \"{right}\")"),
        3 => format!("'{left}' + '{right}'"),
        4 => format!("f'''{text}'''"),
        _ => format!("'{text}'"),
    }
}

fn many(random: &mut Seeded, names: &[String]) -> String {
    let items: Vec<String> = names.iter().map(|name| text_of(random, name)).collect();
    match items.as_slice() {
        [] => (*random.pick(&["None", "()", "[]", "tuple()"])).to_owned(),
        [only] if random.once_in(2) => only.clone(),
        _ => match random.below(4) {
            0 => format!("[{}]", items.join(", ")),
            1 => format!("({},)", items.join(",\n    ")),
            2 => format!("({},) + ()", items.join(", ")),
            _ => format!("(*[{}],)", items.join(", ")),
        },
    }
}
