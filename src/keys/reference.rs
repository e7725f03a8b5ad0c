//! The key reference of the documentation, made from the command table.

use std::fmt::Write as _;

use crate::app::commands::{TABLE, default_keys};
use crate::app::place::Layer;

const INTRODUCTION: &str = "\
# Keys

Made from the command table; a test holds it. `portcullis` shows the same with `?`.

Your own keys stand in `keys.toml` beside the user's `config.toml`, one table for each place; they win over these:

```toml
[fleet]
\"U\" = \"upgrade\"   # another key
\"u\" = \"none\"      # no command on this key
```

A key is written as here: `q`, `G`, `ctrl-x`, `alt-enter`, `f5`, `pageup`. Keys that type a character cannot be
commands where text is typed, and nothing that is pressed without a thought (`enter`, `space`, `y`, `tab`) can approve at a gate.
";

/// The whole page.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for layer in Layer::ALL {
        let rows = rows(layer);
        if !rows.is_empty() {
            let _ = write!(
                page,
                "\n## {}\n\n`[{}]`: {}.\n\n| keys | command | does |\n| --- | --- | --- |\n{rows}",
                heading(layer),
                layer.word(),
                place(layer)
            );
        }
    }
    page
}

fn rows(layer: Layer) -> String {
    TABLE
        .iter()
        .filter_map(|spec| {
            let keys: Vec<_> = default_keys(spec, layer)
                .map(|key| format!("`{}`", key.to_string().replace('|', "\\|")))
                .collect();
            (!keys.is_empty())
                .then(|| format!("| {} | `{}` | {} |\n", keys.join(" "), spec.id, spec.title))
        })
        .collect()
}

fn heading(layer: Layer) -> String {
    let mut heading = layer.word().replace('-', ", ");
    if let Some(first) = heading.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    heading
}

fn place(layer: Layer) -> &'static str {
    match layer {
        Layer::Always => "really everywhere",
        Layer::Global => "everywhere that no text is typed",
        Layer::List => "wherever there is a list or a text to move in",
        Layer::Fleet => "all environments",
        Layer::Environment => "one environment, on every tab",
        Layer::Migrations => "the migrations of an environment",
        Layer::Secrets => "the secret versions of an environment",
        Layer::Executions => "the runs of an environment",
        Layer::Operations => "the list of operations",
        Layer::Parameters => "the parameters of an operation",
        Layer::Gate => "a plan at its gate, while no text is asked for",
        Layer::GateText => "a gate that asks for text",
        Layer::Live => "a run that goes on",
        Layer::Outcome => "a run that is over",
        Layer::Log => "a log",
        Layer::Revision => "one revision: what it does, and its SQL",
        Layer::Comparison => "the environments side by side",
        Layer::Ledger => "the ledger",
        Layer::Story => "one run's whole story",
        Layer::Requests => "the requests that wait for somebody's word",
        Layer::Help => "the help",
        Layer::Palette => "the command palette",
        Layer::Search => "a filter or a search that is being typed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the page is a file, written when it is asked for"
    )]
    fn the_page_is_that_of_the_command_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
        if std::env::var_os("PORTCULLIS_WRITE_DOCS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page(),
            "docs/keys.md is not that of the command table: PORTCULLIS_WRITE_DOCS=1 cargo test keys::reference"
        );
    }
}
