//! Stories of the bus, on a real nats-server.

#![cfg(test)]

mod broker_lost;
mod flow;
mod server;
mod world;
