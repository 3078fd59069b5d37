use async_trait::async_trait;
use protobuf::well_known_types::empty::Empty;
use ttrpc::r#async::{ServerStream, ServerStreamReceiver, ServerStreamSender, TtrpcContext};
use ttrpc::{Error, Result};

use super::{payload, EchoPayload};
use crate::asynchronous::{
    streaming::{Part, Sum},
    streaming_ttrpc::Streaming,
};
use crate::NULL_TEXT;

pub struct Service;

fn check_null(message: &EchoPayload, want: u32) -> Result<()> {
    if message.seq == want && message.msg == NULL_TEXT {
        return Ok(());
    }
    Err(Error::Others(format!("message {want}: got seq {}, msg {:?}", message.seq, message.msg)))
}

#[async_trait]
impl Streaming for Service {
    async fn echo(&self, _: &TtrpcContext, mut request: EchoPayload) -> Result<EchoPayload> {
        request.seq += 1;
        Ok(request)
    }

    async fn echo_stream(&self, _: &TtrpcContext, mut stream: ServerStream<EchoPayload, EchoPayload>) -> Result<()> {
        while let Some(message) = stream.recv().await? {
            stream.send(&payload(message.seq + 1, message.msg)).await?;
        }
        Ok(())
    }

    async fn sum_stream(&self, _: &TtrpcContext, mut stream: ServerStreamReceiver<Part>) -> Result<Sum> {
        let mut sum = Sum::new();
        while let Some(part) = stream.recv().await? {
            sum.sum += part.add;
            sum.num += 1;
        }
        Ok(sum)
    }

    async fn divide_stream(&self, _: &TtrpcContext, request: Sum, stream: ServerStreamSender<Part>) -> Result<()> {
        let share = request.sum / request.num;
        for i in 0..request.num {
            let add = if i + 1 < request.num { share } else { request.sum - share * (request.num - 1) };
            stream.send(&Part { add, ..Default::default() }).await?;
        }
        Ok(())
    }

    async fn echo_null(&self, _: &TtrpcContext, mut stream: ServerStreamReceiver<EchoPayload>) -> Result<Empty> {
        let mut want = 0;
        while let Some(message) = stream.recv().await? {
            check_null(&message, want)?;
            want += 1;
        }
        Ok(Empty::new())
    }

    async fn echo_null_stream(&self, _: &TtrpcContext, mut stream: ServerStream<Empty, EchoPayload>) -> Result<()> {
        let mut want = 0;
        while let Some(message) = stream.recv().await? {
            check_null(&message, want)?;
            want += 1;
            for _ in 0..10 {
                stream.send(&Empty::new()).await?;
            }
        }
        Ok(())
    }

    async fn empty_payload_stream(&self, _: &TtrpcContext, _: Empty, stream: ServerStreamSender<EchoPayload>) -> Result<()> {
        for seq in 1..=2 {
            stream.send(&payload(seq, "")).await?;
        }
        Ok(())
    }
}
