//! Stories of the bus, on a real nats-server.

#![cfg(test)]

mod bridge;
mod broker_lost;
mod flow;
mod parking;
mod server;
mod users;
mod witness;
mod world;
