//! Pages of a list: the token names the last item that was given, so that new items do not shift a page.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::call::bad_field;
use crate::sandbox::world::refusal::Refusal;

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    /// The items of this page.
    pub(super) items: Vec<T>,
    /// What asks for the next one; absent on the last.
    pub(super) next: Option<String>,
}

/// The size asked for, between 1 and `most`; 0 and nothing mean `most`.
pub(super) fn size(asked: Option<&str>, most: usize) -> Result<usize, Refusal> {
    let Some(asked) = asked else { return Ok(most) };
    let size: i64 = asked
        .parse()
        .map_err(|_| bad_field("page_size", "must be a number"))?;
    match usize::try_from(size) {
        Ok(0) => Ok(most),
        Ok(size) => Ok(size.min(most)),
        Err(_) => Err(bad_field("page_size", "must not be negative")),
    }
}

/// The page after `token`; `key` must be unique for every item and must not change.
pub(super) fn page<T>(
    items: Vec<T>,
    size: usize,
    token: Option<&str>,
    key: impl Fn(&T) -> String,
) -> Result<Page<T>, Refusal> {
    let start = match token {
        None => 0,
        Some(token) => {
            let last = decoded(token).ok_or_else(bad_token)?;
            items
                .iter()
                .position(|item| key(item) == last)
                .ok_or_else(bad_token)?
                + 1
        }
    };
    let more = items.len() > start + size;
    let items: Vec<T> = items.into_iter().skip(start).take(size).collect();
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| URL_SAFE_NO_PAD.encode(key(last)));
    Ok(Page { items, next })
}

fn decoded(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

fn bad_token() -> Refusal {
    bad_field("page_token", "The page token is invalid.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_pages_together_are_the_list(count in 0_usize..40, size in 1_usize..12) {
            let all: Vec<usize> = (0..count).collect();
            let mut seen = Vec::new();
            let mut token = None;
            loop {
                let page = page(all.clone(), size, token.as_deref(), ToString::to_string).expect("a page");
                prop_assert!(page.items.len() <= size);
                seen.extend(page.items);
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            prop_assert_eq!(seen, all);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(page(vec![1], 1, Some("%%"), ToString::to_string).is_err());
        assert!(size(Some("-1"), 10).is_err());
        assert_eq!(size(Some("0"), 10).expect("the most"), 10);
        assert_eq!(size(Some("99"), 10).expect("the most"), 10);
    }
}
