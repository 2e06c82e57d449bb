// The protocol core of the page under node, over plain TCP: `node core_client.mjs FOLDER HOST PORT NAME TEXT...`.
// It says its texts, prints what it shows, and ends when the server says goodbye.
import net from "node:net";
import { pathToFileURL } from "node:url";

const [folder, host, port, name, ...texts] = process.argv.slice(2);
const { Session } = await import(`${pathToFileURL(folder)}/core/session.js`);
const { LineReader } = await import(`${pathToFileURL(folder)}/core/wire.js`);

const now = () => performance.now() / 1000;
const session = new Session({ username: name, client: "c".repeat(20), token: null, room: "", positions: {}, outbox: null });
for (const text of texts) session.post({ type: "send_message", text });

let timer;
let over = false;

function connect() {
  const socket = net.connect(Number(port), host);
  const pump = () => {
    clearTimeout(timer);
    for (const frame of session.toSend(now())) socket.write(`${JSON.stringify(frame)}\n`);
    const due = session.timer();
    if (due !== null) timer = setTimeout(() => (session.handleTimer(now()) ? pump() : socket.destroy()), Math.max(0, due - now()) * 1000);
  };
  const lines = new LineReader((frame) => {
    for (const shown of session.received(frame, now())) console.log(JSON.stringify(shown));
    if (frame.type === "bye") over = true;
    pump();
  }, () => {});
  socket.on("connect", () => {
    session.connected(now());
    pump();
  });
  socket.on("data", (bytes) => lines.take(bytes));
  socket.on("error", () => {});
  socket.on("close", () => {
    clearTimeout(timer);
    session.disconnected();
    if (!over) setTimeout(connect, 20);
  });
}

connect();
