//! Reviews, rule by rule.
