//! The revisions that `alembic history` lists on the log of a run, verbose or not.
//!
//! A log may lose lines, or be read before all of them have arrived. So a history counts only
//! when it is whole: every parent is listed, and the heads are the ones that it marks.

use std::collections::{BTreeMap, BTreeSet};

use super::migration::RevisionSummary;
use super::revision::RevisionId;

/// Why lines tell no whole history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// They list no revision.
    #[error("the log lists no revisions")]
    Nothing,
    /// A part is missing, or something else stands between the lines.
    #[error("the log does not list every revision")]
    Incomplete,
}

/// What a history tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Revisions that nothing follows.
    pub heads: Vec<RevisionId>,
    /// All revisions, in the order of their files where the log tells the files, else with
    /// parents before children. A dependency may be a branch label. `None` when one is, and
    /// the history does not tell which revision has declared it.
    pub revisions: Option<Vec<RevisionSummary>>,
}

/// Reads a history.
pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<History, HistoryError> {
    let mut found: Vec<Listed> = Vec::new();
    let mut header = false;
    for line in lines {
        let line = line.trim_end();
        if let Some(listed) = heading(line).or_else(|| one_line(line)) {
            header = line.starts_with(HEADING);
            found.push(listed);
        } else if let Some(last) = found.last_mut() {
            header = last.take(line, header);
        }
    }
    whole(&found)?;
    let heads = found.iter().filter(|listed| listed.head);
    let heads = heads.map(|listed| listed.summary.id.clone()).collect();
    let is_clear = !depends_on_a_branch(&found);
    keep_lowest_labels(&mut found);
    if found.iter().all(|listed| listed.file.is_some()) {
        found.sort_by(|one, other| one.place().cmp(&other.place()));
    } else {
        found.reverse();
    }
    let revisions = found.into_iter().map(|listed| listed.summary).collect();
    Ok(History {
        heads,
        revisions: is_clear.then_some(revisions),
    })
}

/// How a revision begins in a verbose history.
const HEADING: &str = "Rev: ";

/// Where there is no parent.
const BASE: &str = "<base>";

/// Remarks that Alembic puts behind an id.
const REMARKS: [&str; 5] = [
    "head",
    "effective head",
    "branchpoint",
    "mergepoint",
    "current",
];

/// One revision as a history lists it.
struct Listed {
    summary: RevisionSummary,
    /// Whether it is said that nothing follows.
    head: bool,
    /// Whether the line with the parents was there.
    placed: bool,
    file: Option<String>,
}

impl Listed {
    fn new(id: &str, remarks: &[&str]) -> Self {
        Self {
            summary: RevisionSummary {
                id: RevisionId::new(id),
                down: Vec::new(),
                depends_on: Vec::new(),
                branch_labels: Vec::new(),
                message: String::new(),
            },
            head: remarks.iter().any(|remark| remark.ends_with("head")),
            placed: false,
            file: None,
        }
    }

    /// Takes a line below the heading; returns whether the header goes on.
    fn take(&mut self, line: &str, header: bool) -> bool {
        if !header {
            if self.file.is_some() && self.summary.message.is_empty() {
                line.trim().clone_into(&mut self.summary.message);
            }
            return false;
        }
        let Some((key, value)) = line.split_once(": ") else {
            return true;
        };
        match key {
            "Parent" | "Merges" => {
                self.summary.down = ids(value);
                self.placed = true;
            }
            "Also depends on" => self.summary.depends_on = ids(value),
            "Branch names" => {
                self.summary.branch_labels = names(value).map(str::to_owned).collect();
            }
            "Path" => self.file = Some(value.to_owned()),
            _ => {}
        }
        key != "Path"
    }

    /// The folder and the name of its file.
    fn place(&self) -> Option<(&str, &str)> {
        let file = self.file.as_deref()?;
        Some(file.rsplit_once('/').unwrap_or(("", file)))
    }
}

/// Reads `Rev: ae10 (head) (mergepoint)`.
fn heading(line: &str) -> Option<Listed> {
    let (id, remarks) = remarks(line.strip_prefix(HEADING)?);
    Some(Listed::new(id, &remarks))
}

/// Takes the remarks off the end of a text.
fn remarks(mut text: &str) -> (&str, Vec<&str>) {
    let mut found = Vec::new();
    while let Some((rest, last)) = text.rsplit_once(" (") {
        let Some(remark) = last.strip_suffix(')').filter(|r| REMARKS.contains(r)) else {
            break;
        };
        found.push(remark);
        text = rest;
    }
    (text, found)
}

/// Reads `a1, a2 (b7) -> ae10 (label) (head), message`.
fn one_line(line: &str) -> Option<Listed> {
    let (below, rest) = line.split_once(" -> ")?;
    let (below, depends_on) = match below.split_once(" (") {
        Some((below, depends_on)) => (below, depends_on.strip_suffix(')')?),
        None => (below, ""),
    };
    // Whatever else a run may print holds spaces here: `Running upgrade a1 -> a2, message`.
    if below.is_empty() || names(below).any(|name| name.contains(' ')) {
        return None;
    }
    let end = rest.find([',', ' ']).unwrap_or(rest.len());
    let (id, mut rest) = rest.split_at(end);
    let (mut said, mut labels) = (Vec::new(), "");
    while let Some((inside, behind)) = rest
        .strip_prefix(" (")
        .and_then(|inside| inside.split_once(')'))
    {
        if REMARKS.contains(&inside) {
            said.push(inside);
        } else {
            labels = inside;
        }
        rest = behind;
    }
    let message = rest.strip_prefix(',')?;
    let mut listed = Listed::new(id, &said);
    listed.placed = true;
    message.trim().clone_into(&mut listed.summary.message);
    listed.summary.down = ids(below);
    listed.summary.depends_on = ids(depends_on);
    listed.summary.branch_labels = names(labels).map(str::to_owned).collect();
    Some(listed)
}

/// The ids of a list; the base is none.
fn ids(list: &str) -> Vec<RevisionId> {
    let ids = names(list).filter(|id| *id != BASE);
    ids.map(RevisionId::new).collect()
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(", ").filter(|name| !name.is_empty())
}

/// Alembic prints a label at each revision of its branch; it is kept at the lowest, from
/// which all others have it.
fn keep_lowest_labels(found: &mut [Listed]) {
    let shown: BTreeMap<_, _> = found
        .iter()
        .map(|listed| {
            (
                listed.summary.id.clone(),
                listed.summary.branch_labels.clone(),
            )
        })
        .collect();
    for Listed { summary, .. } in found {
        let below = summary.down.iter().filter_map(|id| shown.get(id));
        let inherited: BTreeSet<_> = below.flatten().collect();
        summary
            .branch_labels
            .retain(|label| !inherited.contains(label));
    }
}

/// Whether a dependency names a label that several revisions show: one of them declares it.
fn depends_on_a_branch(found: &[Listed]) -> bool {
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for label in found.iter().flat_map(|l| &l.summary.branch_labels) {
        *shown.entry(label).or_default() += 1;
    }
    let mut named = found.iter().flat_map(|l| &l.summary.depends_on);
    named.any(|name| shown.get(name.as_str()).is_some_and(|many| *many > 1))
}

/// Whether nothing is missing.
fn whole(found: &[Listed]) -> Result<(), HistoryError> {
    if found.is_empty() {
        return Err(HistoryError::Nothing);
    }
    let by_id: BTreeMap<_, _> = found.iter().map(|l| (&l.summary.id, l)).collect();
    let parents: BTreeSet<_> = found.iter().flat_map(|l| &l.summary.down).collect();
    let sound = by_id.len() == found.len()
        && parents.iter().all(|id| by_id.contains_key(*id))
        && found
            .iter()
            .all(|listed| listed.placed && listed.head != parents.contains(&listed.summary.id));
    if sound {
        Ok(())
    } else {
        Err(HistoryError::Incomplete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERBOSE: &str = "\
INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
Rev: m1 (head) (mergepoint)
Merges: b1, c1
Branch names: api, zz
Path: /app/versions/0_merge.py

    joins both

    Rev: x9
    Parent: nothing
    Path: nowhere

Rev: c1
Parent: a1
Also depends on: b1
Path: /app/versions/2_c.py

    the other one -> here, too

Rev: b1
Parent: a1
Path: /app/versions/1_b.py

    

Rev: a1 (branchpoint)
Parent: <base>
Branches into: b1, c1
Path: /app/versions/3_a.py

    first
    line two
";

    const PLAIN: &str = "\
b1, c1 -> m1 (api, zz) (head) (mergepoint), joins both
a1 (b1) -> c1, the other one -> here, too
a1 -> b1,
Some words of the application -> and more, words
<base> -> a1 (branchpoint), first
line two
";

    fn revision(id: &str, down: &[&str], message: &str) -> RevisionSummary {
        RevisionSummary {
            id: id.into(),
            down: down.iter().map(|id| (*id).into()).collect(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            message: message.to_owned(),
        }
    }

    fn revisions<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<RevisionSummary> {
        read(lines).unwrap().revisions.unwrap()
    }

    fn expected() -> [RevisionSummary; 4] {
        let mut merge = revision("m1", &["b1", "c1"], "joins both");
        merge.branch_labels = vec!["api".to_owned(), "zz".to_owned()];
        let mut other = revision("c1", &["a1"], "the other one -> here, too");
        other.depends_on = vec!["b1".into()];
        [
            merge,
            revision("b1", &["a1"], ""),
            other,
            revision("a1", &[], "first"),
        ]
    }

    #[test]
    fn a_verbose_history_is_read_in_the_order_of_the_files() {
        assert_eq!(revisions(VERBOSE.lines()), expected());
        assert_eq!(read(VERBOSE.lines()).unwrap().heads, ["m1".into()]);
    }

    #[test]
    fn a_log_without_empty_lines_tells_the_same() {
        let lines = VERBOSE.lines().filter(|line| !line.trim().is_empty());
        assert_eq!(revisions(lines), expected());
    }

    #[test]
    fn a_short_history_is_read_parents_first() {
        let [merge, b, c, a] = expected();
        assert_eq!(revisions(PLAIN.lines()), [a, b, c, merge]);
    }

    #[test]
    fn a_label_that_is_depended_on_is_only_clear_where_one_revision_shows_it() {
        let base = "<base> -> a1 (api), first";
        let other = "<base> (api) -> b1 (head), other";
        let alone = read([other, "<base> -> a1 (api) (effective head), first"]).unwrap();
        assert_eq!(alone.revisions.unwrap()[1].depends_on, ["api".into()]);
        let several = read([other, "a1 -> a2 (api) (effective head), second", base]).unwrap();
        assert_eq!(several.revisions, None);
        assert_eq!(several.heads, ["b1".into(), "a2".into()]);
    }

    #[test]
    fn a_history_with_a_hole_is_none() {
        assert_eq!(read(["nothing here"]), Err(HistoryError::Nothing));
        for text in [VERBOSE, PLAIN] {
            let starts = |line: &&str| line.starts_with(HEADING) || line.contains(" -> ");
            let all: Vec<_> = text.lines().collect();
            let entries: Vec<_> = (0..all.len())
                .filter(|at| {
                    starts(&all[*at]) && read([all[*at], "Parent: x"]) != Err(HistoryError::Nothing)
                })
                .collect();
            assert_eq!(entries.len(), 4);
            for at in entries {
                let lines = all.iter().enumerate().filter(|(n, _)| *n != at);
                let read = read(lines.map(|(_, line)| *line));
                assert_eq!(read, Err(HistoryError::Incomplete), "without {}", all[at]);
            }
        }
    }

    #[test]
    fn a_run_that_moves_the_database_lists_nothing() {
        let lines = ["INFO  [x] Running upgrade a1 -> a2, second", "a2 (head)"];
        assert_eq!(read(lines), Err(HistoryError::Nothing));
    }
}
