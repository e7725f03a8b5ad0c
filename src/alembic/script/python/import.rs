//! Imports.

use ruff_python_ast as ast;

use super::machine::Machine;
use super::value::Value;

impl Machine<'_> {
    /// `import a.b` binds `a`; `import a.b as c` binds `c` to the inner module.
    pub(super) fn import(&mut self, import: &ast::StmtImport) {
        for alias in &import.names {
            let whole = alias.name.as_str();
            let first = whole.split('.').next().unwrap_or(whole);
            let (name, module) = match &alias.asname {
                Some(name) => (name.as_str(), whole),
                None => (first, first),
            };
            self.set(name, Value::Path(module.into()));
        }
    }

    pub(super) fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        // A relative import is of the application's own.
        let dots = ".".repeat(usize::try_from(import.level).unwrap_or(1));
        for alias in &import.names {
            let item = alias.name.as_str();
            if item == "*" {
                self.star = Some(format!("{dots}{module}"));
                continue;
            }
            let name = alias.asname.as_ref().map_or(item, |name| name.as_str());
            self.set(name, Value::Path(format!("{dots}{module}.{item}").into()));
        }
    }
}
