// The service of the matrix (matrix.proto), as ours serve it.
import { setTimeout as sleep } from "node:timers/promises";
import { bidi, clientStream, type Code, defineService, type HandlerContext, type Implementation, serverStream, TtrpcError, unary } from "ttrpc";
import { EchoPayload } from "../support/services.js";

export const Matrix = defineService("ttrpc.test.Matrix", {
  unary: unary("Unary", EchoPayload, EchoPayload),
  serverStream: serverStream("ServerStream", EchoPayload, EchoPayload),
  clientStream: clientStream("ClientStream", EchoPayload, EchoPayload),
  bidi: bidi("Bidi", EchoPayload, EchoPayload),
});

/** Does what the message orders. A blob is the answer; undefined leaves it to the method. */
async function obey({ seq, msg }: EchoPayload, { signal }: HandlerContext): Promise<{ msg: string } | undefined> {
  const [word = ""] = msg.split(" ", 1);
  switch (word) {
    case "fail":
      throw new TtrpcError(seq as Code, "as ordered");
    case "wait":
      await sleep(seq, undefined, { signal });
      return undefined;
    case "blob":
      return { msg: "x".repeat(seq) };
    default:
      return undefined;
  }
}

export const matrix: Implementation<typeof Matrix> = {
  async unary(order, context) {
    return (await obey(order, context)) ?? { seq: order.seq + 1, msg: order.msg };
  },
  async *serverStream(order, context) {
    const blob = await obey(order, context);
    if (blob !== undefined) yield blob;
    else for (let seq = 0; seq < 3; seq++) yield { seq, msg: order.msg };
  },
  async clientStream(orders, context) {
    let seq = 0;
    let last = EchoPayload.create();
    for await (const order of orders) {
      seq++;
      last = order;
    }
    return (await obey(last, context)) ?? { seq };
  },
  async *bidi(orders, context) {
    for await (const order of orders) yield (await obey(order, context)) ?? { seq: order.seq + 1, msg: order.msg };
  },
};
