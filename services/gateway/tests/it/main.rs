//! Stories of accounts, sessions and readings through the door, each on SQLite and on PostgreSQL.
#![cfg(test)]

mod accounts;
mod health;
mod house;
mod reads;
mod sessions;
