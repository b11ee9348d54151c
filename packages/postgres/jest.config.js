import { fileURLToPath } from 'node:url';
import base from '../../jest.base.js';

const tooling = (file) =>
  fileURLToPath(new URL(`../../packages/tooling/src/jest/${file}`, import.meta.url));

/** The shared settings, with a real PostgreSQL beside the real Redis. */
export default {
  ...base,
  globalSetup: tooling('servers-setup.mjs'),
  globalTeardown: tooling('servers-teardown.mjs'),
};
