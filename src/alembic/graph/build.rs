//! Linking revisions into a graph, and refusing what Alembic refuses.

use std::collections::HashMap;
use std::path::PathBuf;

use super::error::list;
use super::set::NodeSet;
use super::{Graph, Index, Node};
use crate::alembic::revision::Revision;
use crate::domain::revision::RevisionId;

/// Characters that Alembic does not allow in an id, because targets use them.
const FORBIDDEN: [char; 4] = ['@', '-', '+', ':'];

/// Why a set of revisions is no graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two files declare the same id.
    #[error("revision {id} is declared twice: {} and {}", .first.display(), .second.display())]
    Duplicate {
        /// The id.
        id: RevisionId,
        /// The file that was read first.
        first: PathBuf,
        /// The other one.
        second: PathBuf,
    },
    /// An id holds a character that targets use.
    #[error("revision {id} holds `{character}`, which Alembic does not allow in an id")]
    ForbiddenCharacter {
        /// The id.
        id: RevisionId,
        /// The first such character.
        character: char,
    },
    /// A revision names itself as its parent.
    #[error("revision {0} is its own down_revision")]
    SelfLoop(RevisionId),
    /// A revision depends on itself.
    #[error("revision {0} depends on itself")]
    DependencySelfLoop(RevisionId),
    /// A branch label is used twice, or is the id of a revision.
    #[error("branch label `{label}` of revision {id} already belongs to revision {owner}")]
    LabelTaken {
        /// The label.
        label: String,
        /// The revision that declares it again.
        id: RevisionId,
        /// The revision that has it.
        owner: RevisionId,
    },
    /// A `down_revision` names no revision.
    #[error("revision {id} has the down_revision `{parent}`, which is in no file")]
    MissingParent {
        /// The revision.
        id: RevisionId,
        /// What it names.
        parent: String,
    },
    /// A `depends_on` names no revision and no label.
    #[error("revision {id} depends on `{dependency}`, which is in no file")]
    MissingDependency {
        /// The revision.
        id: RevisionId,
        /// What it names.
        dependency: String,
    },
    /// Parents go round in a circle.
    #[error("these revisions form a cycle: {}", list(.0))]
    Cycle(Vec<RevisionId>),
    /// Parents and dependencies together go round in a circle.
    #[error("these revisions form a cycle through depends_on: {}", list(.0))]
    DependencyCycle(Vec<RevisionId>),
}

impl GraphError {
    /// The word for it, as in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Duplicate { .. } => "duplicate_id",
            Self::ForbiddenCharacter { .. } => "forbidden_character",
            Self::SelfLoop(_) | Self::Cycle(_) => "cycle",
            Self::DependencySelfLoop(_) | Self::DependencyCycle(_) => "dependency_cycle",
            Self::LabelTaken { .. } => "label_taken",
            Self::MissingParent { .. } => "missing_parent",
            Self::MissingDependency { .. } => "missing_dependency",
        }
    }
}

/// Builds the graph in Alembic's order of checks, so that the first error is the same.
pub(super) fn build(revisions: Vec<Revision>) -> Result<Graph, GraphError> {
    let by_id = index(&revisions)?;
    let labels = index_labels(&revisions, &by_id)?;
    let mut graph = Graph {
        nodes: revisions.into_iter().map(Node::unlinked).collect(),
        by_id,
        by_label: labels.iter().cloned().collect(),
        labels,
        heads: Vec::new(),
        bases: Vec::new(),
        real_heads: Vec::new(),
    };
    graph.link_dependencies()?;
    graph.link_parents()?;
    let real_bases = graph.find_ends();
    graph.trim_dependencies();
    graph.refuse_cycles(&real_bases)?;
    graph.spread_labels();
    Ok(graph)
}

fn index(revisions: &[Revision]) -> Result<HashMap<String, Index>, GraphError> {
    let mut by_id = HashMap::with_capacity(revisions.len());
    for (at, revision) in revisions.iter().enumerate() {
        check_alone(revision)?;
        if let Some(first) = by_id.insert(revision.id.as_str().to_owned(), at) {
            return Err(GraphError::Duplicate {
                id: revision.id.clone(),
                first: revisions[first].path.clone(),
                second: revision.path.clone(),
            });
        }
    }
    Ok(by_id)
}

/// What can be wrong with one revision without looking at the others.
fn check_alone(revision: &Revision) -> Result<(), GraphError> {
    let id = revision.id.as_str();
    if revision.down.iter().any(|down| down == id) {
        return Err(GraphError::SelfLoop(revision.id.clone()));
    }
    if revision
        .depends_on
        .iter()
        .any(|dependency| dependency == id)
    {
        return Err(GraphError::DependencySelfLoop(revision.id.clone()));
    }
    match id.chars().find(|c| FORBIDDEN.contains(c)) {
        Some(character) => Err(GraphError::ForbiddenCharacter {
            id: revision.id.clone(),
            character,
        }),
        None => Ok(()),
    }
}

fn index_labels(
    revisions: &[Revision],
    by_id: &HashMap<String, Index>,
) -> Result<Vec<(String, Index)>, GraphError> {
    let mut labels = Vec::new();
    let mut seen = HashMap::new();
    for (at, revision) in revisions.iter().enumerate() {
        for label in &revision.branch_labels {
            let owner = by_id
                .get(label)
                .copied()
                .or_else(|| seen.insert(label.clone(), at));
            if let Some(owner) = owner {
                return Err(GraphError::LabelTaken {
                    label: label.clone(),
                    id: revision.id.clone(),
                    owner: revisions[owner].id.clone(),
                });
            }
            labels.push((label.clone(), at));
        }
    }
    Ok(labels)
}

impl Node {
    fn unlinked(revision: Revision) -> Self {
        Self {
            labels: revision.branch_labels.iter().cloned().collect(),
            revision,
            down: Vec::new(),
            depends: Vec::new(),
            all_down: Vec::new(),
            own_depends: Vec::new(),
            needed: Vec::new(),
            next: Vec::new(),
            all_next: Vec::new(),
        }
    }

    /// A single empty string counts as no dependency, as it does in Python.
    fn has_dependencies(&self) -> bool {
        !matches!(self.revision.depends_on.as_slice(), [] | [_])
            || self
                .revision
                .depends_on
                .first()
                .is_some_and(|only| !only.is_empty())
    }
}

impl Graph {
    fn link_dependencies(&mut self) -> Result<(), GraphError> {
        for at in 0..self.len() {
            if !self.nodes[at].has_dependencies() {
                continue;
            }
            let mut found = Vec::new();
            for name in &self.nodes[at].revision.depends_on {
                let target = self.by_id.get(name).or_else(|| self.by_label.get(name));
                push_once(
                    &mut found,
                    *target.ok_or_else(|| GraphError::MissingDependency {
                        id: self.id(at).clone(),
                        dependency: name.clone(),
                    })?,
                );
            }
            self.nodes[at].depends = found;
        }
        Ok(())
    }

    fn link_parents(&mut self) -> Result<(), GraphError> {
        for at in 0..self.len() {
            let mut down = Vec::new();
            for name in &self.nodes[at].revision.down {
                // Alembic fails on a label here too, only later and with less to say.
                let parent = self
                    .by_id
                    .get(name)
                    .ok_or_else(|| GraphError::MissingParent {
                        id: self.id(at).clone(),
                        parent: name.clone(),
                    })?;
                down.push(*parent);
            }
            for &parent in &down {
                push_once(&mut self.nodes[parent].next, at);
            }
            let node = &mut self.nodes[at];
            for &parent in down.iter().chain(&node.depends) {
                push_once(&mut node.all_down, parent);
            }
            node.down = down;
            for parent in self.nodes[at].all_down.clone() {
                push_once(&mut self.nodes[parent].all_next, at);
            }
        }
        Ok(())
    }

    /// Finds heads and bases; returns the bases without dependencies.
    fn find_ends(&mut self) -> Vec<Index> {
        let ends = |wanted: &dyn Fn(&Node) -> bool| {
            (0..self.nodes.len())
                .filter(|&at| wanted(&self.nodes[at]))
                .collect::<Vec<_>>()
        };
        let heads = ends(&|node| node.next.is_empty());
        let real_heads = ends(&|node| node.all_next.is_empty());
        let bases = ends(&|node| node.revision.down.is_empty());
        let real_bases =
            ends(&|node| node.revision.down.is_empty() && node.revision.depends_on.is_empty());
        (self.heads, self.real_heads, self.bases) = (heads, real_heads, bases);
        real_bases
    }

    /// Leaves out of each revision's dependencies those that an ancestor has already.
    fn trim_dependencies(&mut self) {
        for at in 0..self.len() {
            let mut own = self.nodes[at].depends.clone();
            if !own.is_empty() {
                let ancestors = self.reach([at], |node| &node.down);
                for ancestor in ancestors.iter().filter(|&other| other != at) {
                    own.retain(|kept| !self.nodes[ancestor].depends.contains(kept));
                }
            }
            let node = &mut self.nodes[at];
            for &parent in node.down.iter().chain(&own) {
                push_once(&mut node.needed, parent);
            }
            node.own_depends = own;
        }
    }

    /// Refuses what Alembic refuses, and also the circles that Alembic misses: those
    /// that lie on a way between a head and a base, on which it never comes to an end.
    fn refuse_cycles(&self, real_bases: &[Index]) -> Result<(), GraphError> {
        if self.is_empty() {
            return Ok(());
        }
        let lost = self.not_between(&self.heads, &self.bases, |n| &n.down, |n| &n.next);
        let lost = if lost.is_empty() {
            self.in_circles(|n| &n.down)
        } else {
            lost
        };
        if !lost.is_empty() {
            return Err(GraphError::Cycle(lost));
        }
        let lost = self.not_between(
            &self.real_heads,
            real_bases,
            |n| &n.all_down,
            |n| &n.all_next,
        );
        let lost = if lost.is_empty() {
            self.in_circles(|n| &n.all_down)
        } else {
            lost
        };
        if lost.is_empty() {
            Ok(())
        } else {
            Err(GraphError::DependencyCycle(lost))
        }
    }

    /// Revisions that are on a circle or above one: none of them can ever run.
    fn in_circles(&self, below: impl Fn(&Node) -> &[Index]) -> Vec<RevisionId> {
        let mut waiting: Vec<usize> = self.nodes.iter().map(|node| below(node).len()).collect();
        let mut above = vec![Vec::new(); self.len()];
        for at in 0..self.len() {
            for &parent in below(&self.nodes[at]) {
                above[parent].push(at);
            }
        }
        let mut ready: Vec<Index> = (0..self.len()).filter(|&at| waiting[at] == 0).collect();
        while let Some(at) = ready.pop() {
            for &child in &above[at] {
                waiting[child] -= 1;
                if waiting[child] == 0 {
                    ready.push(child);
                }
            }
        }
        self.ids((0..self.len()).filter(|&at| waiting[at] > 0))
    }

    /// Revisions that do not lie on a way between these tops and these bottoms.
    fn not_between(
        &self,
        tops: &[Index],
        bottoms: &[Index],
        below: impl Fn(&Node) -> &[Index],
        above: impl Fn(&Node) -> &[Index],
    ) -> Vec<RevisionId> {
        let mut between: NodeSet = self.reach(tops.iter().copied(), below);
        between.retain_in(&self.reach(bottoms.iter().copied(), above));
        let mut lost = self.ids((0..self.len()).filter(|&at| !between.contains(at)));
        lost.sort();
        lost
    }

    /// Gives each label to all that follow it, and to the unbranched line below it.
    fn spread_labels(&mut self) {
        for at in 0..self.len() {
            if self.nodes[at].revision.branch_labels.is_empty() {
                continue;
            }
            let labels = self.nodes[at].labels.clone();
            let above = self.reach([at], |node| &node.next);
            let mut top = at;
            for follower in above.iter() {
                self.nodes[follower].labels.extend(labels.iter().cloned());
                if self.nodes[follower].next.is_empty() {
                    top = follower;
                }
            }
            self.label_downward(top, &labels);
        }
    }

    fn label_downward(&mut self, top: Index, labels: &std::collections::BTreeSet<String>) {
        let mut here = Some(top);
        while let Some(at) = here {
            let node = &mut self.nodes[at];
            if node.all_next.len() > 1 || node.down.len() > 1 {
                return;
            }
            node.labels.extend(labels.iter().cloned());
            here = node.down.first().copied();
        }
    }
}

fn push_once(list: &mut Vec<Index>, node: Index) {
    if !list.contains(&node) {
        list.push(node);
    }
}
