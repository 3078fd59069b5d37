//! What the four programs share: the bindings of the test services, their flags and their output.

pub mod args;
pub mod life;
pub mod report;
pub mod services;

/// Generated for the Tokio API.
#[allow(clippy::all)]
pub mod asynchronous {
    include!(concat!(env!("OUT_DIR"), "/async/mod.rs"));
}

/// Generated for the blocking API: unary methods only.
#[allow(clippy::all)]
pub mod blocking {
    include!(concat!(env!("OUT_DIR"), "/sync/mod.rs"));
}

/// What `EchoNull` and `EchoNullStream` insist on.
pub const NULL_TEXT: &str = "non-empty empty";

/// The largest payload of a frame.
pub const MAX: usize = 4 << 20;
