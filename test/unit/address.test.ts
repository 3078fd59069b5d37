// parseAddress: every form, and what is said of what is none.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, TtrpcError } from "#lib/index.js";
import { type ParsedAddress, parseAddress, tcpAddress } from "#lib/channel/address.js";

const FORMS = 'use "unix:///path", "unix:@abstract", "/path", "tcp://host:port", "vsock://cid:port", "hvsock:///path:port" or "fd:3"';
const VSOCK = 'vsock addresses are "vsock://cid:port", with cid 0 to 4294967295, or -1 to listen for any, and port 0 to 4294967295';
const HVSOCK = 'hvsock addresses are "hvsock:///path:port", with port 0 to 4294967295';
const TCP = 'TCP addresses are "tcp://host:port", with port 0 to 65535';
const FD = 'inherited descriptors are "fd:3"';

describe("addresses", () => {
  const longPath = `/${"p".repeat(106)}`;
  const table: readonly (readonly [address: string, parsed: ParsedAddress])[] = [
    ["unix:///run/x.sock", { kind: "unix", path: "/run/x.sock" }],
    ["unix:/run/x.sock", { kind: "unix", path: "/run/x.sock" }],
    ["unix:x.sock", { kind: "unix", path: "x.sock" }],
    ["unix://x.sock", { kind: "unix", path: "x.sock" }],
    ["/run/x.sock", { kind: "unix", path: "/run/x.sock" }],
    ["/run/with space:and@", { kind: "unix", path: "/run/with space:and@" }],
    ["./x.sock", { kind: "unix", path: "./x.sock" }],
    ["../x.sock", { kind: "unix", path: "../x.sock" }],
    [longPath, { kind: "unix", path: longPath }],
    ["unix:@name", { kind: "abstract", name: "name" }],
    ["unix://@name", { kind: "abstract", name: "name" }],
    ["@name", { kind: "abstract", name: "name" }],
    ["@/containerd-shim/default/x.sock", { kind: "abstract", name: "/containerd-shim/default/x.sock" }],
    ["tcp://127.0.0.1:1024", { kind: "tcp", host: "127.0.0.1", port: 1024 }],
    ["tcp://localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
    ["tcp://:80", { kind: "tcp", host: "127.0.0.1", port: 80 }],
    ["tcp://[::1]:65535", { kind: "tcp", host: "::1", port: 65_535 }],
    ["tcp://[fe80::1%eth0]:1", { kind: "tcp", host: "fe80::1%eth0", port: 1 }],
    ["vsock://3:1024", { kind: "vsock", cid: 3, port: 1024 }],
    ["vsock://0:0", { kind: "vsock", cid: 0, port: 0 }],
    ["vsock://4294967295:4294967295", { kind: "vsock", cid: 4_294_967_295, port: 4_294_967_295 }],
    ["vsock://-1:1024", { kind: "vsock", cid: 4_294_967_295, port: 1024 }],
    ["hvsock:///run/vm.sock:1024", { kind: "hvsock", socket: { kind: "unix", path: "/run/vm.sock" }, port: 1024 }],
    ["hvsock://vm.sock:0", { kind: "hvsock", socket: { kind: "unix", path: "vm.sock" }, port: 0 }],
    ["hvsock:///run/a:1/vm:2:4294967295", { kind: "hvsock", socket: { kind: "unix", path: "/run/a:1/vm:2" }, port: 4_294_967_295 }],
    ["hvsock:///run/new\nline:1", { kind: "hvsock", socket: { kind: "unix", path: "/run/new\nline" }, port: 1 }],
    ["hvsock://@vm:1024", { kind: "hvsock", socket: { kind: "abstract", name: "vm" }, port: 1024 }],
    [`hvsock://${longPath}:1`, { kind: "hvsock", socket: { kind: "unix", path: longPath }, port: 1 }],
    ["fd:3", { kind: "fd", fd: 3 }],
    ["fd:0", { kind: "fd", fd: 0 }],
    ["fd:123456789", { kind: "fd", fd: 123_456_789 }],
    ["npipe:////./pipe/x", { kind: "pipe", path: "//./pipe/x" }],
    [String.raw`npipe:\\.\pipe\x`, { kind: "pipe", path: String.raw`\\.\pipe\x` }],
  ];
  for (const [address, parsed] of table) it(address, () => assert.deepEqual(parseAddress(address), parsed));
});

describe("what is no address", () => {
  const table: readonly (readonly [address: string, why: string])[] = [
    ["", FORMS],
    ["x.sock", FORMS],
    ["http://x", FORMS],
    ["UNIX:/x", FORMS],
    ["tcp:127.0.0.1:1", FORMS],
    ["unix:", "the path is empty"],
    ["unix://", "the path is empty"],
    ["unix:@", "the path is empty"],
    ["@", "the path is empty"],
    ["/run/\0x", "a path has no NUL bytes; write an abstract name as unix:@name"],
    ["unix:\0name", "a path has no NUL bytes; write an abstract name as unix:@name"],
    [`/${"p".repeat(107)}`, "path of 108 bytes exceeds the 107 byte limit of unix sockets"],
    [`/${"é".repeat(60)}`, "path of 121 bytes exceeds the 107 byte limit of unix sockets"],
    [`@${"n".repeat(107)}`, "name of 108 bytes exceeds the 107 byte limit of unix sockets"],
    ["tcp://", TCP],
    ["tcp://host", TCP],
    ["tcp://host:", TCP],
    ["tcp://host:65536", TCP],
    ["tcp://host:-1", TCP],
    ["tcp://host:1x", TCP],
    ["tcp://::1:80", TCP],
    ["tcp://[::1]", TCP],
    ["tcp://[]:80", TCP],
    ["vsock:3:1024", FORMS],
    ["VSOCK://3:1024", FORMS],
    ["vsock://", VSOCK],
    ["vsock://3", VSOCK],
    ["vsock://:1024", VSOCK],
    ["vsock://3:", VSOCK],
    ["vsock://3:-1", VSOCK],
    ["vsock://-2:1024", VSOCK],
    ["vsock://any:1024", VSOCK],
    ["vsock://3:1024/", VSOCK],
    ["vsock://4294967296:1024", VSOCK],
    ["vsock://3:4294967296", VSOCK],
    ["vsock://0x3:1024", VSOCK],
    ["vsock:// 3:1024", VSOCK],
    ["hvsock:/run/vm.sock:1024", FORMS],
    ["hvsock://", HVSOCK],
    ["hvsock:///run/vm.sock", HVSOCK],
    ["hvsock:///run/vm.sock:", HVSOCK],
    ["hvsock:///run/vm.sock:-1", HVSOCK],
    ["hvsock:///run/vm.sock:1x", HVSOCK],
    ["hvsock:///run/vm.sock:4294967296", HVSOCK],
    ["hvsock://:1024", "the path is empty"],
    ["hvsock://@:1024", "the path is empty"],
    ["hvsock:///run/\0x:1024", "a path has no NUL bytes; write an abstract name as unix:@name"],
    [`hvsock:///${"p".repeat(107)}:1`, "path of 108 bytes exceeds the 107 byte limit of unix sockets"],
    ["fd:", FD],
    ["fd:-1", FD],
    ["fd:3.5", FD],
    ["fd:x", FD],
    ["fd:1234567890", FD],
  ];
  for (const [address, why] of table) {
    it(JSON.stringify(address), () => {
      assert.throws(
        () => parseAddress(address),
        (error: unknown) => {
          assert.ok(error instanceof TtrpcError);
          assert.deepEqual([error.code, error.message], [Code.InvalidArgument, `address "${address}": ${why}`]);
          return true;
        },
      );
    });
  }

  for (const value of [undefined, null, 3, {}, Symbol("x")]) {
    it(`a value of type ${typeof value}`, () => {
      assert.throws(() => parseAddress(value as string), { code: Code.InvalidArgument, message: `an address must be a string, not ${typeof value}; ${FORMS}` });
    });
  }
});

describe("tcpAddress", () => {
  it("is what parseAddress takes", () => {
    for (const [host, port, address] of [
      ["127.0.0.1", 80, "tcp://127.0.0.1:80"],
      ["::1", 80, "tcp://[::1]:80"],
    ] as const) {
      assert.equal(tcpAddress(host, port), address);
      assert.deepEqual(parseAddress(address), { kind: "tcp", host, port });
    }
  });
});
