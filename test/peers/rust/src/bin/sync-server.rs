//! ttrpc-rust's synchronous server: unary methods only.

use std::{process::exit, sync::Arc, thread, time::Duration};

use ttrpc::{Error, Result, Server, TtrpcContext};
use ttrpc_rust_peer::args::{fail, Args};
use ttrpc_rust_peer::blocking::{peer_ttrpc, peer_ttrpc::Peer, streaming::EchoPayload, streaming_ttrpc, streaming_ttrpc::Streaming};
use ttrpc_rust_peer::{life, services};

struct Services;

fn payload(seq: u32, msg: String) -> EchoPayload {
    EchoPayload { seq, msg, ..Default::default() }
}

impl Streaming for Services {
    fn echo(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Ok(payload(request.seq + 1, request.msg))
    }
}

impl Peer for Services {
    fn fail(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        match request.seq {
            0 => Ok(request),
            code => Err(services::detailed(code, &request.msg)),
        }
    }

    fn sleep(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        thread::sleep(Duration::from_millis(request.seq.into()));
        Ok(request)
    }

    fn metadata(&self, ctx: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Ok(payload(request.seq, services::metadata_json(&ctx.metadata)))
    }

    fn blob(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Ok(payload(request.seq, "x".repeat(request.seq as usize)))
    }

    fn nil(&self, _: &TtrpcContext, _: EchoPayload) -> Result<EchoPayload> {
        panic!("nothing to return")
    }

    fn plain_error(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Err(Error::Others(request.msg))
    }

    fn die(&self, _: &TtrpcContext, _: EchoPayload) -> Result<EchoPayload> {
        exit(3)
    }

    fn deadline(&self, ctx: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Ok(payload(request.seq, services::deadline_text(ctx.timeout_nano)))
    }
}

fn main() {
    let address = Args::parse(&["address"]).address();
    let service = Arc::new(Services);
    let server = Server::new().bind(&address).unwrap_or_else(|error| fail(&error.to_string()));
    let mut server = server.register_service(streaming_ttrpc::create_streaming(service.clone())).register_service(peer_ttrpc::create_peer(service));
    server.start().unwrap_or_else(|error| fail(&error.to_string()));
    life::ready(&address);
    life::until_stdin_ends(&address)
}
