//! Rust source files as the architecture tests see them: text with comments and strings blanked out.

use regex::Regex;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Where a path from this crate's root begins.
static CRATE_ROOT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:crate|portcullis)::"));

/// A name in front of `::` that nothing else stands in front of.
static PATH_START: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^:\w]|(?:^|[^\w:])::)([a-z]\w*)(?:::|;)"));

/// The unit tests at the end of a file.
static TEST_MODULE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^#\[cfg\(test\)\]\s*\n(?:#\[.*\n)*(?:pub(?:\([a-z]+\))? )?mod \w+\s*\{")
});

/// What is no code: comments, strings of all kinds, characters.
static COMMENT_OR_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?s)//[^\n]*",
        r"|/\*.*?\*/",
        r####"|\bb?r###".*?"###|\bb?r##".*?"##|\bb?r#".*?"#|\bb?r".*?""####,
        r#"|"(?:[^"\\]|\\.)*""#,
        r"|'(?:[^'\\\n]|\\[^\n]{1,9}?)'",
    ))
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// One source file of this package.
pub(crate) struct SourceFile {
    /// The path from the package's root, with `/`.
    pub(crate) path: String,
    /// The file as it is.
    pub(crate) text: String,
    /// The same lines with the contents of comments and string literals replaced by spaces.
    pub(crate) code: String,
}

/// A path that starts at this crate's root.
pub(crate) struct Import {
    /// The module right below the root.
    pub(crate) name: String,
    /// The line it stands in, from 1.
    pub(crate) line: usize,
}

impl SourceFile {
    /// Reads a file by its path from the package's root.
    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).expect("a readable source file");
        let code = blank_comments_and_strings(&text);
        Self {
            path: path.to_owned(),
            text,
            code,
        }
    }

    /// The folder or file right below `src`, or nothing for the two crate roots.
    pub(crate) fn layer(&self) -> Option<&str> {
        let below = self.path.strip_prefix("src/")?;
        let first = below.split('/').next()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        (!matches!(name, "lib" | "main")).then_some(name)
    }

    /// Every module of this crate that the production code names, also inside `use crate::{a, b}`.
    pub(crate) fn crate_imports(&self) -> Vec<Import> {
        let code = self.production_code();
        let mut found = Vec::new();
        for hit in CRATE_ROOT.find_iter(code) {
            let line = 1 + code[..hit.end()].matches('\n').count();
            let rest = &code[hit.end()..];
            let names = if rest.trim_start().starts_with('{') {
                top_level_names(rest)
            } else {
                vec![identifier(rest)]
            };
            found.extend(names.into_iter().map(|name| Import { name, line }));
        }
        found
    }

    /// The names that production code starts paths with, as `use tokio::time` does, each with its line.
    pub(crate) fn path_starts(&self) -> Vec<Import> {
        let mut found = Vec::new();
        for (number, line) in self.production_code().lines().enumerate() {
            for hit in PATH_START.captures_iter(line) {
                let name = hit[1].to_owned();
                found.push(Import {
                    name,
                    line: number + 1,
                });
            }
        }
        found
    }

    /// How many lines of production code there are: no blanks, no comments, no tests.
    pub(crate) fn code_lines(&self) -> usize {
        let production = self.production_code().lines().count();
        let text = self.text.lines().take(production);
        let code = self.code.lines().take(production);
        // A line inside a long string literal is blank in `code` and still no comment.
        text.zip(code)
            .filter(|(text, code)| {
                let comment = code.trim().is_empty() && text.trim().starts_with("//");
                !text.trim().is_empty() && !comment
            })
            .count()
    }

    /// What is compiled into the product: all but the unit tests at the end.
    pub(crate) fn production_code(&self) -> &str {
        TEST_MODULE
            .find(&self.code)
            .map_or(self.code.as_str(), |hit| &self.code[..hit.start()])
    }
}

/// All files of `src` that are compiled into the product.
pub(crate) fn production_files() -> Vec<SourceFile> {
    let mut files = rust_files(&["src"]);
    files.retain(|file| !is_test_file(&file.path));
    assert!(!files.is_empty(), "no source files found");
    files
}

/// All Rust files below some folders of the package.
pub(crate) fn rust_files(folders: &[&str]) -> Vec<SourceFile> {
    let root = root();
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root.join(folder), "rs", &mut paths);
    }
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).expect("a path below the root");
            SourceFile::read(&relative.to_string_lossy().replace('\\', "/"))
        })
        .collect()
}

/// The pages of the documentation.
pub(crate) fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    collect(&root().join("docs"), "md", &mut pages);
    pages.push(root().join("README.md"));
    pages
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, ending: &str, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, ending, paths);
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            paths.push(path);
        }
    }
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
        || path.contains("/tests/")
        || path.contains("/testing/")
}

fn identifier(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// The first identifiers of the parts of `{a::b, c::{d, e}}`.
fn top_level_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut part_starts = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => {
                depth += 1;
                part_starts = depth == 1;
            }
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => part_starts = true,
            _ if part_starts && (letter.is_alphabetic() || letter == '_') => {
                names.push(identifier(&text[at..]));
                part_starts = false;
            }
            _ => {}
        }
    }
    names
}

/// Keeps the line structure and replaces what is inside comments and string literals by spaces.
fn blank_comments_and_strings(text: &str) -> String {
    COMMENT_OR_TEXT
        .replace_all(text, |hit: &regex::Captures<'_>| {
            hit[0]
                .chars()
                .map(|letter| if letter == '\n' { '\n' } else { ' ' })
                .collect::<String>()
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile {
            path: "src/app/model.rs".to_owned(),
            text: text.to_owned(),
            code: blank_comments_and_strings(text),
        }
    }

    fn names(text: &str) -> Vec<String> {
        file(text)
            .crate_imports()
            .into_iter()
            .map(|import| import.name)
            .collect()
    }

    #[test]
    fn imports_are_found_alone_and_in_groups() {
        assert_eq!(names("use crate::ports::Jobs;"), ["ports"]);
        assert_eq!(
            names("use crate::{domain::{plan::Plan, gate}, ops};"),
            ["domain", "ops"]
        );
        assert_eq!(names("fn f() { crate::tui::draw() }"), ["tui"]);
    }

    #[test]
    fn comments_strings_and_tests_do_not_import() {
        assert!(names("// crate::tui\nconst A: &str = \"crate::tui\";").is_empty());
        assert!(names("#[cfg(test)]\nmod tests {\n use crate::tui;\n}").is_empty());
    }

    #[test]
    fn outside_crates_are_found_as_path_starts_only() {
        let starts = |text| {
            file(text)
                .path_starts()
                .into_iter()
                .map(|start| (start.name, start.line))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            starts("use tokio::time;\nuse crate::tokio::x;"),
            [("tokio".to_owned(), 1), ("crate".to_owned(), 2)]
        );
        assert_eq!(
            starts("fn f(a: ::ratatui::Frame) {}"),
            [("ratatui".to_owned(), 1)]
        );
    }

    #[test]
    fn only_code_lines_count() {
        let text = "//! Doc.\n\nfn f() {\n    // Why.\n    g();\n}\n#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(file(text).code_lines(), 3);
    }
}
