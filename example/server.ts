// The example's server: `server ADDRESS [native|node]`. Ends with its standard input, or on SIGTERM.
import { Server } from "ttrpc";
import { platformHandshake } from "./handshake.js";
import { Example, Notes } from "./example_ttrpc.js";

const [address = "unix:///tmp/ttrpc-example.sock", channel = "native"] = process.argv.slice(2) as [string?, ("native" | "node")?];

const server = new Server({ channel, handshake: platformHandshake(channel) })
  .service(Example, {
    method1: ({ foo, bar }) => ({ foo, bar }),
    method2: () => ({}),
  })
  .service(Notes, {
    echo: ({ seq, msg }) => ({ seq: seq + 1, msg }),
    async total(notes) {
      let seq = 0;
      let letters = 0;
      for await (const { msg } of notes) {
        seq++;
        letters += msg.length;
      }
      return { seq, msg: String(letters) };
    },
    *watch({ seq, msg }) {
      for (let i = 0; i < seq; i++) yield { seq: i, msg };
    },
    async *chat(notes) {
      for await (const { seq, msg } of notes) yield { seq: seq + 1, msg };
    },
  });

const listener = await server.listen(address);
process.stdout.write(`listening on ${listener.address}\n`);
const stop = (): void => void server.shutdown({ timeoutMs: 1_000 });
process.stdin.resume().once("end", stop);
process.once("SIGTERM", () => {
  stop();
  process.stdin.pause();
});
