//! `[ledger]`: whether a team shares the record.

use toml::Spanned;
use toml::de::DeValue;

use super::reader::{Problems, Section};
use crate::domain::settings::{TEAM_LEDGER, is_ledger_name};

/// The name of the shared ledger, if one is expected. Its address is a secret and has no place here.
pub(super) fn read(section: Option<Section<'_>>, problems: &mut Problems<'_>) -> Option<String> {
    let section = section?;
    section.known(&["shared"], problems);
    match section.value("shared").map(Spanned::get_ref)? {
        DeValue::Boolean(shared) => shared.then(|| TEAM_LEDGER.to_owned()),
        DeValue::String(name) if is_ledger_name(name) => Some(name.clone().into_owned()),
        _ => {
            let wanted = "`true`, `false`, or a name of letters, digits, `-` and `_`; \
                          the address is for `portcullis ledger connect`";
            section.wrong("shared", wanted, problems);
            None
        }
    }
}
