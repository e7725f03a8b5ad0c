//! `ledger connect`, `disconnect` and `protect`: which ledger is written, and what closes the file of keys.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use serde_json::json;

use crate::cli::{Context, ask};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::clean;
use crate::ports::keys::{PlaceKind, Protection};

use super::verify::place;

/// A longer line is neither an address nor a passphrase.
const LONGEST: u64 = 16 * 1024;

/// Takes the address of the shared ledger, tries it, and keeps it.
pub(super) async fn connect(
    context: &Context,
    file: Option<PathBuf>,
    stdin: bool,
) -> Result<u8, Failure> {
    let address = match (file, stdin) {
        (Some(path), _) => in_file(&path)?,
        (None, true) => first_line(std::io::stdin(), "standard input")?,
        (None, false) => asked("address of the shared ledger (postgresql://…): ")?,
    };
    let ledgers = &context.world.ledgers;
    let entries = ledgers.connect(address).await?;
    let whereabouts = ledgers.whereabouts().await?;
    let key = context.world.keys.place().await;
    let document = json!({ "ledger": whereabouts, "entries": entries, "kept": key });
    context.output.answer(&document, || {
        format!(
            "{} is written and read from now on; its last entry is {entries}\nits address is kept {}",
            clean(&whereabouts.name),
            place(&key)
        )
    })?;
    Ok(0)
}

/// Forgets the shared ledger.
pub(super) async fn disconnect(context: &Context) -> Result<u8, Failure> {
    let ledgers = &context.world.ledgers;
    let was = ledgers.disconnect().await?;
    context.output.answer(&json!({ "disconnected": was }), || {
        if was {
            "the address of the shared ledger is forgotten".to_owned()
        } else {
            "there was no address of a shared ledger".to_owned()
        }
    })?;
    Ok(0)
}

/// Closes the file of keys with something else.
pub(super) async fn protect(
    context: &Context,
    passphrase_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
) -> Result<u8, Failure> {
    let named = key_file.as_deref().or(passphrase_file.as_deref());
    let named = named.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let with = match (key_file, passphrase_file) {
        (Some(_), _) => Protection::KeyFile(named.clone().unwrap_or_default()),
        (None, Some(path)) => Protection::Passphrase(in_file(&path)?),
        (None, None) => Protection::Passphrase(twice()?),
    };
    let key = context.world.keys.protect(with).await?;
    let variable = match key.kind {
        PlaceKind::KeyFile => "PORTCULLIS_KEY_FILE",
        _ => "PORTCULLIS_KEY_PASSPHRASE_FILE",
    };
    let set = named.map(|path| format!("{variable}={}", path.display()));
    let document = json!({ "key": key, "set": set });
    context.output.answer(&document, || {
        let kept = format!("keys are kept {}", place(&key));
        match &set {
            Some(set) => format!("{kept}\nset {} from now on", clean(set)),
            None => format!(
                "{kept}\nit will be asked for; without a terminal, {variable} names a file with it"
            ),
        }
    })?;
    Ok(0)
}

fn twice() -> Result<SecretString, Failure> {
    let first = asked("passphrase: ")?;
    let second = asked("the same again: ")?;
    if first.expose_secret() != second.expose_secret() {
        return Err(Failure::new(
            FailureKind::Usage,
            "the two passphrases differ",
            "Nothing was changed. Try again.",
        ));
    }
    Ok(first)
}

fn asked(question: &str) -> Result<SecretString, Failure> {
    let answer = ask::without_echo(question);
    answer.filter(|answer| !answer.expose_secret().is_empty()).ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "nothing was given, and there may be no terminal to ask on",
            "Name a file that holds it (see `--help`); on the command line itself others could read it.",
        )
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person names the file that holds a secret, so that it is no argument"
)]
fn in_file(path: &Path) -> Result<SecretString, Failure> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| unreadable(&name, &error))?;
    first_line(file, &name)
}

fn first_line(from: impl std::io::Read, name: &str) -> Result<SecretString, Failure> {
    let mut text = Zeroizing::new(String::new());
    from.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(name, &error))?;
    match text.lines().next().map(str::trim) {
        None | Some("") => Err(Failure::new(
            FailureKind::Usage,
            format!("{name} is empty"),
            "Its first line is read.",
        )),
        Some(line) => Ok(SecretString::from(line)),
    }
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    let what = error.kind();
    Failure::new(
        FailureKind::Usage,
        format!("{name} cannot be read: {what}"),
        "",
    )
}
