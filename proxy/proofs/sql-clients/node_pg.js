// Node's pg: comments on BEGIN and COMMIT too, values in unnamed statements, and statements of a name, which never have a comment.
// Arguments: port, the comment that names a branch, where the packages are. Prints "ok".
const [port, comment, packages] = process.argv.slice(2)
const { Client } = require(require.resolve('pg', { paths: [packages] }))

async function main () {
  const client = new Client({ host: '127.0.0.1', port, database: 'postgres', user: 'postgres' })
  await client.connect()
  const update = `UPDATE accounts SET balance = balance + $1 WHERE id = 1 RETURNING balance ${comment}`
  for (let i = 0; i < 3; i++) {
    await client.query('BEGIN ' + comment)
    const result = await client.query(update, [1])
    if (result.rowCount !== 1) throw new Error('rows: ' + result.rowCount)
    await client.query({ name: 'book', text: 'INSERT INTO bookings VALUES ($1)', values: ['n'] })
    await client.query('COMMIT ' + comment)
  }
  await client.query('BEGIN ' + comment)
  await client.query(update, [1000])
  await client.query('ROLLBACK ' + comment)
  await client.query(update, [1]) // a block of its own
  await client.end()
  console.log('ok')
}

main().catch(e => { console.error(e); process.exit(1) })
