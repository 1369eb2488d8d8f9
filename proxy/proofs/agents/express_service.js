// An ordinary Express service: POST /WAY/PORT?key=K calls that port by fetch or node:http, and answers with what it was told.
// It knows nothing of traces and transactions.
const http = require('node:http');
const { createRequire } = require('node:module');
const express = createRequire(process.cwd() + '/')('express');

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

const app = express();
app.post('/:way/:port', async (request, response) => {
  const query = new URL(request.url, 'http://x').search;
  response.send(await ways[request.params.way](`http://127.0.0.1:${request.params.port}/reserve${query}`));
});
const server = app.listen(0, '127.0.0.1', () => console.log('port', server.address().port));
