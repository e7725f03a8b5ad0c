//! Reading a PostgreSQL database: what is asked, whoever carries the question.

pub(super) mod catalogue;
