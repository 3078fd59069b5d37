use std::time::Duration;

use async_trait::async_trait;
use ttrpc::r#async::{ServerStream, ServerStreamReceiver, ServerStreamSender, TtrpcContext};
use ttrpc::{error::get_rpc_status, Code, Result};

use super::{payload, EchoPayload};
use crate::asynchronous::matrix_ttrpc::Matrix;

pub struct Service;

/// Does what the message orders; a blob is the answer, everything else is answered by the method.
async fn obey(order: &EchoPayload) -> Result<Option<EchoPayload>> {
    match order.msg.split(' ').next() {
        Some("fail") => {
            assert_eq!(order.seq, Code::NOT_FOUND as u32);
            Err(get_rpc_status(Code::NOT_FOUND, "as ordered"))
        }
        Some("wait") => {
            tokio::time::sleep(Duration::from_millis(order.seq.into())).await;
            Ok(None)
        }
        Some("blob") => Ok(Some(payload(0, "x".repeat(order.seq as usize)))),
        _ => Ok(None),
    }
}

#[async_trait]
impl Matrix for Service {
    async fn unary(&self, _: &TtrpcContext, order: EchoPayload) -> Result<EchoPayload> {
        let blob = obey(&order).await?;
        Ok(blob.unwrap_or_else(|| payload(order.seq + 1, order.msg)))
    }

    async fn server_stream(&self, _: &TtrpcContext, order: EchoPayload, stream: ServerStreamSender<EchoPayload>) -> Result<()> {
        match obey(&order).await? {
            Some(blob) => stream.send(&blob).await?,
            None => {
                for seq in 0..3 {
                    stream.send(&payload(seq, order.msg.as_str())).await?;
                }
            }
        }
        Ok(())
    }

    async fn client_stream(&self, _: &TtrpcContext, mut stream: ServerStreamReceiver<EchoPayload>) -> Result<EchoPayload> {
        let (mut messages, mut last) = (0, EchoPayload::new());
        while let Some(order) = stream.recv().await? {
            messages += 1;
            last = order;
        }
        let blob = obey(&last).await?;
        Ok(blob.unwrap_or_else(|| payload(messages, "")))
    }

    async fn bidi(&self, _: &TtrpcContext, mut stream: ServerStream<EchoPayload, EchoPayload>) -> Result<()> {
        while let Some(order) = stream.recv().await? {
            let blob = obey(&order).await?;
            stream.send(&blob.unwrap_or_else(|| payload(order.seq + 1, order.msg))).await?;
        }
        Ok(())
    }
}
