// An ordinary Express service: POST /WAY/PORT?key=K calls that port by fetch or node:http, and answers with what it was told;
// POST /WAY/PORT/NAME/PEER adds one to account 1 of that database in one of the ways that programs have, and calls the port PEER.
// It knows nothing of traces and transactions.
const http = require('node:http');
const { createRequire } = require('node:module');
const from = createRequire(process.cwd() + '/');
const express = from('express');
const { Pool } = from('pg');

const ways = {
  fetch: async (to) => {
    const told = await fetch(to, { method: 'POST', body: '{}' });
    return `${told.status} ${await told.text()}`;
  },
  http: (to) =>
    new Promise((resolve, reject) => {
      const call = http.request(to, { method: 'POST' }, (told) => {
        let text = '';
        told.on('data', (data) => (text += data));
        told.on('end', () => resolve(`${told.statusCode} ${text}`));
      });
      call.on('error', reject);
      call.end('{}');
    }),
};

const ADD = 'UPDATE account SET balance = balance + $1 WHERE id = $2';
const pools = {};

const writes = {
  autocommit: (pool) => pool.query(ADD, [1, 1]),
  block: (pool) => inBlock(pool, (client) => client.query(ADD, [1, 1])),
  // Which has no comment of its own, so it is of the block that it is in.
  named: (pool) =>
    inBlock(pool, async (client) => {
      await client.query(ADD, [1, 1]);
      await client.query({ name: 'add', text: ADD, values: [0, 2] });
    }),
};

async function inBlock(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
  } catch (e) {
    await client.query('ROLLBACK');
    throw e;
  } finally {
    client.release();
  }
}

const app = express();
app.post('/:way/:port/:name/:peer', async (request, response) => {
  const { way, port, name, peer } = request.params;
  pools[port] ??= new Pool({ host: '127.0.0.1', port, user: 'postgres', database: name, max: 1 });
  try {
    await writes[way](pools[port]);
  } catch (e) {
    response.status(500).send(e.message);
    return;
  }
  response.send(await ways.fetch(`http://127.0.0.1:${peer}/work`));
});
app.post('/:way/:port', async (request, response) => {
  const query = new URL(request.url, 'http://x').search;
  response.send(await ways[request.params.way](`http://127.0.0.1:${request.params.port}/reserve${query}`));
});
const server = app.listen(0, '127.0.0.1', () => console.log('port', server.address().port));
