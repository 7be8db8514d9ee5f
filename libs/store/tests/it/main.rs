//! What the store promises, told once and held to on SQLite and on PostgreSQL.

#![cfg(test)]

mod copies;
mod faults;
mod inbox;
mod journal;
mod keeping;
mod once;
mod opening;
mod stage;
mod statements;
mod values;
mod work;
