//! The rows that `alembic current` prints.

use super::revision::RevisionId;

/// What Alembic writes behind an id, in brackets.
const MARKS: [&str; 4] = ["head", "effective head", "branchpoint", "mergepoint"];

/// Reads the standard output of `alembic current`; empty when the database has no rows.
pub fn rows<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<RevisionId> {
    let (mut sure, mut bare) = (Vec::new(), Vec::new());
    for line in lines {
        match row(line.trim()) {
            Some((id, true)) => sure.push(RevisionId::new(id)),
            Some((id, false)) => bare.push(RevisionId::new(id)),
            None => {}
        }
    }
    // A lone word that looks like none of Alembic's ids may be a word of the program around it.
    let like_an_id = |id: &RevisionId| {
        id.as_str()
            .contains(|c: char| c.is_ascii_digit() || c == '_')
    };
    let only_words = sure.is_empty() && !bare.iter().any(like_an_id);
    sure.extend(bare.into_iter().filter(|id| only_words || like_an_id(id)));
    sure.dedup();
    sure
}

/// An id, and whether Alembic's own words stand behind it.
fn row(line: &str) -> Option<(&str, bool)> {
    let (id, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (id, rest) = if id == "Rev:" {
        rest.trim_start()
            .split_once(' ')
            .unwrap_or((rest.trim_start(), ""))
    } else {
        (id, rest)
    };
    let plain = !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    if !plain || id.ends_with('.') {
        return None;
    }
    let rest = rest.trim();
    if rest.is_empty() {
        return Some((id, line.starts_with("Rev:")));
    }
    let inner = rest.strip_prefix('(')?.strip_suffix(')')?;
    inner
        .split(") (")
        .all(|mark| MARKS.contains(&mark))
        .then_some((id, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(lines: &[&str]) -> Vec<String> {
        let rows = rows(lines.iter().copied());
        rows.iter().map(|id| id.as_str().to_owned()).collect()
    }

    #[test]
    fn heads_and_others_are_read_and_words_are_not() {
        assert_eq!(read(&["012_hired_agents (head)"]), ["012_hired_agents"]);
        assert_eq!(
            read(&[
                "ae10 (head)",
                "27c6a (mergepoint)",
                "x1 (branchpoint) (head)",
                "b2"
            ]),
            ["ae10", "27c6a", "x1", "b2"]
        );
        assert_eq!(
            read(&["Done", "ae10 (head)", "all good", "finished."]),
            ["ae10"]
        );
        assert_eq!(read(&["baseline"]), ["baseline"]);
        assert_eq!(
            read(&["Rev: ae10 (head)", "Parent: x", "Path: /x/y.py"]),
            ["ae10"]
        );
        assert!(read(&["", "INFO  [alembic.runtime.migration] Context impl"]).is_empty());
        assert!(read(&["Current revision(s) for postgresql://x:", "a b", "ae10 (?)"]).is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(lines in prop::collection::vec("\\PC*", 0..4)) {
            let _ = rows(lines.iter().map(String::as_str));
        }
    }
}
