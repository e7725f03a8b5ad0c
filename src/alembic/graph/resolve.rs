//! From names to revisions: whole and partial ids, `head`, `heads`, `base`, branch labels.

use super::error::PendingError;
use super::walk::Place;
use super::{Graph, Index};
use crate::domain::revision::RevisionId;

/// A name taken apart: what it stands for, and the branch it must lie on.
struct Named<'a> {
    names: Vec<&'a str>,
    /// What stands before `@`, which may be nothing.
    prefix: Option<&'a str>,
}

impl<'a> Named<'a> {
    fn branch(&self) -> Option<&'a str> {
        self.prefix.filter(|label| !label.is_empty())
    }
}

impl Graph {
    /// All revisions that a name stands for; none for `base`.
    pub(super) fn find_all(&self, name: &str) -> Result<Vec<Index>, PendingError> {
        let named = self.take_apart(name)?;
        if let [only] = named.names.as_slice()
            && let Ok(steps @ ..0) = only.trim().parse::<i64>()
        {
            return self.below_heads(name, steps, named.prefix);
        }
        named
            .names
            .iter()
            .map(|one| self.identify(one, named.branch()))
            .collect()
    }

    /// Alembic takes a bare negative number, where it is no relative target, as steps
    /// down from the heads.
    fn below_heads(
        &self,
        name: &str,
        steps: i64,
        label: Option<&str>,
    ) -> Result<Vec<Index>, PendingError> {
        let is_wanted =
            |at: &&Index| label.is_none_or(|label| self.nodes[**at].labels.contains(label));
        let mut found = Vec::new();
        for &head in self.real_heads.iter().filter(is_wanted) {
            match self.walk(Some(head), steps, None)? {
                Some(Place::At(at)) => found.push(at),
                Some(Place::Base) | None => return Err(PendingError::TooFar(name.to_owned())),
            }
        }
        Ok(found)
    }

    /// All revisions that several names stand for, repetitions included.
    pub(super) fn find_each(&self, names: &[RevisionId]) -> Result<Vec<Index>, PendingError> {
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            all.extend(self.find_all(name.as_str())?);
        }
        Ok(all)
    }

    /// The one revision that a name stands for; `None` for `base`.
    pub(super) fn find_one(&self, name: &str) -> Result<Option<Index>, PendingError> {
        let named = self.take_apart(name)?;
        match named.names.as_slice() {
            [] => {
                if let Some(branch) = named.branch() {
                    self.find_branch(branch)?;
                }
                Ok(None)
            }
            [one] => self.identify(one, named.branch()).map(Some),
            several => Err(PendingError::SeveralHeads {
                asked: name.to_owned(),
                heads: several.iter().map(|id| RevisionId::from(*id)).collect(),
            }),
        }
    }

    /// The revision that declares a label, or that is used as one.
    pub(super) fn find_branch(&self, label: &str) -> Result<Index, PendingError> {
        match self.exact(label) {
            Some(at) => Ok(at),
            None => self.identify(label, None),
        }
    }

    /// Those revisions that share a line with what `name` stands for, dependencies apart.
    pub(super) fn on_branch(
        &self,
        nodes: &[Index],
        name: &str,
    ) -> Result<Vec<Index>, PendingError> {
        let named = self.take_apart(name)?;
        let lines: Vec<&str> = named.branch().into_iter().chain(named.names).collect();
        if lines.is_empty() || nodes.is_empty() {
            return Ok(nodes.to_vec());
        }
        let mut owners = Vec::with_capacity(lines.len());
        for line in lines {
            owners.push(self.identify(line, None)?);
        }
        let lineages: Vec<_> = owners
            .into_iter()
            .map(|owner| self.lineage(owner))
            .collect();
        let shares = |node: &Index| {
            lineages
                .iter()
                .any(|(below, above)| below.contains(*node) || above.contains(*node))
        };
        Ok(nodes.iter().copied().filter(shares).collect())
    }

    fn take_apart<'a>(&'a self, name: &'a str) -> Result<Named<'a>, PendingError> {
        let (prefix, name) = match name.split_once('@') {
            Some((prefix, name)) => (Some(prefix), name),
            None => (None, name),
        };
        let names = match (name, prefix.filter(|label| !label.is_empty())) {
            ("heads", Some(label)) => self.names(&self.on_branch(&self.heads, label)?),
            ("heads", None) => self.names(&self.real_heads),
            ("head", label) => self.the_head(label)?,
            ("base", _) => Vec::new(),
            (other, _) => vec![other],
        };
        Ok(Named { names, prefix })
    }

    fn the_head(&self, label: Option<&str>) -> Result<Vec<&str>, PendingError> {
        let heads = match label {
            Some(label) => self.on_branch(&self.heads, label)?,
            None => self.heads.clone(),
        };
        if heads.len() > 1 {
            let asked = label.map_or_else(|| "head".to_owned(), |label| format!("{label}@head"));
            return Err(PendingError::SeveralHeads {
                asked,
                heads: self.ids(heads),
            });
        }
        Ok(self.names(&heads))
    }

    fn names(&self, nodes: &[Index]) -> Vec<&str> {
        nodes.iter().map(|&at| self.id(at).as_str()).collect()
    }

    fn exact(&self, name: &str) -> Option<Index> {
        self.by_id
            .get(name)
            .or_else(|| self.by_label.get(name))
            .copied()
    }

    /// A whole id or label, else the only one that begins like this.
    fn identify(&self, name: &str, branch: Option<&str>) -> Result<Index, PendingError> {
        let owner = branch.map(|label| self.find_branch(label)).transpose()?;
        let found = match self.exact(name) {
            Some(at) => at,
            None => self.by_beginning(name, branch)?,
        };
        let (Some(owner), Some(branch)) = (owner, branch) else {
            return Ok(found);
        };
        let (below, above) = self.lineage(owner);
        if below.contains(found) || above.contains(found) {
            Ok(found)
        } else {
            Err(PendingError::NotOnBranch {
                id: self.id(found).clone(),
                branch: branch.to_owned(),
            })
        }
    }

    fn by_beginning(&self, name: &str, branch: Option<&str>) -> Result<Index, PendingError> {
        /// Alembic does not complete to anything shorter.
        const SHORTEST: usize = 4;
        if name.is_empty() {
            return Err(PendingError::Unknown(name.to_owned()));
        }
        let fits = |id: &str| id.chars().count() >= SHORTEST && id.starts_with(name);
        let ids = (0..self.len()).filter(|&at| fits(self.id(at).as_str()));
        let labels = self
            .labels
            .iter()
            .filter(|(label, _)| fits(label))
            .map(|(_, at)| *at);
        let mut found: Vec<Index> = ids.chain(labels).collect();
        if let Some(branch) = branch {
            found = self.on_branch(&found, branch)?;
        }
        match found.as_slice() {
            [] => Err(PendingError::Unknown(name.to_owned())),
            [one] => Ok(*one),
            _ => Err(PendingError::AmbiguousId {
                asked: name.to_owned(),
                candidates: self.ids(found),
            }),
        }
    }
}
