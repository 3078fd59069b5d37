//! The test services on ttrpc-rust's asynchronous API: they do what the Go peer's do, as far as the library lets them.

mod matrix;
mod peer;
mod streaming;

use std::{collections::HashMap, sync::Arc};

use protobuf::{well_known_types::any::Any, well_known_types::duration::Duration, Message};
use ttrpc::{get_status, r#async::Server, Code, Error};

use crate::{asynchronous, report};

pub use crate::asynchronous::streaming::EchoPayload;

/// Registers all of them.
pub fn register(server: Server) -> Server {
    server
        .register_service(asynchronous::streaming_ttrpc::create_streaming(Arc::new(streaming::Service)))
        .register_service(asynchronous::peer_ttrpc::create_peer(Arc::new(peer::Service)))
        .register_service(asynchronous::matrix_ttrpc::create_matrix(Arc::new(matrix::Service)))
}

pub fn payload(seq: u32, msg: impl Into<String>) -> EchoPayload {
    EchoPayload { seq, msg: msg.into(), ..Default::default() }
}

/// A status with the detail that Go's `Fail` attaches: a Duration of 1.5 s.
pub fn detailed(code: u32, text: &str) -> Error {
    let mut status = get_status(Code::OK, text);
    // A number, because a code need not be one that the enum has.
    status.code = protobuf::EnumOrUnknown::from_i32(code as i32);
    let detail = Duration { seconds: 1, nanos: 500_000_000, ..Default::default() };
    let any = Any::pack(&detail).expect("a Duration can be packed");
    let mut own = ttrpc::proto::Any::new();
    own.merge_from_bytes(&any.write_to_bytes().expect("an Any can be encoded")).expect("two Anys are one on the wire");
    status.details.push(own);
    Error::RpcStatus(status)
}

/// `{"key":["value",...]}`, keys sorted.
pub fn metadata_json(metadata: &HashMap<String, Vec<String>>) -> String {
    let mut pairs: Vec<_> = metadata.iter().collect();
    pairs.sort();
    let field = |(key, values): (&String, &Vec<String>)| {
        let values: Vec<String> = values.iter().map(|value| report::text(value)).collect();
        format!("{}:[{}]", report::text(key), values.join(","))
    };
    let fields: Vec<String> = pairs.into_iter().map(field).collect();
    format!("{{{}}}", fields.join(","))
}

/// What `Deadline` says of a timeout: whole milliseconds, or none.
pub fn deadline_text(timeout_nano: i64) -> String {
    match timeout_nano {
        0 => "none".into(),
        nanos => (nanos / 1_000_000).to_string(),
    }
}
