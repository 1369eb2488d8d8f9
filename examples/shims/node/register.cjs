// The agent's `@opentelemetry/auto-instrumentations-node/register` with pg's SQL comments switched on, which no environment
// variable does. The agent is the one that the program finds from where it is started, or by NODE_PATH.
const { createRequire } = require('node:module');

const paths = [process.cwd(), ...(process.env.NODE_PATH ?? '').split(':').filter(Boolean), __dirname];
const agent = createRequire(require.resolve('@opentelemetry/auto-instrumentations-node', { paths }));
const { NodeSDK } = agent('@opentelemetry/sdk-node');
const { getNodeAutoInstrumentations } = agent('@opentelemetry/auto-instrumentations-node');

const sdk = new NodeSDK({
  instrumentations: getNodeAutoInstrumentations({
    '@opentelemetry/instrumentation-pg': { addSqlCommenterCommentToQueries: true },
  }),
});
sdk.start();
process.once('beforeExit', () => sdk.shutdown().catch(() => {}));
