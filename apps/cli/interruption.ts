/** Somebody pressed Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Aborted by Ctrl-C, for work that wants to tidy up behind itself; a second Ctrl-C ends the process as usual. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort(new Interrupted('Interrupted.'));
  });
  return controller.signal;
}
