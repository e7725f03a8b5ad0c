//! Cloud Logging v2: `entries:list`.

mod record;
mod view;

use std::{num::NonZeroUsize, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{call::bad_field, caller::Caller, filter::Filter, wire::Message};
use crate::sandbox::world::{Refusal, model::LogEntry};

/// Entries of a page when the caller does not say, and at most.
const USUAL_PAGE: u64 = 50;
const LARGEST_PAGE: u64 = 1000;

/// Answers `POST /v2/entries:list`.
pub(super) fn list(caller: &Caller<'_>) -> Result<Value, Refusal> {
    check_resources(caller)?;
    let question = Question::read(caller)?;
    let log = caller.world.log();
    let (page, next) = if question.newest_first {
        question.page(log.iter().rev())?
    } else {
        question.page(log.iter())?
    };
    let enums = caller.call.enums;
    let entries: Vec<Value> = page.iter().map(|entry| view::entry(entry, enums)).collect();
    Ok(Message::new()
        .put("entries", entries)
        .put("nextPageToken", next)
        .done())
}

fn check_resources(caller: &Caller<'_>) -> Result<(), Refusal> {
    let names = caller
        .call
        .body
        .get("resourceNames")
        .and_then(Value::as_array);
    let names = names.filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| bad_field("resource_names", "must not be empty"))?;
    for name in names {
        let name = name.as_str().unwrap_or_default();
        let project = name
            .strip_prefix("projects/")
            .and_then(|rest| rest.split('/').next());
        let project =
            project.ok_or_else(|| bad_field("resource_names", "must be projects/PROJECT"))?;
        caller.may(
            "logging.logEntries.list",
            project,
            &format!("projects/{project}"),
        )?;
    }
    Ok(())
}

/// What is asked of the log.
struct Question {
    filter: Filter,
    newest_first: bool,
    size: NonZeroUsize,
    /// The key of the last entry that the caller has.
    after: Option<String>,
}

impl Question {
    fn read(caller: &Caller<'_>) -> Result<Self, Refusal> {
        let call = caller.call;
        let filter = Filter::parse(call.text("/filter").unwrap_or_default())
            .map_err(|error| Refusal::invalid(error.to_string()))?;
        let newest_first = match call.text("/orderBy") {
            None | Some("timestamp" | "timestamp asc") => false,
            Some("timestamp desc") => true,
            Some(_) => {
                return Err(bad_field(
                    "order_by",
                    "must be 'timestamp asc' or 'timestamp desc'",
                ));
            }
        };
        let after = call.text("/pageToken").map(decoded).transpose()?;
        Ok(Self {
            filter,
            newest_first,
            size: page_size(call.body.get("pageSize"))?,
            after,
        })
    }

    /// The next matches; newer entries do not shift a page, because a page begins after a known entry.
    fn page<'a>(
        &self,
        mut entries: impl Iterator<Item = &'a Arc<LogEntry>>,
    ) -> Result<(Vec<Arc<LogEntry>>, Option<String>), Refusal> {
        if let Some(after) = &self.after {
            entries
                .find(|entry| key(entry) == *after)
                .ok_or_else(bad_token)?;
        }
        let mut matches = entries.filter(|entry| self.filter.matches(entry.as_ref()));
        let page: Vec<_> = matches.by_ref().take(self.size.get()).cloned().collect();
        let more = matches.next().is_some();
        let next = page
            .last()
            .filter(|_| more)
            .map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Ok((page, next))
    }
}

fn page_size(asked: Option<&Value>) -> Result<NonZeroUsize, Refusal> {
    let bad = || bad_field("page_size", "must be a number that is not negative");
    let asked = match asked.filter(|value| !value.is_null()) {
        Some(asked) => asked.as_u64().ok_or_else(bad)?,
        None => 0,
    };
    let size = if asked == 0 {
        USUAL_PAGE
    } else {
        asked.min(LARGEST_PAGE)
    };
    usize::try_from(size)
        .ok()
        .and_then(NonZeroUsize::new)
        .ok_or_else(bad)
}

/// Unique within the log.
fn key(entry: &LogEntry) -> String {
    format!("{}/{}", entry.timestamp, entry.insert_id)
}

fn decoded(token: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| bad_token())?;
    String::from_utf8(bytes).map_err(|_| bad_token())
}

fn bad_token() -> Refusal {
    bad_field(
        "page_token",
        "page_token doesn't match arguments from the request",
    )
}
