//! Random graphs and questions about them.

use portcullis::alembic::revision::Revision;
use serde_json::{Value, json};

/// A small random source; the same seed gives the same graph everywhere.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) is_upgrade: bool,
    pub(crate) from: Vec<String>,
    pub(crate) to: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) revisions: Vec<Revision>,
    pub(crate) queries: Vec<Query>,
}

impl Query {
    pub(crate) fn question(&self) -> Value {
        let verb = if self.is_upgrade {
            "upgrade"
        } else {
            "downgrade"
        };
        json!({"verb": verb, "from": self.from, "to": self.to})
    }
}

const LABELS: [&str; 4] = ["api", "core", "expand", "zz"];
const QUESTIONS: usize = 14;

impl Case {
    pub(crate) fn random(random: &mut Seeded) -> Self {
        let revisions = graph(random);
        let queries = (0..QUESTIONS).map(|_| query(random, &revisions)).collect();
        Self { revisions, queries }
    }

    pub(crate) fn question(&self) -> Value {
        let revisions: Vec<Value> = self
            .revisions
            .iter()
            .map(|r| {
                json!({"id": r.id, "down": r.down, "depends_on": r.depends_on, "branch_labels": r.branch_labels})
            })
            .collect();
        let queries: Vec<Value> = self.queries.iter().map(Query::question).collect();
        json!({"revisions": revisions, "queries": queries})
    }
}

fn new_id(random: &mut Seeded, at: usize) -> String {
    match random.below(4) {
        // Short ids, ids that begin alike, ids as Alembic makes them, ids in words.
        0 => format!("r{at}"),
        1 => format!("abcd{at:02}"),
        2 => format!("{:012x}", random.next() >> 16),
        _ => format!("step_{at}"),
    }
}

fn graph(random: &mut Seeded) -> Vec<Revision> {
    let size = match random.below(10) {
        0 => random.below(3),
        1..7 => random.below(12),
        _ => random.below(40),
    };
    let ids: Vec<String> = (0..size).map(|at| new_id(random, at)).collect();
    let merges_in = 2 + random.below(6);
    let branches_in = 1 + random.below(6);
    let depends_in = 2 + random.below(8);
    let mut revisions: Vec<Revision> = Vec::new();
    for at in 0..size {
        let mut revision = Revision::new(ids[at].clone(), &[]);
        if at > 0 && !random.once_in(8) {
            let parent = if random.once_in(branches_in) {
                random.below(at)
            } else {
                at - 1
            };
            revision.down.push(ids[parent].clone());
            while random.once_in(merges_in) {
                revision.down.push(random.pick(&ids[..at]).clone());
            }
        }
        while at > 0 && random.once_in(depends_in) {
            revision.depends_on.push(random.pick(&ids[..at]).clone());
        }
        revisions.push(revision);
    }
    label(random, &mut revisions);
    if random.once_in(6) {
        spoil(random, &mut revisions);
    }
    if random.once_in(2) {
        random.shuffle(&mut revisions);
    }
    revisions
}

fn label(random: &mut Seeded, revisions: &mut [Revision]) {
    if revisions.is_empty() || random.once_in(3) {
        return;
    }
    for name in LABELS.iter().take(random.below(LABELS.len() + 1)) {
        let at = random.below(revisions.len());
        revisions[at].branch_labels.push((*name).to_owned());
        if random.once_in(2) && at + 1 < revisions.len() {
            let later = at + 1 + random.below(revisions.len() - at - 1);
            revisions[later].depends_on.push((*name).to_owned());
        }
    }
}

/// Breaks a graph in one of the ways that Alembic refuses, or nearly does.
fn spoil(random: &mut Seeded, revisions: &mut Vec<Revision>) {
    if revisions.is_empty() {
        return;
    }
    let victim = random.below(revisions.len());
    let other = revisions[random.below(revisions.len())].clone();
    let other_id = other.id.as_str().to_owned();
    match random.below(8) {
        0 => revisions.push(other),
        1 => revisions[victim].down.push("nowhere".to_owned()),
        2 => revisions[victim].depends_on.push("nowhere".to_owned()),
        3 => revisions[victim].down = vec![other_id],
        4 => revisions[victim].depends_on.push(other_id),
        5 => revisions[victim].branch_labels.push(other_id),
        6 => revisions[victim].branch_labels.push(LABELS[0].to_owned()),
        _ => {
            let id = format!(
                "{}{}",
                revisions[victim].id.as_str(),
                random.pick(&["-", "@", "+x", ":", ".", " "])
            );
            revisions[victim].id = id.into();
        }
    }
}

/// Questions about a directory that was read from disk.
pub(crate) fn queries(random: &mut Seeded, revisions: &[Revision], count: usize) -> Vec<Query> {
    (0..count).map(|_| query(random, revisions)).collect()
}

fn query(random: &mut Seeded, revisions: &[Revision]) -> Query {
    let from = match random.below(6) {
        0 => Vec::new(),
        1 => ends(revisions),
        2..5 => vec![some_id(random, revisions)],
        _ => (0..=random.below(3))
            .map(|_| some_id(random, revisions))
            .collect(),
    };
    Query {
        is_upgrade: random.once_in(2),
        from,
        to: target(random, revisions),
    }
}

fn ends(revisions: &[Revision]) -> Vec<String> {
    let named = |id: &str| {
        revisions
            .iter()
            .any(|r| r.down.iter().chain(&r.depends_on).any(|name| name == id))
    };
    let ids = revisions.iter().map(|r| r.id.as_str().to_owned());
    ids.filter(|id| !named(id)).collect()
}

fn some_id(random: &mut Seeded, revisions: &[Revision]) -> String {
    if revisions.is_empty() || random.once_in(25) {
        return "unknown1".to_owned();
    }
    random.pick(revisions).id.as_str().to_owned()
}

fn name(random: &mut Seeded, revisions: &[Revision]) -> String {
    match random.below(8) {
        0 => (*random.pick(&["head", "heads", "base"])).to_owned(),
        1 => (*random.pick(&LABELS)).to_owned(),
        2 => {
            let id = some_id(random, revisions);
            let length = random.below(id.chars().count() + 1);
            id.chars().take(length).collect()
        }
        _ => some_id(random, revisions),
    }
}

fn target(random: &mut Seeded, revisions: &[Revision]) -> String {
    let steps = (random.once_in(2), random.below(4));
    let steps = if steps.0 {
        format!("+{}", steps.1)
    } else {
        format!("-{}", steps.1)
    };
    let known: Vec<&String> = revisions.iter().flat_map(|r| &r.branch_labels).collect();
    let branch = if !known.is_empty() && !random.once_in(4) {
        (*random.pick(&known)).clone()
    } else {
        name(random, revisions)
    };
    match random.below(12) {
        0 => "head".to_owned(),
        1 | 2 => "heads".to_owned(),
        3 => "base".to_owned(),
        4 => steps,
        5 => format!("{branch}@{steps}"),
        6 => format!("{}{steps}", name(random, revisions)),
        7 => format!("{branch}@{}{steps}", name(random, revisions)),
        8 => format!("{branch}@{}", name(random, revisions)),
        9 => format!("{branch}@{}", random.pick(&["head", "heads", "base"])),
        10 => name(random, revisions),
        _ => some_id(random, revisions),
    }
}
