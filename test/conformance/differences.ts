// Where ours is not Go's on purpose. Nothing else may differ.
export const differences = {
  "lives on": "Go's process ends, and all its connections with it. Ours answers that call and goes on.",
  "reply too large": "Go closes the connection, and every call in flight on it fails. Ours fails the one call, with the code and text of an oversize frame.",
  "last word":
    "A Response ends a stream. Go's handler runs on after a refusal and its frames follow the Response, where every client drops them; ours are not sent.",
  "by bytes": "Go refuses what its handler has not read after 64 messages, ours after a mebibyte. A client that sends in bursts is not punished.",
  "one request":
    "A method with one request reads no Data. Go queues a first frame that nobody will read, and holds up the connection for a second at the next; ours refuses each at once.",
  "answers in time": "Go's handler answers a deadline or nobody does. Ours answers by itself, so a handler that ignores its deadline does not hold its caller.",
  "no deaf connections": "After an unusual read error Go keeps a connection that it never reads again. Ours ends it, as for the usual ones.",
  "replies are finished":
    "Go drops the replies that a client waits for when it ends its direction. Ours sends them, over unix sockets, and cuts the streams that it had not ended. Over TCP that client cannot be told from one that is gone.",
  "end in the request":
    "Go's server ignores remote-closed on the Request of a client stream, and its handler waits for as long as the connection lives. Ours takes it for the end.",
  "nothing is a mistake":
    "A handler that returns nothing has forgotten something. Go says so for unary calls only, and makes it an empty message, or a frame without one, on streams.",
  "end by itself":
    "Go's handlers can send a last message and the end in one frame. Generators have no such thing: the message and the end go out as two frames.",
  "reason of a signal":
    "What ends a handler here is the reason of its signal, a TtrpcError: an error caused by it keeps its code, as all do that are caused by a status.",
  "names of types": "A type is called what its language calls it.",
  "codes for all": "Go's own errors are no statuses, and carry no code. Ours carry one. The text is Go's; what could not be decoded is named in front of it.",
  "one end":
    "Go tells a stream how the connection broke, and a unary call only that it did. Ours tells both that it is closed; the reason is the error's cause.",
  "errors stay":
    "Go's stream gives its error once. The next read waits for as long as the connection lives, or finds the end, or the next message. Ours gives the same error each time.",
  "error is all": "Go fills the response from a payload that came beside an error. Ours has the error only.",
  "no phantom":
    "Go sends 0x02 where requests follow, which Rust's server takes for a first message that is empty. 0x06 says that there is none, and Go's server accepts it.",
  "reply first": "Go may report the end of the connection although the reply came before it: it picks at random. Ours delivers the reply.",
} as const;

export type Difference = keyof typeof differences;
