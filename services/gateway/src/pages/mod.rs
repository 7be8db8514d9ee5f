pub(crate) mod frame;
pub(crate) use frame::{Block, Kind, Part, Row, Tone};
