import type * as BreakerPackage from '@bulletproof/breaker';
import { isBulletproofError } from '@bulletproof/core';
import { Logger } from '@nestjs/common';
import type { ResolvedModuleOptions } from './options.js';

/** The breakers of `@Breaker`, as far as this application has to do with them. */
export interface Breakers {
  /** Ends those that were used. */
  close(): Promise<void>;
}

const NOTHING: Breakers = { close: async () => {} };
const MISSING = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/** Settings of an application before this one are ours to replace; a user's own are not. */
let areOurs = false;

/**
 * Puts the state of every `@Breaker` where the app's own is, if `@bulletproof/breaker` is installed and `configureBreakers`
 * was not called. Nothing is connected before the first call of one.
 */
export async function configureBreakersOf({
  app,
  breakers: areWanted,
}: ResolvedModuleOptions): Promise<Breakers> {
  const installed = areWanted ? await load() : undefined;
  if (!installed) return NOTHING;
  const { breakers, configureBreakers } = installed;
  if (breakers.isConfigured && !areOurs) return NOTHING;
  const { redis, prefix, logger } = app;
  try {
    configureBreakers({
      redis,
      ...(prefix !== undefined && { prefix }),
      ...(logger !== undefined && { logger }),
    });
  } catch (error) {
    if (!isBulletproofError(error, 'BREAKERS_IN_USE')) throw error;
    // Another application of this process has used them, and breakers are one for a process.
    new Logger('Bulletproof').warn(`The breakers stay where they are: ${error.message}`);
    return NOTHING;
  }
  areOurs = true;
  return { close: () => breakers.close() };
}

async function load(): Promise<typeof BreakerPackage | undefined> {
  try {
    return await import('@bulletproof/breaker');
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const isMissing = MISSING.includes(code ?? '') && message?.includes('@bulletproof/breaker');
    if (isMissing) return undefined;
    throw error;
  }
}
