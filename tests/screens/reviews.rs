//! What the revisions of the world in memory do.

use std::sync::Arc;

use portcullis::domain::preflight::Severity;
use portcullis::domain::review::{
    Certainty, Change, Lock, LockMode, Object, Opaque, Review, Undo, Verb, Verdict,
};
use portcullis::domain::revision::RevisionId;

fn change(verb: Verb, object: Object, (name, table): (&str, &str), sql: &str) -> Change {
    Change {
        line: 21,
        verb,
        object,
        name: Some(name.into()),
        table: Some(table.into()),
        locks: Vec::new(),
        destroys: verb == Verb::Drop,
        transactional: true,
        certainty: Certainty::Always,
        sql: sql.into(),
        exact: true,
    }
}

fn verdict(rule: &str, message: &str, remedy: &str) -> Verdict {
    Verdict {
        rule: rule.into(),
        severity: Severity::Warn,
        message: message.into(),
        remedy: remedy.into(),
        line: 24,
        table: None,
        silenced: None,
    }
}

/// The review of a revision of the world.
pub(crate) fn review(id: &RevisionId) -> Arc<Review> {
    let mut review = Review {
        id: id.clone(),
        file: format!("database/migrations/versions/{id}.py"),
        script: None,
        changes: Vec::new(),
        opaque: Vec::new(),
        undo: Undo::Written,
        verdicts: Vec::new(),
    };
    match id.as_str() {
        "006_trial_tables" => {
            for table in ["trials", "trial_deliverables"] {
                let sql = format!(
                    "CREATE TABLE {table} (\n\tid UUID NOT NULL DEFAULT gen_random_uuid(),\n\tname VARCHAR(255) NOT NULL, -- the name\n\tscore NUMERIC(5, 2) DEFAULT 0.5,\n\tPRIMARY KEY (id)\n)"
                );
                review
                    .changes
                    .push(change(Verb::Create, Object::Table, (table, table), &sql));
            }
        }
        "007_gateway_audit_logs" => audit_logs(&mut review),
        _ => {
            review.undo = Undo::Missing;
            review.opaque.push(Opaque {
                line: 9,
                code: "op.execute(build())".into(),
                why: "the text is computed".into(),
            });
        }
    }
    Arc::new(review)
}

fn audit_logs(review: &mut Review) {
    let mut index = change(
        Verb::Create,
        Object::Index,
        ("ix_audit_logs_tenant", "audit_logs"),
        "CREATE INDEX ix_audit_logs_tenant ON audit_logs (tenant_id, created_at DESC, an_additional_column, another_column_with_a_long_name, and_the_last) WHERE kind = 'the end of the line'",
    );
    index.exact = false;
    index.locks.push(Lock {
        table: "audit_logs".into(),
        mode: LockMode::Share,
        named: true,
    });
    review.changes.push(index);
    let mut silenced = verdict("prefer-text-field", "`kind` is a VARCHAR(20)", "use TEXT");
    silenced.silenced = Some("it mirrors the upstream schema".into());
    review.verdicts = vec![
        verdict(
            "require-concurrent-index-creation",
            "the index on audit_logs is built while nobody can write to it",
            "op.create_index(…, postgresql_concurrently=True) in an autocommit_block()",
        ),
        silenced,
    ];
    review.undo = Undo::Empty;
}
