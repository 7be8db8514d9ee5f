//! Stories of the bus, on a real nats-server.

mod server;
