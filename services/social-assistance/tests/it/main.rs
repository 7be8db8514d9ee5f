//! Stories of social assistance through its public interface, beside the registers of persons and of deaths, each on
//! SQLite and on PostgreSQL.
#![cfg(test)]

mod bureau;
mod cases;
mod endings;
mod interrupted;
mod months;
mod overtaken;
mod standards;
