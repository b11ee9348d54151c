// `node --import .../register.mjs file.ts` runs TypeScript sources: for child processes of tests.
import * as nodeModule from 'node:module';
import { loadSync, resolveSync } from './hooks.mjs';

process.setSourceMapsEnabled(true);

if ('registerHooks' in nodeModule && typeof nodeModule.registerHooks === 'function') {
  nodeModule.registerHooks({ resolve: resolveSync, load: loadSync });
} else {
  nodeModule.register('./hooks.mjs', import.meta.url); // Node 20 has only the hooks of a thread of their own
}
