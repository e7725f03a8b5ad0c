//! The pending revisions of a plan at its gate: what each does, in one line.

use super::canvas::{Piece, Row, columns, piece};
use super::{Scene, migrations, words};
use crate::app::event::Prepared;
use crate::domain::preflight::Severity;
use crate::domain::review::Review;
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// The section `what it does`.
pub(super) fn rows<'a>(scene: &'a Scene<'_>, prepared: &'a Prepared, rows: &mut Vec<Row<'a>>) {
    let plan = &prepared.plan;
    if plan.pending.is_empty() {
        return;
    }
    let down = plan.goes_down();
    let head = if down {
        "what it takes back"
    } else {
        "what it does"
    };
    rows.push(Row::head(head, counts(prepared)));
    let longest = plan.pending.iter().map(|id| columns(id.as_str())).max();
    let width = usize::from(longest.unwrap_or(0).min(32));
    for (at, id) in plan.pending.iter().enumerate() {
        let name = clean(id.as_str());
        let shown = super::canvas::fit(&name, 32).into_owned();
        let mut left = vec![
            piece(format!("{:>3}  ", at + 1), Role::Dim),
            piece(format!("{shown:<width$}  "), Role::Text),
        ];
        let mut right = Vec::new();
        match review(prepared, id) {
            Some(review) if down => taken_back(review, &mut left),
            Some(review) => migrations::verdict(review, &mut left, &mut right),
            None => left.push(piece(message(scene, id), Role::Dim)),
        }
        rows.push(Row::of(left).right(right));
    }
}

fn review<'a>(prepared: &'a Prepared, id: &RevisionId) -> Option<&'a Review> {
    let mut reviews = prepared.reviews.iter();
    reviews.find(|review| review.id == *id).map(AsRef::as_ref)
}

/// A revision that is undone: whether its `downgrade` does that.
fn taken_back(review: &Review, left: &mut Vec<Piece<'_>>) {
    let (text, role) = if review.undo.is_possible() {
        ("its downgrade is written", Role::Text)
    } else {
        (review.undo.word(), Role::Bad)
    };
    left.push(piece(text, role));
}

/// How many revisions, and how many of them deserve a second look.
fn counts<'a>(prepared: &Prepared) -> Vec<Piece<'a>> {
    let reviews = || prepared.reviews.iter();
    let mut out = vec![piece(
        words::count(prepared.plan.pending.len(), "revision"),
        Role::Dim,
    )];
    let mut say = |count: usize, word: &str, role| {
        if count > 0 {
            out.push(piece(format!(", {count} {word}"), role));
        }
    };
    let of = |severity| reviews().filter(|r| r.severity() == severity).count();
    say(of(Severity::Block), "block", Role::Bad);
    say(of(Severity::Warn), "warn", Role::Warn);
    let lasting = reviews().filter(|r| !r.undo.is_possible()).count();
    say(lasting, "without undo", Role::Warn);
    let missing = prepared
        .plan
        .pending
        .len()
        .saturating_sub(prepared.reviews.len());
    say(missing, "not in the checkout", Role::Warn);
    out
}

fn message(scene: &Scene<'_>, id: &RevisionId) -> String {
    let known = scene.model.revision(id);
    known.map_or_else(
        || "not known: the checkout does not have it".to_owned(),
        |summary| clean(&summary.message).into_owned(),
    )
}
