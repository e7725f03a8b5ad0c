//! PostgreSQL's statements: what they change, which locks they take, how they are coloured. Pure.
