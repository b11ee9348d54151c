/** The few commands that scripts need, so that nothing here depends on a client library. */
export interface RedisPort {
  /** Whether keys of one command must share a hash slot. */
  readonly isCluster: boolean;
  /** EVALSHA; rejects with an error whose message begins with `NOSCRIPT` when the server does not know the script. */
  evalsha(sha1: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** EVAL. */
  eval(source: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}
