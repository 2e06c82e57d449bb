// Connections: a WebSocket, or a WebTransport session, with the same four verbs.
import { LineReader, chunkLine, chunkMessage, readChunk, readFrame } from "../core/wire.js";

/** @typedef {Record<string, any>} Frame */
/**
 * Who is told what a connection brings. `closed` comes once, last.
 * @typedef {{frame: (frame: Frame) => void, chunk: (transfer: number, offset: number, bytes: Uint8Array) => void,
 *   closed: () => void}} Handler
 */
/**
 * @typedef {{transport: "ws" | "webtransport", send: (frame: Frame) => void, close: () => void,
 *   sendChunk: (transfer: number, offset: number, bytes: Uint8Array) => void}} Link
 */

/** @typedef {import("./doors.js").Scope} Scope */

/**
 * Opens a WebSocket; rejects when it does not open in time.
 * @param {Scope} scope
 * @param {string} url
 * @param {Handler} handler
 * @param {number} patience in milliseconds
 * @returns {Promise<Link>}
 */
export function openWebSocket(scope, url, handler, patience) {
  return new Promise((resolve, reject) => {
    const socket = new scope.WebSocket(url);
    socket.binaryType = "arraybuffer";
    let open = false;
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      if (open) handler.closed();
      else reject(new Error("it did not open"));
      socket.close();
    };
    const timer = setTimeout(end, patience);
    socket.onclose = socket.onerror = end;
    socket.onmessage = ({ data }) => {
      if (over) return;
      if (typeof data === "string") {
        const frame = readFrame(data);
        if (frame) handler.frame(frame);
      } else {
        const chunk = readChunk(data);
        if (chunk) handler.chunk(chunk.transfer, chunk.offset, chunk.bytes);
      }
    };
    socket.onopen = () => {
      clearTimeout(timer);
      open = true;
      resolve({
        transport: "ws",
        send: (frame) => over || socket.send(JSON.stringify(frame)),
        sendChunk: (transfer, offset, bytes) => over || socket.send(chunkMessage(transfer, offset, bytes)),
        close: end,
      });
    };
  });
}

/**
 * Opens a WebTransport session and its stream; rejects when it does not open in time.
 * @param {Scope} scope
 * @param {string} url
 * @param {string[]} hashes SHA-256 of certificates to trust, in hex; none where an authority vouches for the server
 * @param {Handler} handler
 * @param {number} patience in milliseconds
 * @returns {Promise<Link>}
 */
export async function openWebTransport(scope, url, hashes, handler, patience) {
  const serverCertificateHashes = hashes.map((hex) => ({ algorithm: "sha-256", value: bytesOf(hex) }));
  const session = new scope.WebTransport(url, hashes.length ? { serverCertificateHashes } : {});
  session.closed.catch(() => {}); // told below, when it was open
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error("it did not open")), patience));
  try {
    await Promise.race([session.ready, late]);
    const stream = await Promise.race([session.createBidirectionalStream(), late]);
    return linkOver(session, stream, handler);
  } catch (error) {
    session.close();
    throw error;
  }
}

/**
 * @param {WebTransport} session
 * @param {WebTransportBidirectionalStream} stream
 * @param {Handler} handler
 * @returns {Link}
 */
function linkOver(session, stream, handler) {
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    handler.closed();
    try {
      session.close();
    } catch {
      // it is gone already
    }
  };
  /** @param {ReadableStream<Uint8Array>} readable */
  const read = async (readable) => {
    const lines = new LineReader((frame) => over || handler.frame(frame), handler.chunk);
    const reader = readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || over) return;
      lines.take(value);
    }
  };
  session.closed.then(end, end);
  read(stream.readable).then(end, end);
  // Files come on a stream of their own, so that no message waits behind them.
  const incoming = async () => {
    const streams = session.incomingUnidirectionalStreams.getReader();
    for (;;) {
      const { value, done } = await streams.read();
      if (done) return;
      read(value).catch(() => {});
    }
  };
  incoming().catch(() => {});
  const writer = stream.writable.getWriter();
  /** @type {Promise<WritableStreamDefaultWriter<Uint8Array>> | null} */
  let aside = null;
  const encoder = new TextEncoder();
  return {
    transport: "webtransport",
    send: (frame) => {
      if (!over) writer.write(encoder.encode(`${JSON.stringify(frame)}\n`)).catch(end);
    },
    sendChunk: (transfer, offset, bytes) => {
      if (over) return;
      aside ??= session.createUnidirectionalStream().then((writable) => writable.getWriter());
      aside.then((each) => each.write(chunkLine(transfer, offset, bytes))).catch(end);
    },
    close: end,
  };
}

/** @param {string} hex */
function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
