// A WebSocket client by `ws`: ws_client.js DIRECTORY URL. Every message must come back as it was.
const { WebSocket } = require(process.argv[2] + '/node_modules/ws');
const { randomBytes } = require('crypto');
const assert = require('assert');

const socket = new WebSocket(process.argv[3]);
const messages = ['hello', '', '\u00e4\u20ac\u{1f600}', 'x'.repeat(70000), randomBytes(1 << 20), Buffer.alloc(0)];
let next = 0;
const send = () => {
  if (next < messages.length) {
    socket.send(messages[next]);
  } else {
    socket.send('in ', { fin: false });
    socket.send('two', { fin: true });
  }
};
socket.on('open', send);
socket.on('message', (data, binary) => {
  if (next < messages.length) {
    assert.deepStrictEqual(binary ? data : data.toString(), messages[next]);
    next++;
    send();
  } else {
    assert.strictEqual(data.toString(), 'in two');
    socket.ping('are you there');
  }
});
socket.on('pong', (data) => {
  assert.strictEqual(data.toString(), 'are you there');
  socket.close(4001, 'done');
});
socket.on('close', (code) => {
  assert.strictEqual(code, 4001);
  console.log('ok');
});
