// How a process of this app begins and ends, whoever starts it: a person, a container, or the demo.

/** Tells a parent process, if there is one that listens, that this process works now. */
export function announceReady(facts: Record<string, string>): void {
  process.send?.({ type: 'ready', ...facts });
}

/** Runs `end` once at SIGTERM or SIGINT, then leaves with status 0, or 1 when `end` failed. */
export function onTermination(end: () => Promise<void>): void {
  let ending = false;
  const finish = () => {
    if (ending) return;
    ending = true;
    end().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', finish);
  process.on('SIGINT', finish);
}

/** Makes a process that was forked end soon after its parent, even if that is killed with `kill -9`. */
export function endWithParent(): void {
  const end = () => {
    setTimeout(() => process.exit(1), FAREWELL_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  };
  // False, not undefined: there was a parent, and it went away while this process was still loading.
  if (process.connected === false) end();
  else process.once('disconnect', end);
}

const FAREWELL_MS = 3_000;
