// A WebSocket server by `ws` that sends every message back; prints its port.
const { WebSocketServer } = require(process.argv[2] + '/node_modules/ws');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
server.on('listening', () => console.log(server.address().port));
