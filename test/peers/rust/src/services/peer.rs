use std::{process::exit, time::Duration};

use async_trait::async_trait;
use ttrpc::r#async::{ServerStream, ServerStreamReceiver, ServerStreamSender, TtrpcContext};
use ttrpc::{error::get_rpc_status, Code, Error, Result};

use super::{deadline_text, detailed, metadata_json, payload, EchoPayload};
use crate::asynchronous::{peer::Chunk, peer_ttrpc::Peer};

pub struct Service;

async fn count(request: &EchoPayload, stream: &ServerStreamSender<EchoPayload>) -> Result<()> {
    for seq in 0..request.seq {
        stream.send(&payload(seq, request.msg.as_str())).await?;
    }
    Ok(())
}

#[async_trait]
impl Peer for Service {
    async fn fail(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        match request.seq {
            0 => Ok(request),
            code => Err(detailed(code, &request.msg)),
        }
    }

    async fn sleep(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        tokio::time::sleep(Duration::from_millis(request.seq.into())).await;
        Ok(request)
    }

    async fn metadata(&self, ctx: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Ok(payload(request.seq, metadata_json(&ctx.metadata)))
    }

    async fn blob(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Ok(payload(request.seq, "x".repeat(request.seq as usize)))
    }

    /// A handler cannot return nothing in Rust. What it can do in its place is panic.
    async fn nil(&self, _: &TtrpcContext, _: EchoPayload) -> Result<EchoPayload> {
        panic!("nothing to return")
    }

    async fn plain_error(&self, _: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Err(Error::Others(request.msg))
    }

    async fn die(&self, _: &TtrpcContext, _: EchoPayload) -> Result<EchoPayload> {
        exit(3)
    }

    async fn deadline(&self, ctx: &TtrpcContext, request: EchoPayload) -> Result<EchoPayload> {
        Ok(payload(request.seq, deadline_text(ctx.timeout_nano)))
    }

    async fn echo_bytes(&self, _: &TtrpcContext, request: Chunk) -> Result<Chunk> {
        Ok(request)
    }

    async fn count(&self, _: &TtrpcContext, request: EchoPayload, stream: ServerStreamSender<EchoPayload>) -> Result<()> {
        count(&request, &stream).await
    }

    async fn fail_after(&self, _: &TtrpcContext, request: EchoPayload, stream: ServerStreamSender<EchoPayload>) -> Result<()> {
        count(&request, &stream).await?;
        Err(get_rpc_status(Code::NOT_FOUND, request.msg))
    }

    async fn collect(&self, _: &TtrpcContext, mut stream: ServerStreamReceiver<EchoPayload>) -> Result<EchoPayload> {
        let (mut messages, mut bytes) = (0, 0);
        while let Some(message) = stream.recv().await? {
            messages += 1;
            bytes += message.msg.len();
        }
        Ok(payload(messages, bytes.to_string()))
    }

    async fn echo2(&self, _: &TtrpcContext, mut stream: ServerStream<EchoPayload, EchoPayload>) -> Result<()> {
        while let Some(message) = stream.recv().await? {
            stream.send(&payload(message.seq + 1, message.msg)).await?;
        }
        Ok(())
    }

    /// Ends when something tells it that its call is over, and says so.
    async fn hold(&self, _: &TtrpcContext, mut stream: ServerStream<EchoPayload, EchoPayload>) -> Result<()> {
        loop {
            match stream.recv().await {
                Ok(Some(_)) => {}
                Ok(None) => std::future::pending().await,
                Err(error) => {
                    eprintln!("Hold ends: {error}");
                    return Err(error);
                }
            }
        }
    }
}
