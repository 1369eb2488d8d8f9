// An ordinary service: express and pg.
const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ host: '127.0.0.1', port: Number(process.env.DATABASE_PORT), user: 'shop', database: 'shop' });
const app = express();

app.post('/orders', async (request, response) => {
  const connection = await pool.connect();
  try {
    await connection.query('BEGIN');
    await connection.query('CREATE TABLE IF NOT EXISTS notes (text text)');
    await connection.query('INSERT INTO notes VALUES ($1)', ['a note']);
    await connection.query('COMMIT');
    response.status(201).json({ written: true });
  } finally {
    connection.release();
  }
});
app.get('/health', (request, response) => response.json({ up: true }));
app.listen(Number(process.env.PORT), '127.0.0.1');
