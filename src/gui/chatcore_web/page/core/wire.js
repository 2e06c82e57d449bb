// How frames and chunks of files look on a connection. Pure.

/** @typedef {Record<string, any>} Frame */

const FRAME_BYTES = 64 * 1024; // of UTF-8: a longer frame ends the connection
const NUMBERS = 100; // bytes at most of the numbers that a request is known by
const CHUNK_HEAD = 13;
const CHUNK_MARK = 1;

/**
 * Reads a frame; null for what is none.
 * @param {string} text
 * @returns {Frame | null}
 */
export function readFrame(text) {
  try {
    const frame = JSON.parse(text);
    return frame !== null && typeof frame === "object" && typeof frame.type === "string" ? frame : null;
  } catch {
    return null;
  }
}

/**
 * How many bytes a text takes in a frame: `"` counts two, a control character up to six.
 * @param {string} text
 */
export function textBytes(text) {
  return jsonBytes(text) - 2;
}

/** @param {unknown} value */
function jsonBytes(value) {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/**
 * Why no server takes a request, as a refusal; null where one may. It would end each connection that it is sent over.
 * @param {Frame} request
 * @param {number} most bytes of a text
 */
export function tooLarge(request, most) {
  if (textBytes(request.text ?? "") > most) return { code: "too_large", values: { text_bytes: most } };
  return jsonBytes(request) + NUMBERS > FRAME_BYTES ? { code: "too_large", values: {} } : null;
}

/**
 * A text that can be sent: halves of characters are replaced.
 * @param {string} text
 */
export function sendable(text) {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}

/**
 * A chunk as a binary WebSocket message.
 * @param {number} transfer
 * @param {number} offset
 * @param {Uint8Array} bytes
 */
export function chunkMessage(transfer, offset, bytes) {
  const message = new Uint8Array(CHUNK_HEAD + bytes.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, CHUNK_MARK);
  view.setUint32(1, transfer);
  view.setUint32(5, Math.floor(offset / 2 ** 32));
  view.setUint32(9, offset >>> 0);
  message.set(bytes, CHUNK_HEAD);
  return message;
}

/**
 * Reads a binary WebSocket message; null for what is no chunk.
 * @param {ArrayBuffer} message
 */
export function readChunk(message) {
  const view = new DataView(message);
  if (view.byteLength < CHUNK_HEAD || view.getUint8(0) !== CHUNK_MARK) return null;
  const offset = view.getUint32(5) * 2 ** 32 + view.getUint32(9);
  return { transfer: view.getUint32(1), offset, bytes: new Uint8Array(message, CHUNK_HEAD) };
}

/** Takes a stream of bytes apart: lines of JSON, and chunks, which are a line and so many raw bytes. */
export class LineReader {
  /**
   * @param {(frame: Frame) => void} onFrame
   * @param {(transfer: number, offset: number, bytes: Uint8Array) => void} onChunk
   */
  constructor(onFrame, onChunk) {
    this.onFrame = onFrame;
    this.onChunk = onChunk;
    this.rest = new Uint8Array(0);
    /** @type {Frame | null} */
    this.head = null; // of the chunk whose bytes are to come
  }

  /** @param {Uint8Array} bytes */
  take(bytes) {
    let data = bytes;
    if (this.rest.length) {
      data = new Uint8Array(this.rest.length + bytes.length);
      data.set(this.rest);
      data.set(bytes, this.rest.length);
    }
    let at = 0;
    for (;;) {
      if (this.head) {
        const size = Number(this.head.bytes) || 0;
        if (data.length - at < size) break;
        this.onChunk(this.head.transfer, this.head.offset, data.slice(at, at + size));
        this.head = null;
        at += size;
      } else {
        const end = data.indexOf(10, at);
        if (end < 0) break;
        const frame = readFrame(new TextDecoder().decode(data.subarray(at, end)));
        at = end + 1;
        if (frame?.type === "file_chunk") this.head = frame;
        else if (frame) this.onFrame(frame);
      }
    }
    this.rest = data.slice(at);
  }
}

/**
 * A chunk as it stands in a stream of bytes.
 * @param {number} transfer
 * @param {number} offset
 * @param {Uint8Array} bytes
 */
export function chunkLine(transfer, offset, bytes) {
  const head = JSON.stringify({ type: "file_chunk", transfer, offset, bytes: bytes.length });
  const line = new TextEncoder().encode(`${head}\n`);
  const out = new Uint8Array(line.length + bytes.length);
  out.set(line);
  out.set(bytes, line.length);
  return out;
}
