// What these cases taught about Go's peer.
export const notes: readonly string[] = [
  'A text that is no UTF-8 is refused as `string field contains invalid UTF-8`, without the "proto:" that other decoding errors begin with.',
  "protobuf-go writes a no-break space behind `proto:` in some builds. The tables show a plain one; ours always writes a plain one.",
  "Errors of the packages io, os and context get their codes by identity. Wrapped in another error they are Unknown; only a status is found inside.",
  "`EINVAL` is not `os.ErrInvalid`: Unknown. `ENOTEMPTY` counts as something that exists, `EPERM` as not permitted.",
  "A nil result is refused for unary calls alone. A client stream's handler that returns nil has answered with an empty message.",
  "A nil as a stream's message goes out as Data 0x04. A Go client takes that for an empty message, as ours does.",
  "A method with one request keeps room for one message: Data on such a stream is taken in silence once, and waits for a second from then on. Its end is taken in silence.",
  "A stream's client is told of a connection that broke inside a frame with the bare error, `unexpected EOF` or `failed reading message: unexpected EOF`. For a unary call the end of the client comes first, nearly always.",
  "After a message that cannot be decoded a Go client's stream goes on: the next read gives the next message.",
  "After a frame over the limit each read of a Go client's stream gives the same error; after a status the second read waits for as long as the connection lives.",
  "A Go client takes the payload of Data 0x05 for nothing, whatever it is.",
  "A Go client that is answered with Data by a server of one response ends that stream: error first, then the end.",
  "A read error other than the end or a reset leaves Go's connection open: replies of calls in flight still come, and nothing is ever read again. No peer can cause one from its end of a unix socket: " +
    "for that case Go's server, and ours, read from a connection of the test's own, so both columns of ours show the same run.",
  "The length field's first byte is part of the length, for Go as for ours. A length near 4 GiB was not tried.",
  "Go sends a reply first and forgets its stream then, and a handler that is done before its stream was noted leaves an entry for good. Data that comes in between finds a stream: " +
    "on a unary call that crashes Go's server although the reply is there already. The cases wait where that would show.",
  "JavaScript has no io.EOF, no other error of package io (H3, H4) and no os.ErrInvalid: the handler here throws a TtrpcError of that code, so those cells are the same by " +
    "construction. System errors (H5, H8, H9) are made with Go's text, so only their codes are compared; the same goes for a message together with an error.",
  "Not shown by a case: the second for which a full stream holds up the other calls of a Go client, and the entry that a failed stream leaves in it.",
  "Not among the vectors: hybrid vsock's lines, which Go's ttrpc does not have (test/rpc/hvsock.test.ts has them), and NRI's multiplexer, which this package does not have.",
];
