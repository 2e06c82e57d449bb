// The plain way to bring every message to everybody with the npm package `ws`: node ws_bare.cjs PORT
// No chat, no names, no history, no limits. The first message of a client is sent back to it alone: that is its login.
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false });
const members = new Set();
server.on("connection", (client) => {
  client.on("close", () => members.delete(client));
  client.on("message", (data) => {
    if (!members.has(client)) {
      members.add(client);
      client.send(data, { binary: false });
    } else {
      for (const member of members) member.send(data, { binary: false });
    }
  });
});
