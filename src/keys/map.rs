//! Which key is which command, place by place.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::error::{KeysError, Nearest, Problem};
use crate::app::bindings::Bindings;
use crate::app::command::Command;
use crate::app::commands::TABLE;
use crate::app::input::{Code, Key};
use crate::app::place::Layer;

/// The command id that takes a key away.
const NONE: &str = "none";
/// Keys that approve nothing: too easily pressed by a tired hand.
const TOO_EASY: [Code; 5] = [
    Code::Enter,
    Code::Char(' '),
    Code::Char('y'),
    Code::Char('Y'),
    Code::Tab,
];

/// A key in a layer, with its command or without any.
type Entry = (Layer, Key, Option<Command>);

/// The file as TOML has it.
type File = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<String>>>;

/// The default keys with a person's own above them, from the text of a key map.
pub fn merged(file: &str) -> Result<Bindings, KeysError> {
    let at = |span: Range<usize>, problem| KeysError {
        line: line_of(file, span.start),
        problem,
    };
    let parsed: File = toml::from_str(file).map_err(|error| {
        let problem = Problem::Form(error.message().to_owned());
        at(error.span().unwrap_or_default(), problem)
    })?;
    let mut own: Vec<Entry> = Vec::new();
    for (name, entries) in parsed {
        let layer = layer_named(name.get_ref()).map_err(|p| at(name.span(), p))?;
        for (key_name, id) in entries {
            let key = key_named(key_name.get_ref()).map_err(|p| at(key_name.span(), p))?;
            let command = command_named(id.get_ref()).map_err(|p| at(id.span(), p))?;
            let entry = (layer, key, command);
            check(entry, &own).map_err(|p| at(key_name.span(), p))?;
            own.push(entry);
        }
    }
    let defaults = Bindings::default();
    let kept = defaults
        .entries()
        .filter(|(layer, key, _)| own.iter().all(|(at, mine, _)| (at, mine) != (layer, key)));
    let bound = own
        .iter()
        .filter_map(|(layer, key, command)| Some((*layer, *key, (*command)?)));
    Ok(Bindings::new(bound.chain(kept)))
}

/// Whether an entry may stand in a layer.
fn check((layer, key, command): Entry, own: &[Entry]) -> Result<(), Problem> {
    if own
        .iter()
        .any(|(at, known, _)| (*at, *known) == (layer, key))
    {
        return Err(Problem::Duplicate(key.to_string()));
    }
    if command.is_none() {
        return Ok(());
    }
    if key.typed().is_some() && takes_text(layer) {
        return Err(Problem::TypesText {
            key: key.to_string(),
            layer: layer.word().to_owned(),
        });
    }
    if command == Some(Command::Approve) && TOO_EASY.contains(&key.code) && !key.ctrl && !key.alt {
        return Err(Problem::TooEasy(key.to_string()));
    }
    Ok(())
}

/// Whether text is typed somewhere that this layer holds.
fn takes_text(layer: Layer) -> bool {
    matches!(
        layer,
        Layer::Always | Layer::Parameters | Layer::GateText | Layer::Palette | Layer::Search
    )
}

fn layer_named(name: &str) -> Result<Layer, Problem> {
    Layer::ALL
        .into_iter()
        .find(|layer| layer.word() == name)
        .ok_or_else(|| {
            let nearest = Nearest::to(name, Layer::ALL.iter().map(|layer| layer.word()));
            Problem::Layer(name.to_owned(), nearest)
        })
}

fn key_named(name: &str) -> Result<Key, Problem> {
    let spelt = name.strip_prefix("shift-").map_or_else(
        || name.to_owned(),
        |rest| match rest.chars().next() {
            Some(c) if rest.len() == c.len_utf8() => c.to_uppercase().to_string(),
            _ => rest.replace("tab", "backtab"),
        },
    );
    Key::parse(&spelt).ok_or_else(|| Problem::Key(name.to_owned()))
}

/// The command of an id; `None` for the id that takes a key away.
fn command_named(id: &str) -> Result<Option<Command>, Problem> {
    if id == NONE {
        return Ok(None);
    }
    let found = TABLE.iter().find(|spec| spec.id == id);
    found.map(|spec| Some(spec.command)).ok_or_else(|| {
        let nearest = Nearest::to(id, TABLE.iter().map(|spec| spec.id));
        Problem::Command(id.to_owned(), nearest)
    })
}

/// The line of a byte, from 1.
fn line_of(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or(text);
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::default_keys;
    use crate::app::place::Place;

    fn key(name: &str) -> Key {
        Key::parse(name).unwrap()
    }

    fn problem(file: &str) -> String {
        merged(file).unwrap_err().to_string()
    }

    #[test]
    fn the_default_keys_hold_to_the_same_rules() {
        let mut seen = Vec::new();
        for spec in TABLE {
            for layer in Layer::ALL {
                for key in default_keys(spec, layer) {
                    let entry = (layer, key, Some(spec.command));
                    check(entry, &seen)
                        .unwrap_or_else(|problem| panic!("{}: {problem}", layer.word()));
                    seen.push(entry);
                }
            }
        }
    }

    #[test]
    fn every_name_of_a_default_key_is_understood() {
        for spec in TABLE {
            for (layer, keys) in spec.keys {
                let read = default_keys(spec, *layer).count();
                let written: usize = spec
                    .keys
                    .iter()
                    .filter(|(at, _)| at == layer)
                    .map(|(_, keys)| keys.split(' ').count())
                    .sum();
                assert_eq!(read, written, "{} {keys}", spec.id);
            }
        }
    }

    #[test]
    fn own_keys_win_and_the_rest_stays() {
        let own = merged("[fleet]\n\"U\" = \"upgrade\"\nu = \"none\"\n").unwrap();
        assert_eq!(own.command(Place::Fleet, key("U")), Some(Command::Upgrade));
        assert_eq!(own.command(Place::Fleet, key("u")), None);
        assert_eq!(own.command(Place::Fleet, key("q")), Some(Command::Quit));
        assert_eq!(own.key(Place::Fleet, Command::Upgrade), Some(key("U")));
    }

    #[test]
    fn the_most_specific_layer_wins_and_hints_know_it() {
        let own = merged("[fleet]\nq = \"refresh\"").unwrap();
        assert_eq!(own.command(Place::Fleet, key("q")), Some(Command::Refresh));
        assert_ne!(own.key(Place::Fleet, Command::Quit), Some(key("q")));
    }

    #[test]
    fn mistakes_are_told_with_line_and_remedy() {
        assert_eq!(
            problem("[fleet]\nu = \"upgarde\""),
            "line 2: there is no command `upgarde`; did you mean `upgrade`?"
        );
        assert_eq!(
            problem("\n[fleat]\nu = \"upgrade\""),
            "line 2: there is no place `fleat`; did you mean `fleet`?"
        );
        assert!(problem("[fleet]\n\"strg-c\" = \"quit\"").contains("`strg-c` is no key"));
        assert!(
            problem("[fleet]\nG = \"last\"\n\"shift-g\" = \"first\"")
                .contains("`G` stands here twice")
        );
        assert!(problem("[search]\nx = \"quit\"").contains("typed into a text"));
        assert!(problem("fleet = 3").starts_with("line 1:"));
    }

    #[test]
    fn nothing_easy_approves() {
        for easy in ["enter", "y", "Y", "space"] {
            let file = format!("[gate]\n\"{easy}\" = \"gate.approve\"");
            assert!(problem(&file).contains("without a thought"), "{easy}");
        }
    }
}
