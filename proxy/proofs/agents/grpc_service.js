// An ordinary service of gRPC: front.Front/WAY with PORT KEY calls bank.Bank/Reserve on that port, and answers with what it was told.
// It knows nothing of traces and transactions.
const { createRequire } = require('node:module');
const { promisify } = require('node:util');
const grpc = createRequire(process.cwd() + '/')('@grpc/grpc-js');

const bytes = (text) => Buffer.from(text);
const text = (data) => data.toString();
const method = (path) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: text,
  responseSerialize: bytes,
  responseDeserialize: text,
});

const RESERVE = '/bank.Bank/Reserve';
const Bank = grpc.makeGenericClientConstructor({ reserve: method(RESERVE) }, 'bank.Bank');
const banks = new Map();
const bankAt = (port) => {
  if (!banks.has(port)) banks.set(port, new Bank(`127.0.0.1:${port}`, grpc.credentials.createInsecure()));
  return banks.get(port);
};

const ways = {
  handler: (bank, key, done) => bank.reserve(key, done),
  promise: (bank, key, done) => {
    const reserve = async () => {
      await null;
      return promisify(bank.reserve.bind(bank))(key);
    };
    reserve().then((told) => done(null, told), done);
  },
  // Without a client that is made of the service's description.
  plain: (bank, key, done) => bank.makeUnaryRequest(RESERVE, bytes, text, key, done),
};

const service = {};
const handlers = {};
for (const [name, way] of Object.entries(ways)) {
  service[name] = method(`/front.Front/${name}`);
  handlers[name] = (call, answer) => {
    const [port, key] = call.request.split(' ');
    way(bankAt(port), key, (error, told) => answer(null, error ? error.message : `OK ${told}`));
  };
}
const server = new grpc.Server();
server.addService(service, handlers);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log('port', port);
});
